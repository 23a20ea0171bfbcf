package loaders

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// Binary files of traces: the Collector's file exporter puts each message behind its length (4
// bytes, big endian) when it writes protobuf, and when it compresses each message alone, which
// was its only way for long; and bare protobuf requests as OTLP/HTTP carries them.
// The line of a record is its number in the file.

func otlpFrames() Format {
	return Format{
		Name: "otlp.file_exporter", Leg: LegTrace,
		About: "OTLP traces of the Collector's file exporter: messages behind their length, " +
			"protobuf or JSON, each compressed with zstd or not",
		recognise: func(h *Head) Match {
			kind := frameKind(h.Bytes, h.Whole)
			return Match{Fits: kind != "", Why: "a 4-byte length, then " + kind}
		},
		load: func(j *Job) error {
			budget := new(atomic.Int64)
			budget.Store(j.options.FileBytesMax)
			return j.eachTrace(j.readFrames, func(t *tracer) func(block) error {
				return newFrameReader(t, budget).block
			})
		},
	}
}

func otlpProto() Format {
	return Format{
		Name: "otlp.protobuf", Leg: LegTrace,
		About: "OTLP traces as one protobuf export request, or several joined",
		recognise: func(h *Head) Match {
			return Match{Fits: isExportRequest(h.Bytes, h.Whole),
				Why: "protobuf fields of an OTLP export request"}
		},
		load: func(j *Job) error {
			return j.eachTrace(j.readGroups, func(t *tracer) func(block) error {
				reader := newProtoReader(t)
				return t.w.messages(func(r record) error {
					return reader.groupRecord(r.text, r.line)
				})
			})
		},
	}
}

func zstdMagic() []byte { return []byte{0x28, 0xb5, 0x2f, 0xfd} }

// frameKind says what stands behind the length that a file begins with, or "".
func frameKind(head []byte, isWhole bool) string {
	if len(head) < 6 {
		return ""
	}
	length := uint64(binary.BigEndian.Uint32(head))
	body := head[4:]
	isCut := length > uint64(len(body))
	if length == 0 || (isCut && isWhole) || length > 1<<30 {
		return ""
	}
	if !isCut {
		body = body[:length]
	}
	switch {
	case bytes.HasPrefix(body, zstdMagic()):
		return "a message compressed with zstd"
	case bytes.HasPrefix(body, []byte(`{"resource`)):
		return "a message in JSON"
	case isExportRequest(body, !isCut):
		return "a protobuf message"
	}
	return ""
}

// isExportRequest reports an export request by the fields of its first resource; head may be cut
// off when it is not the whole.
func isExportRequest(head []byte, isWhole bool) bool {
	if len(head) < 4 || head[0] != 1<<3|wireBytes {
		return false
	}
	length, n := binary.Uvarint(head[1:])
	if n <= 0 || length == 0 {
		return false
	}
	group := head[1+n:]
	isCut := length > uint64(len(group))
	if isCut && isWhole {
		return false
	}
	group = group[:min(length, uint64(len(group)))]
	for seen := 0; ; seen++ {
		if len(group) == 0 {
			return seen > 0
		}
		tag := group[0]
		isKnown := tag == 1<<3|wireBytes || tag == 2<<3|wireBytes || tag == 3<<3|wireBytes
		if !isKnown && !bytes.HasPrefix(group, []byte{0xc2, 0x3e}) { // 1000, of old
			return false
		}
		_, rest, err := cutField(group)
		if err != nil {
			return isCut
		}
		group = rest
	}
}

// messageQueue gathers messages into blocks.
type messageQueue struct {
	send    func(block) error
	pending block
	bytes   int
	line    int64
}

func (q *messageQueue) add(r record) error {
	q.line++
	r.line = q.line
	q.pending.records = append(q.pending.records, r)
	if q.bytes += len(r.text) + recordBytes; q.bytes < blockBytes {
		return nil
	}
	return q.flush()
}

func (q *messageQueue) flush() error {
	full := q.pending
	q.pending, q.bytes = block{}, 0
	if len(full.records) == 0 {
		return nil
	}
	return q.send(full)
}

// message takes one of a given length off the stream; it reports whether the stream goes on.
func (j *Job) message(q *messageQueue, length uint64) (bool, error) {
	if length > uint64(j.options.RecordBytesMax) {
		skipped, err := io.CopyN(io.Discard, j.stream, int64(min(length, 1<<62)))
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		isWhole := uint64(skipped) == length
		return isWhole, q.add(record{tooLong: isWhole, cutOff: !isWhole})
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(j.stream, text); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, q.add(record{cutOff: true})
		}
		return false, err
	}
	return true, q.add(record{text: text})
}

// readFrames cuts the file into messages behind their length. A file that is still being written
// ends within one.
func (j *Job) readFrames(send func(block) error) error {
	q := &messageQueue{send: send}
	goesOn := true
	for goesOn {
		var length [4]byte
		n, err := io.ReadFull(j.stream, length[:])
		switch {
		case n == 0 && errors.Is(err, io.EOF):
			return q.flush()
		case errors.Is(err, io.ErrUnexpectedEOF):
			goesOn, err = false, q.add(record{cutOff: true})
		case err == nil:
			goesOn, err = j.message(q, uint64(binary.BigEndian.Uint32(length[:])))
		}
		if err != nil {
			return err
		}
	}
	return q.flush()
}

// readGroups cuts a bare request, or several, into the spans of each resource.
func (j *Job) readGroups(send func(block) error) error {
	q, numbers := &messageQueue{send: send}, &byteReader{from: j.stream}
	for {
		tag, err := binary.ReadUvarint(numbers)
		if errors.Is(err, io.EOF) {
			return q.flush()
		}
		length := uint64(0)
		if err == nil {
			length, err = binary.ReadUvarint(numbers)
		}
		if numbers.failed != nil {
			return numbers.failed
		}
		goesOn := err == nil && tag == 1<<3|wireBytes
		if goesOn {
			goesOn, err = j.message(q, length)
		} else {
			err = q.add(record{cutOff: true})
		}
		if err != nil {
			return err
		}
		if !goesOn {
			return q.flush()
		}
	}
}

// byteReader reads single bytes and keeps apart what failed from what ended.
type byteReader struct {
	from   io.Reader
	one    [1]byte
	failed error
}

// ReadByte gives the next byte.
func (b *byteReader) ReadByte() (byte, error) {
	_, err := io.ReadFull(b.from, b.one[:])
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return b.one[0], err
}

// messages handles the messages of a block.
func (w *worker) messages(handle func(record) error) func(block) error {
	return func(b block) error {
		for _, r := range b.records {
			var err error
			switch {
			case r.tooLong:
				err = w.reject(r.line, "message longer than the limit", nil)
			case r.cutOff:
				err = w.reject(r.line, "the file ends, or is damaged, within this message", nil)
			default:
				err = w.settle(handle(r), r.line, nil)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// frameReader reads messages of any form that the file exporter writes.
type frameReader struct {
	w      *worker
	json   *otlpReader
	proto  *protoReader
	block  func(block) error
	unzip  *zstd.Decoder
	plain  []byte
	budget *atomic.Int64 // bytes that the messages of the file may still decompress to
}

func newFrameReader(t *tracer, budget *atomic.Int64) *frameReader {
	r := &frameReader{w: t.w, json: newOTLPReader(t), proto: newProtoReader(t), budget: budget}
	r.block = t.w.messages(r.message)
	return r
}

func (r *frameReader) message(m record) error {
	text := m.text
	if bytes.HasPrefix(text, zstdMagic()) {
		var err error
		if text, err = r.decompress(text); err != nil {
			return err
		}
	}
	if len(text) == 0 || text[0] != '{' {
		return r.proto.request(text, m.line)
	}
	if !r.w.tape.parse(text) {
		return badRow("not valid JSON: %s", r.w.fault(text))
	}
	return r.json.document(r.w.tape.top(), m.line)
}

func (r *frameReader) decompress(text []byte) ([]byte, error) {
	if r.unzip == nil {
		limit := zstd.WithDecoderMaxMemory(uint64(r.w.job.options.RecordBytesMax))
		unzip, err := zstd.NewReader(nil, limit, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		r.unzip = unzip
	}
	plain, err := r.unzip.DecodeAll(text, r.plain[:0])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		return nil, badRow("message decompresses beyond the limit")
	}
	if err != nil {
		return nil, badRow("message cannot be decompressed: zstd: %s", err)
	}
	r.plain = plain
	if r.budget.Add(-int64(len(plain))) < 0 {
		return nil, tooLarge(r.w.job.path)
	}
	return plain, nil
}

func tooLarge(path string) error {
	return &FileError{Path: path, Problem: "decompresses beyond the size limit",
		Hint: "split the export, or check that it is not a decompression bomb"}
}
