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
// whole, each night. Their print guards against damage and strangers' changes, not against forgery:
// two checksums of each block, which the processor works out at the speed of its memory, and the
// hash of all these.

// printBlock is the part of a file that has checksums of its own.
const printBlock = int64(1 << 20)

// print tells a file's content from any other that it may have come to be.
type print struct {
	sum   string
	bytes int64
}

// printFile reads a whole file, several blocks at once.
func printFile(path string, threads int) (print, error) {
	file, err := os.Open(path)
	if err != nil {
		return print{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return print{}, err
	}
	blocks := make([]int64, (info.Size()+printBlock-1)/printBlock)
	for i := range blocks {
		blocks[i] = int64(i)
	}
	const sumBytes = 8
	sums := make([]byte, sumBytes*len(blocks))
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	buffers := sync.Pool{New: func() any { return new([printBlock]byte) }}
	err = inParallel(context.Background(), threads, blocks, func(block int64) error {
		buffer := buffers.Get().(*[printBlock]byte)
		defer buffers.Put(buffer)
		from := block * printBlock
		part := buffer[:min(printBlock, info.Size()-from)]
		if _, err := file.ReadAt(part, from); err != nil {
			return err
		}
		sum := sums[sumBytes*block:]
		binary.BigEndian.PutUint32(sum, crc32.Checksum(part, castagnoli))
		binary.BigEndian.PutUint32(sum[4:], crc32.ChecksumIEEE(part))
		return nil
	})
	if err != nil {
		return print{}, err
	}
	all := sha256.Sum256(sums)
	return print{hex.EncodeToString(all[:]), info.Size()}, nil
}
