package loaders

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// headBytes is how much of a file the recognition looks at.
const headBytes = 256 << 10

// firstBytesMax is how much of a file, as it lies on disk, Marks are chosen by.
const firstBytesMax = 4 << 10

// stream reads a file, hashing what lies on disk and giving what is inside gzip or zstd.
type stream struct {
	path   string
	file   *os.File
	onDisk *countingReader

	bytesMax int64 // as many bytes of the file are read
	raw      *bufio.Reader
	unzip    *gzip.Reader
	inside   *bufio.Reader
	closer   func()

	isPlain bool         // what is inside is what lies on disk
	seen    *Head        // what head found
	shape   keyShape     // of the file before
	parquet *parquetFile // nil unless the file is one
	carried *unwrapped   // nil unless records are read that others carry
}

// countingReader hashes and counts what passes, and stops when the context ends.
type countingReader struct {
	ctx    context.Context
	from   io.Reader
	sum    hash.Hash
	read   int64
	all    *atomic.Int64 // counts what all files have read; may be nil
	choose Marks         // may be nil
	marks  []int64       // that are to come
	hashes map[int64]string
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.from.Read(p)
	if c.read == 0 && c.choose != nil {
		for n < min(len(p), firstBytesMax) && err == nil {
			var more int
			more, err = c.from.Read(p[n:])
			n += more
		}
		if n > 0 {
			c.marks = c.choose(p[:min(n, firstBytesMax)])
		}
	}
	c.digest(p[:n])
	if c.all != nil {
		c.all.Add(int64(n))
	}
	return n, err
}

// digest hashes what was read, and notes the hash at the marks.
func (c *countingReader) digest(p []byte) {
	for len(c.marks) > 0 && c.marks[0] <= c.read+int64(len(p)) {
		mark := c.marks[0]
		upTo := mark - c.read
		c.sum.Write(p[:upTo])
		c.read, p, c.marks = mark, p[upTo:], c.marks[1:]
		if c.hashes == nil {
			c.hashes = map[int64]string{}
		}
		c.hashes[mark] = hex.EncodeToString(c.sum.Sum(nil))
	}
	c.sum.Write(p)
	c.read += int64(len(p))
}

// limitedReader fails, rather than ends, when more than its limit comes.
type limitedReader struct {
	from io.Reader
	left int64
	path string
}

func (l *limitedReader) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, &FileError{Path: l.path, Problem: "decompresses beyond the size limit",
			Hint: "split the export, or check that it is not a decompression bomb"}
	}
	return n, err
}

// newStream makes a stream with its buffers, which serves one file after another.
func newStream() *stream {
	s := &stream{onDisk: &countingReader{sum: sha256.New()}, bytesMax: math.MaxInt64}
	s.raw = bufio.NewReaderSize(s.onDisk, headBytes)
	s.inside = bufio.NewReaderSize(nil, headBytes)
	return s
}

// open begins a file; the stream must be closed before it opens another.
func (s *stream) open(ctx context.Context, path string, options Options) error {
	file, err := openPlain(path)
	if err != nil {
		return &FileError{Path: path, Problem: "cannot be opened: " + errText(err),
			Hint: "check the path and the permissions"}
	}
	s.path, s.file, s.closer = path, file, func() {}
	s.seen, s.parquet = nil, nil
	s.onDisk.ctx, s.onDisk.from, s.onDisk.read = ctx, io.LimitReader(file, s.bytesMax), 0
	s.onDisk.marks, s.onDisk.hashes = nil, nil
	s.onDisk.sum.Reset()
	s.raw.Reset(s.onDisk)
	if err := s.decompress(options); err != nil {
		file.Close()
		return err
	}
	s.decodeUTF16()
	s.skipBOM()
	s.decodeInspected()
	return nil
}

// openPlain opens a file that lies on disk. os.Open asks first whether the file is one to wait for,
// with five calls of the system more: a third of what thousands of small files cost.
func openPlain(path string) (*os.File, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), path), nil
		case !errors.Is(err, syscall.EINTR):
			return nil, err
		}
	}
}

func (s *stream) decompress(options Options) error {
	magic, err := s.raw.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return &FileError{Path: s.path, Problem: "cannot be read: " + errText(err)}
	}
	var inside io.Reader = s.raw
	s.isPlain = true
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		s.isPlain = false
		if s.unzip == nil {
			s.unzip = &gzip.Reader{}
		}
		if err := s.unzip.Reset(s.raw); err != nil {
			return &FileError{Path: s.path, Problem: "gzip: " + err.Error()}
		}
		inside = s.unzip
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		s.isPlain = false
		unzstd, err := zstd.NewReader(s.raw, zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return &FileError{Path: s.path, Problem: "zstd: " + err.Error()}
		}
		inside, s.closer = unzstd, unzstd.Close
	}
	limited := &limitedReader{from: inside, left: options.FileBytesMax, path: s.path}
	s.inside.Reset(limited)
	return nil
}

// decodeUTF16 puts a decoder in front of text that spreadsheets wrote as UTF-16.
func (s *stream) decodeUTF16() {
	first, _ := s.inside.Peek(4)
	isBig, isUTF16 := utf16Order(first)
	if !isUTF16 {
		return
	}
	s.readThrough(&utf16Reader{from: s.inside, isBig: isBig})
}

// decodeInspected puts a translator in front of objects as JavaScript's console prints them.
func (s *stream) decodeInspected() {
	if first, _ := s.inside.Peek(inspectedBytes); isInspected(first) {
		s.isPlain = false
		s.readThrough(&inspectedReader{from: s.inside})
	}
}

// readThrough gives what a reader makes of what is inside.
func (s *stream) readThrough(reader io.Reader) {
	from, before := s.inside, s.closer
	s.inside = bufio.NewReaderSize(reader, headBytes)
	s.closer = func() {
		before()
		s.inside = from
	}
}

func (s *stream) skipBOM() {
	if mark, _ := s.inside.Peek(3); bytes.Equal(mark, []byte{0xef, 0xbb, 0xbf}) {
		_, _ = s.inside.Discard(3)
	}
}

// head looks at the beginning without consuming it.
func (s *stream) head() *Head {
	if s.seen == nil {
		first, err := s.inside.Peek(headBytes)
		if isParquet(first) {
			s.seen = s.parquetHead(first)
		} else {
			s.seen = newHead(first, err != nil, &s.shape)
			s.seen.isCarried = s.carried != nil
		}
	}
	return s.seen
}

// parquetHead reads the columns from the end of the file, which compression would hide.
func (s *stream) parquetHead(first []byte) *Head {
	head := &Head{Bytes: first, IsParquet: true}
	if !s.isPlain {
		head.Problem = "Parquet inside gzip or zstd; decompress it, it is compressed in itself"
		return head
	}
	parquet, err := openParquet(s.file)
	if err != nil {
		head.Problem = "Parquet that cannot be read: " + err.Error()
		return head
	}
	s.parquet = parquet
	head.Columns = s.parquet.names()
	return head
}

// Read gives the decompressed bytes.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.inside.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		var file *FileError
		if !errors.As(err, &file) && s.onDisk.ctx.Err() == nil {
			err = &FileError{Path: s.path, Problem: "cannot be read to its end: " + errText(err),
				Hint: "the file may be cut off or still being written; export it again"}
		}
	}
	return n, err
}

// drain reads to the end so that the hash covers the whole file.
func (s *stream) drain() error {
	if _, err := io.Copy(io.Discard, s); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, s.onDisk)
	return err
}

func (s *stream) sha256() string { return hex.EncodeToString(s.onDisk.sum.Sum(nil)) }

func (s *stream) bytes() int64 { return s.onDisk.read }

func (s *stream) close() {
	s.closer()
	s.file.Close()
	s.onDisk.choose = nil
}

// errText drops the path that os errors repeat.
func errText(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return fmt.Sprint(err)
}
