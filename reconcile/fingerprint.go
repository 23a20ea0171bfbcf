package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"os"
	"strings"
	"sync"
	"time"
)

// A store, and the reports that days are taken over from, are compared each night with what a run
// left. One that looks as it did is that; else it is read as a whole. Its fingerprint guards
// against damage and strangers' changes, not against forgery: a checksum of each block, which the
// processor works out at the speed of its memory, and the hash of all of them.

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
	state, _ := lookOf(info)
	return sum + sealSeparator + strings.ReplaceAll(state, " ", sealSeparator), nil
}

const sealSeparator = "-"

// isSealed reports that a file is what it was when it got its seal: it looks the same, or else, as
// a copy that was put back, has the same content.
func isSealed(path, seal string, threads int) bool {
	sum, look, _ := strings.Cut(seal, sealSeparator)
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	state := strings.ReplaceAll(stateOf(info, time.Now()), " ", sealSeparator)
	if state != "" && state == look {
		return true
	}
	found, err := fingerprintOf(path, threads)
	return err == nil && found == sum
}
