package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"os"
	"sync"
)

// A store, and the reports that days are taken over from, are compared with what a run left as a
// whole, each night. Their fingerprint guards against damage and strangers' changes, not against
// forgery: a checksum of each block, which the processor works out at the speed of its memory, and
// the hash of all of them.

// fingerprintBlock is the part of a file that has a checksum of its own.
const fingerprintBlock = int64(256 << 10)

// fingerprint tells a file's content from any other that it may have come to be.
type fingerprint struct {
	sum   string
	bytes int64
}

// fingerprintOf reads a whole file, several blocks at once.
func fingerprintOf(path string, threads int) (fingerprint, error) {
	file, err := os.Open(path)
	if err != nil {
		return fingerprint{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fingerprint{}, err
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
		return fingerprint{}, err
	}
	all := sha256.Sum256(sums)
	return fingerprint{hex.EncodeToString(all[:]), info.Size()}, nil
}
