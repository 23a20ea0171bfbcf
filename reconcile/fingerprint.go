package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// A store, and the reports that days are taken over from, are compared each night with what a run
// left. One that looks as it did is that; else it is read as a whole. That guards against damage
// and strangers' changes, not against forgery: a report has a hash, and a database a stamp, and
// blocks that are what their checksums say.

// The form of a database file: three pages of what it is, the last two of which take turns, and
// blocks that begin with their checksum.
// Source: https://duckdb.org/docs/stable/internals/storage, and what version 1.1 writes.
const (
	databaseHead  = 3 * 4096
	databaseBlock = 256 << 10
	checksumBytes = 8
)

// stampOf reads of a database what DuckDB writes anew with all that it changes: the head of the
// file, and the checksum of each block.
func stampOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	all := sha256.New()
	if _, err := io.Copy(all, io.NewSectionReader(file, 0, databaseHead)); err != nil {
		return "", err
	}
	var checksum [checksumBytes]byte
	for from := int64(databaseHead); from < info.Size(); from += databaseBlock {
		n, err := file.ReadAt(checksum[:], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		all.Write(checksum[:n])
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

var errUnsound = errors.New("a block that is not what its checksum says")

// checkBlocks reads a whole database, several blocks at once, and wants each to be what its
// checksum says.
func checkBlocks(path string, threads int) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var blocks []int64
	for from := int64(databaseHead); from < info.Size(); from += databaseBlock {
		blocks = append(blocks, from)
	}
	buffers := sync.Pool{New: func() any { return new([databaseBlock]byte) }}
	return inParallel(context.Background(), threads, blocks, func(from int64) error {
		block := buffers.Get().(*[databaseBlock]byte)
		defer buffers.Put(block)
		if _, err := file.ReadAt(block[:], from); err != nil {
			return err
		}
		if checksumOf(block[checksumBytes:]) != binary.LittleEndian.Uint64(block[:]) {
			return errUnsound
		}
		return nil
	})
}

// checksumOf is DuckDB's checksum of whole words.
// Source: https://github.com/duckdb/duckdb/blob/v1.1.3/src/common/checksum.cpp
func checksumOf(words []byte) uint64 {
	sum := uint64(5381)
	for ; len(words) >= 8; words = words[8:] {
		sum ^= binary.LittleEndian.Uint64(words) * 0xbf58476d1ce4e5b9
	}
	return sum
}

// sealOf is a word by which a database that this run made is known to a later one: its stamp, and
// how it looks.
func sealOf(path string) (string, error) {
	stamp, err := stampOf(path)
	if err != nil {
		return "", err
	}
	return sealWith(path, stamp)
}

const sealSeparator = "-"

// sealWith is the word by which a file of known content is known to a later run.
func sealWith(path, sum string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return sum + sealSeparator + lookSeal(info), nil
}

// lookSeal is how a file looks, as a seal says it.
func lookSeal(info os.FileInfo) string {
	state, _ := lookOf(info)
	return strings.ReplaceAll(state, " ", sealSeparator)
}

// isSealed reports that a file is what it was when it got its seal: it looks the same, or else, as
// a copy that was put back, has the same content.
func isSealed(path, seal string, threads int) bool {
	sum, look, _ := strings.Cut(seal, sealSeparator)
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if stateOf(info, time.Now()) != "" && lookSeal(info) == look {
		return true
	}
	if !isDuckDB(path) {
		found, err := hashFile(path)
		return err == nil && found.SHA256 == sum
	}
	stamp, err := stampOf(path)
	return err == nil && stamp == sum && checkBlocks(path, threads) == nil
}
