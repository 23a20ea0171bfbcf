package loaders

import (
	"bytes"
	"errors"
	"io"
)

// arraysMax is how many arrays may stand around the records: Zipkin answers with a list of traces,
// each a list of spans.
const arraysMax = 2

// splitter cuts a stream of JSON into the objects that a load works on: the elements of a top
// level array (or of the arrays in it), or each top level value. It finds ends by brackets and
// quotes alone; whether an object is valid JSON is the parser's business. Text between the
// objects becomes a record of its own, which the parser refuses, so that nothing is passed over
// in silence.
type splitter struct {
	from      io.Reader
	recordMax int
	isLines   bool // a record that is open when a line begins with another was cut off

	buffer  []byte
	start   int   // where the open record begins in buffer, or -1
	next    int   // the first byte not looked at yet
	line    int64 // of the byte at next
	begun   int64 // line of the open record
	nth     int64 // how many records began on the line of the last one, before it
	depth   int
	text    bool // inside a string
	escaped bool
	arrays  int  // how many arrays stand around the records
	tooLong bool // the open record is being passed over
	bare    bool // the open record is text between objects
	atEnd   bool
	pending block
	bytes   int
}

func newSplitter(from io.Reader, recordMax int) *splitter {
	file, isFile := from.(*stream)
	return &splitter{from: from, recordMax: recordMax, start: -1, line: 1,
		isLines: isFile && isLines(file.head())}
}

func (s *splitter) run(send func(block) error) error {
	for !s.atEnd {
		if err := s.fill(); err != nil {
			return err
		}
		s.scan()
		if s.bytes >= blockBytes || s.atEnd {
			if err := s.flush(send); err != nil {
				return err
			}
		}
		s.limit()
	}
	return nil
}

// fill reads more behind the open record, which it moves to a fresh buffer because the old one
// belongs to records already handed on.
func (s *splitter) fill() error {
	keep := s.buffer[len(s.buffer):]
	if s.start >= 0 {
		keep = s.buffer[s.start:]
		s.start = 0
	}
	size := blockBytes
	if small, isStream := s.from.(*stream); isStream && small.head().Whole {
		size = len(small.head().Bytes) + 1
	}
	fresh := make([]byte, len(keep), max(2*len(keep), size))
	copy(fresh, keep)
	n, err := io.ReadFull(s.from, fresh[len(keep):cap(fresh)])
	s.atEnd = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !s.atEnd {
		return err
	}
	s.buffer, s.next = fresh[:len(keep)+n], len(keep)
	return nil
}

// scan walks the new bytes and notes each record that closes.
func (s *splitter) scan() {
	for ; s.next < len(s.buffer); s.next++ {
		c := s.buffer[s.next]
		if c == '\n' {
			s.endLine()
		}
		if s.text {
			s.insideText(c)
			continue
		}
		switch c {
		case '"':
			s.beginBare()
			s.text = true
		case '{', '[':
			s.endBare()
			s.open(c)
		case '}', ']':
			s.endBare()
			s.close()
		case ' ', '\t', '\r', '\n', ',':
			s.endBare()
		default:
			s.beginBare()
		}
	}
	switch {
	case !s.atEnd:
	case s.start >= 0 || s.tooLong:
		s.take(len(s.buffer))
	case s.arrays > 0: // the end is missing, between two records
		s.begin()
		s.pending.records = append(s.pending.records, record{text: []byte(unclosed),
			line: s.begun, nth: s.nth})
		s.start = -1
	}
}

// endLine is at the end of a line. A record that was cut off takes no other with it where each has
// a line of its own, which begins with a bracket.
func (s *splitter) endLine() {
	if s.isLines && endsRecord(s.buffer[s.next+1:]) {
		if s.start >= 0 || s.tooLong {
			s.take(s.next)
		}
		s.depth, s.arrays, s.text, s.escaped = 0, 0, false, false
	}
	s.line++
}

// endsRecord reports that a line begins as a record does, as far as its text is known.
func endsRecord(next []byte) bool {
	return len(next) == 0 || next[0] == '{' || next[0] == '['
}

// unclosed stands as a record for the end of an array that the file does not hold.
const unclosed = "["

// beginBare opens a record at text that stands where objects should.
func (s *splitter) beginBare() {
	if s.start < 0 && !s.tooLong && s.depth == s.arrays {
		s.begin()
		s.bare = true
	}
}

func (s *splitter) begin() {
	s.nth++
	if s.line != s.begun {
		s.nth = 0
	}
	s.start, s.begun = s.next, s.line
}

func (s *splitter) endBare() {
	if s.bare {
		s.take(s.next)
	}
}

func (s *splitter) insideText(c byte) {
	switch {
	case s.escaped:
		s.escaped = false
	case c == '\\':
		s.escaped = true
	case c == '"':
		s.text = false
	}
}

func (s *splitter) open(c byte) {
	if s.start < 0 && s.depth == s.arrays && !s.tooLong {
		if c == '[' && s.arrays < arraysMax {
			s.arrays++
			s.depth++
			return
		}
		s.begin()
	}
	s.depth++
}

func (s *splitter) close() {
	if s.depth > 0 {
		s.depth--
	}
	switch {
	case s.depth == s.arrays && (s.start >= 0 || s.tooLong):
		s.take(s.next + 1)
	case s.depth < s.arrays:
		s.arrays = s.depth
	}
}

func (s *splitter) take(end int) {
	r := record{line: s.begun, nth: s.nth, tooLong: s.tooLong}
	if !s.tooLong && end-s.start > s.recordMax {
		r.tooLong = true
	} else if !s.tooLong {
		r.text = bytes.TrimSpace(s.buffer[s.start:end])
	}
	s.pending.records = append(s.pending.records, r)
	s.bytes += len(r.text) + recordBytes
	s.start, s.tooLong, s.bare = -1, false, false
}

// limit stops keeping a record that grew beyond the limit; its end is still looked for.
func (s *splitter) limit() {
	if s.start >= 0 && len(s.buffer)-s.start > s.recordMax {
		s.start, s.tooLong = -1, true
	}
}

func (s *splitter) flush(send func(block) error) error {
	if len(s.pending.records) == 0 {
		return nil
	}
	full := s.pending
	s.pending, s.bytes = block{}, 0
	return send(full)
}
