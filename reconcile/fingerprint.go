package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// A store, and the reports that days are taken over from, are compared each night with what a run
// left. One that looks as it did is that; else it is read as a whole: a store by a process of its
// own, and of a report the fingerprint, which guards against damage and strangers' changes, not
// against forgery: a checksum of each block, which the processor works out at the speed of its
// memory, and the hash of all of them.

// fingerprintBlock is the part of a file that has a checksum of its own.
const fingerprintBlock = int64(256 << 10)

// fingerprintOf reads a whole file, several blocks at once.
func fingerprintOf(path string, threads int) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	blocks := make([]int64, (info.Size()+fingerprintBlock-1)/fingerprintBlock)
	for i := range blocks {
		blocks[i] = int64(i)
	}
	const sumBytes = 4
	sums := make([]byte, sumBytes*len(blocks))
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	buffers := sync.Pool{New: func() any { return new([fingerprintBlock]byte) }}
	err = inParallel(context.Background(), threads, blocks, func(block int64) error {
		buffer := buffers.Get().(*[fingerprintBlock]byte)
		defer buffers.Put(buffer)
		from := block * fingerprintBlock
		part := buffer[:min(fingerprintBlock, info.Size()-from)]
		if _, err := file.ReadAt(part, from); err != nil {
			return err
		}
		binary.BigEndian.PutUint32(sums[sumBytes*block:], crc32.Checksum(part, castagnoli))
		return nil
	})
	if err != nil {
		return "", err
	}
	all := sha256.Sum256(sums)
	return hex.EncodeToString(all[:]), nil
}

// sealOf is a word by which a file that this run made is known to a later one: its fingerprint, and
// how it looks.
func sealOf(path string, threads int) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	sum, err := fingerprintOf(path, threads)
	if err != nil {
		return "", err
	}
	return sum + sealSeparator + stateSeal(info), nil
}

const sealSeparator = "-"

// stateSeal is how a file looks, as a seal says it.
func stateSeal(info os.FileInfo) string {
	state, _ := lookOf(info)
	return strings.ReplaceAll(state, " ", sealSeparator)
}

// storeSeal is the word by which a store is known to a later run: its stamp, and how it looks.
func storeSeal(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	stamp, err := stampOf(path)
	return stamp + sealSeparator + stateSeal(info), err
}

// stampOf reads of a database what DuckDB writes anew with all that it changes: the head of the
// file, and the checksum that each block begins with.
// Source: https://duckdb.org/docs/stable/internals/storage, and the storage of its version 1.1.
func stampOf(path string) (string, error) {
	const headBytes, blockBytes, checksumBytes = 3 * 4096, 256 << 10, 8
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
	var head [headBytes]byte
	for from, part := int64(0), head[:]; from < info.Size(); {
		n, err := file.ReadAt(part, from)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		all.Write(part[:n])
		if from == 0 {
			from, part = headBytes, head[:checksumBytes]
		} else {
			from += blockBytes
		}
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// isSealed reports that a file is what it was when it got its seal: it looks the same, or else, as
// a copy that was put back, has the same content.
func isSealed(path, seal string, threads int) bool {
	sum, look, _ := strings.Cut(seal, sealSeparator)
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if stateOf(info, time.Now()) != "" && stateSeal(info) == look {
		return true
	}
	found, err := fingerprintOf(path, threads)
	return err == nil && found == sum
}
