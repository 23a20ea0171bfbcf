package loaders

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// csvSplitter cuts a CSV stream into blocks of whole records. A record whose quoting is broken is
// handed on as a fault and reading goes on with the line after its first: an unterminated quote
// costs one line, and not the rest of the file.
type csvSplitter struct {
	from      io.Reader
	recordMax int
	comma     byte
	header    []string // as columnName makes them
	names     []string // the same as they are written
	known     *csvHeader
	below     csvBelow // of the header that was met last

	buffer []byte // from the first byte of the open record
	line   int64  // of that byte
	atEnd  bool
}

// newCSVSplitter reads the header, which also tells what separates the fields.
func newCSVSplitter(from io.Reader, recordMax int) (*csvSplitter, error) {
	s := &csvSplitter{from: from, recordMax: recordMax, line: 1, comma: ','}
	isStated := false
	for {
		s.skipBlankLines()
		if separator, length := statedSeparator(s.buffer); length > 0 {
			s.comma, isStated = separator, true
			s.buffer = s.buffer[length:]
			s.line++
			continue
		}
		first, _, isWhole := bytes.Cut(s.buffer, []byte{'\n'})
		if !isStated && (isWhole || s.atEnd) {
			s.comma = separatorOf(first)
		}
		if end, fault := csvEnd(s.buffer, s.comma, s.atEnd); fault != "" {
			return nil, errors.New(fault)
		} else if end > 0 {
			s.takeHeader(end)
			return s, nil
		}
		if s.atEnd {
			return nil, io.EOF
		}
		if len(s.buffer) > recordMax {
			return nil, errors.New("longer than the limit")
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

func (s *csvSplitter) skipBlankLines() {
	for len(s.buffer) > 0 && (s.buffer[0] == '\n' || s.buffer[0] == '\r') {
		if s.buffer[0] == '\n' {
			s.line++
		}
		s.buffer = s.buffer[1:]
	}
}

func (s *csvSplitter) takeHeader(end int) {
	text := bytes.TrimRight(s.buffer[:end], "\r\n")
	cells := &csvCells{}
	for _, name := range cells.cut(text, s.comma) {
		s.header = append(s.header, columnName(name))
		s.names = append(s.names, strings.TrimSpace(strings.Trim(strings.Clone(name), "\ufeff")))
	}
	s.names = unshouted(s.names)
	s.known = newCSVHeader(s.header, s.names)
	s.header, s.names = unmarked(s.header), unmarked(s.names)
	s.skip(end)
}

// skip moves behind a record.
func (s *csvSplitter) skip(end int) {
	s.line += int64(bytes.Count(s.buffer[:end], []byte{'\n'}))
	s.buffer = s.buffer[end:]
}

// separatorOf tells the separator by the header, outside of quotes: a comma, or else a semicolon
// or tab, as spreadsheets write them, or a bar, as warehouses do. Bars with blanks beside them are
// of logs and of tables for the eye.
func separatorOf(header []byte) byte {
	var bare []byte
	for i, part := range bytes.Split(header, []byte{'"'}) {
		if i%2 == 0 {
			bare = append(bare, part...)
		}
	}
	for _, separator := range []byte{',', ';', '\t'} {
		if bytes.IndexByte(bare, separator) >= 0 {
			return separator
		}
	}
	if bytes.IndexByte(bare, '|') >= 0 && !bytes.Contains(bare, []byte("| ")) &&
		!bytes.Contains(bare, []byte(" |")) {
		return '|'
	}
	return ','
}

func (s *csvSplitter) index() map[string]int {
	index := make(map[string]int, len(s.header))
	for i, name := range s.header {
		if _, twice := index[name]; !twice {
			index[name] = i
		}
	}
	return index
}

// fill reads more behind the open record, into a fresh buffer: the old one belongs to records
// already handed on.
func (s *csvSplitter) fill() error {
	size := blockBytes
	if small, isStream := s.from.(*stream); isStream && small.head().Whole {
		size = len(small.head().Bytes) + 1
	}
	fresh := make([]byte, len(s.buffer), max(2*len(s.buffer), size))
	copy(fresh, s.buffer)
	n, err := io.ReadFull(s.from, fresh[len(s.buffer):cap(fresh)])
	s.atEnd = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !s.atEnd {
		return err
	}
	s.buffer = fresh[:len(s.buffer)+n]
	return nil
}

func (s *csvSplitter) run(send func(block) error) error {
	for {
		if err := s.scan(send); err != nil {
			return err
		}
		if s.atEnd {
			return nil
		}
		if len(s.buffer) > s.recordMax {
			if err := s.passOver(send); err != nil {
				return err
			}
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// scan hands on all whole records of the buffer.
func (s *csvSplitter) scan(send func(block) error) error {
	done := 0
	for done < len(s.buffer) {
		if bytes.HasPrefix(s.buffer[done:], []byte("\ufeff")) { // of a file put behind another
			if err := s.hand(done, send); err != nil {
				return err
			}
			s.buffer, done = s.buffer[len("\ufeff"):], 0
			continue
		}
		end, fault := csvEnd(s.buffer[done:], s.comma, s.atEnd)
		if fault != "" {
			if err := s.hand(done, send); err != nil {
				return err
			}
			if err := s.fault(fault, send); err != nil {
				return err
			}
			done = 0
			continue
		}
		if end == 0 {
			break
		}
		if below, isHeader := s.known.again(s.buffer[done:done+end], s.comma); isHeader {
			if err := s.hand(done, send); err != nil {
				return err
			}
			done = 0
			if s.below = below; below.refusal == "" {
				s.skip(end)
				continue
			}
		}
		done += end
	}
	return s.hand(done, send)
}

// hand sends the records before done and moves on to what follows.
func (s *csvSplitter) hand(done int, send func(block) error) error {
	if done == 0 {
		return nil
	}
	b := block{text: s.buffer[:done], line: s.line, below: s.below}
	s.skip(done)
	return send(b)
}

// fault sends the first line of the buffer as what cannot be read.
func (s *csvSplitter) fault(reason string, send func(block) error) error {
	end := bytes.IndexByte(s.buffer, '\n') + 1
	if end == 0 {
		end = len(s.buffer)
	}
	bad := record{line: s.line, fault: reason}
	s.buffer = s.buffer[end:]
	s.line++
	return send(block{records: []record{bad}})
}

// passOver rejects a record that outgrew the limit, up to the end of its first line.
func (s *csvSplitter) passOver(send func(block) error) error {
	if bytes.IndexByte(s.buffer, '\n') >= 0 {
		return s.fault("a quote is not closed within the longest record", send)
	}
	rest, err := skipLine(s.from)
	if err != nil {
		return err
	}
	bad := record{line: s.line, tooLong: true}
	s.buffer = rest
	s.line++
	return send(block{records: []record{bad}})
}

// csvEnd finds where the record at the beginning of text ends, its line end included: 0 when the
// text ends before the record does. A fault says what is wrong with its quotes.
func csvEnd(text []byte, comma byte, atEnd bool) (end int, fault string) {
	for i := 0; i < len(text); {
		if text[i] == '"' {
			if i = quoteEnd(text, i+1); i < 0 {
				if atEnd {
					return 0, "not valid CSV: a quote is not closed"
				}
				return 0, ""
			}
		} else {
			i += fieldEnd(text[i:], comma)
		}
		switch {
		case i >= len(text):
		case text[i] == '"':
			return 0, "not valid CSV: a quote within a field that does not begin with one"
		case text[i] == '\n':
			return i + 1, ""
		case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
			return i + 2, ""
		case text[i] == '\r' && i+1 == len(text):
			i++
		case text[i] == comma:
			i++
		default:
			return 0, "not valid CSV: text after a closing quote"
		}
	}
	if atEnd {
		return len(text), ""
	}
	return 0, ""
}

// quoteEnd finds the place behind the closing quote, or -1.
func quoteEnd(text []byte, i int) int {
	for {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			return -1
		}
		if i += next + 1; i >= len(text) || text[i] != '"' {
			return i
		}
		i++
	}
}

// fieldEnd finds the separator or line end behind a field without quotes, or a quote within.
func fieldEnd(text []byte, comma byte) int {
	for i, c := range text {
		if c == comma || c == '\n' || c == '"' {
			return i
		}
	}
	return len(text)
}
