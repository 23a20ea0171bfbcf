package loaders

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/valyala/fastjson"
)

// unwrapped is the stream of what records carry inside: one JSON object after the other, each on
// the line that its carrier begins on. What carries nothing is counted as passed over; what is cut
// off or no JSON leaves a mark in its place that is none either, and so becomes a reject.
type unwrapped struct {
	*wrapping
	recordMax int
	to        *bufio.Writer
	line      int64 // of what is written next
	passed    int64 // records without anything inside
	parsers   []*fastjson.Parser
	scratch   []byte
	beside    []byte       // what the trace in hand says of all its spans, or nil
	flat      *flatRecords // nil unless what is read has keys to be nested
	isByLine  bool         // each line is a record
	pieces
}

// broken stands for a record that cannot be read. It begins as a record does, since the file may
// begin with it.
const broken = "{broken}"

// atOdds stands for a record whose keys or columns say different things.
const atOdds = "{at odds}"

// unwrap makes the stream give what its records carry inside.
func (s *stream) unwrap(w *wrapping, recordMax int) {
	from, before, wasPlain, table := s.inside, s.closer, s.isPlain, s.parquet
	pipe, to := io.Pipe()
	u := &unwrapped{wrapping: w, recordMax: recordMax, to: bufio.NewWriter(to), line: 1}
	u.isByLine = isLines(s.head())
	if w.isFlat {
		u.flat = &flatRecords{nests: w.nests}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if table != nil {
			to.CloseWithError(errors.Join(u.parquet(table), u.to.Flush()))
			return
		}
		to.CloseWithError(errors.Join(u.run(from), u.giveUp(), u.to.Flush()))
	}()
	s.inside = bufio.NewReaderSize(pipe, headBytes)
	s.seen, s.carried, s.isPlain, s.parquet = nil, u, false, nil
	s.closer = func() {
		pipe.Close()
		<-done
		s.carried, s.isPlain = nil, wasPlain
		s.inside = from
		before()
	}
}

// passedOver is how many records carried nothing; it is known when all is read.
func (s *stream) passedOver() int64 {
	if s.carried == nil {
		return 0
	}
	return s.carried.passed
}

func (u *unwrapped) run(from io.Reader) error {
	switch {
	case u.isTable, u.column >= 0:
		return u.csv(from)
	case u.isLines:
		return eachLine(from, u.recordMax, u.oneLine)
	}
	rest := u.way
	if keys := u.listKeys(); keys != nil {
		from, rest = newMemberReader(from, keys...), u.way[len(keys)+1:]
	} else if u.isByLine {
		return eachLine(from, u.recordMax, func(text []byte, tooLong bool, line int64) error {
			return u.record(record{text: text, line: line, tooLong: tooLong}, rest)
		})
	}
	return newSplitter(from, u.recordMax).run(func(b block) error {
		for _, r := range b.records {
			if err := u.record(r, rest); err != nil {
				return err
			}
		}
		return nil
	})
}

// listKeys are the keys on the way to a list that need not be held as a whole, or nil.
func (u *unwrapped) listKeys() []string {
	var keys []string
	for i, step := range u.way {
		switch {
		case step.isEach && u.isObject && i > 0 && (i+1 == len(u.way) || !u.way[i+1].isEach):
			if u.said != nil && keys[i-1] == "spans" {
				return nil // one trace, which tells beside its spans whose they are
			}
			return keys
		case step.isEach || step.isEachRow || step.isText || step.isList:
			return nil
		}
		keys = append(keys, step.key)
	}
	return nil
}

func (u *unwrapped) record(r record, rest way) error {
	v, err := u.parser(0).ParseBytes(r.text)
	if r.tooLong || err != nil {
		return u.write(r.line, []byte(broken))
	}
	return u.carrier(v, rest, r.line)
}

// carrier writes what one record carries.
func (u *unwrapped) carrier(v *fastjson.Value, rest way, line int64) error {
	given, err := u.follow(v, rest, 0, line)
	if given == 0 {
		u.passed++
	}
	return err
}

// follow goes the way from a value and writes what is at its end.
func (u *unwrapped) follow(v *fastjson.Value, rest way, depth int, line int64) (int, error) {
	switch {
	case v == nil:
		return 0, nil
	case v.Type() == fastjson.TypeString:
		return u.text(v.GetStringBytes(), rest, depth+1, line)
	case len(rest) == 0 && v.Type() == fastjson.TypeObject:
		return 1, u.object(v, line)
	case len(rest) == 0:
		return 0, nil
	case rest[0].isList:
		return u.follow(attributeObject(v.GetArray()), rest[1:], depth, line)
	case rest[0].isEachRow:
		given, failed := 0, error(nil)
		v.GetObject().Visit(func(_ []byte, row *fastjson.Value) {
			if failed == nil {
				var n int
				n, failed = u.follow(row, rest[1:], depth, line)
				given += n
			}
		})
		return given, failed
	case !rest[0].isEach:
		before := u.beside
		u.lookBeside(v)
		given, err := u.follow(v.Get(rest[0].key), rest[1:], depth, line)
		u.beside = before
		return given, err
	}
	given := 0
	for _, element := range v.GetArray() {
		n, err := u.follow(element, rest[1:], depth, line)
		if given += n; err != nil {
			return given, err
		}
	}
	return given, nil
}

// lookBeside keeps what a trace says of all its spans.
func (u *unwrapped) lookBeside(v *fastjson.Value) {
	for _, name := range u.said {
		if said := v.Get("info", name); said != nil && said.Type() == fastjson.TypeObject {
			u.beside = said.MarshalTo(nil)
			return
		}
	}
}

// whole writes a record with what its trace says of it, unless it says so itself.
func (u *unwrapped) whole(v *fastjson.Value, to []byte) []byte {
	if u.beside == nil || v.GetObject().Len() == 0 || v.Get(u.said[0]) != nil {
		return v.MarshalTo(to)
	}
	to = append(append(append(append(to, `{"`...), u.said[0]...), `":`...), u.beside...)
	to = append(to, ',')
	at := len(to)
	to = v.MarshalTo(to)
	return append(to[:at], to[at+1:]...) // its own bracket
}

// object writes what is read.
func (u *unwrapped) object(v *fastjson.Value, line int64) error {
	if u.flat == nil {
		u.scratch = u.whole(v, u.scratch[:0])
		return u.write(line, u.scratch)
	}
	u.scratch = u.flat.appendNested(u.scratch[:0], v.GetObject())
	if len(u.scratch) == 0 {
		return u.write(line, []byte(atOdds))
	}
	return u.write(line, u.scratch)
}

// parser gives the parser for text inside of so many others: values live in their parser.
func (u *unwrapped) parser(depth int) *fastjson.Parser {
	for len(u.parsers) <= depth {
		u.parsers = append(u.parsers, &fastjson.Parser{})
	}
	return u.parsers[depth]
}

func (u *unwrapped) write(line int64, text []byte) error {
	for ; u.line < line; u.line++ {
		_ = u.to.WriteByte('\n') // an error stays and comes with the next
	}
	_, _ = u.to.Write(text)
	return u.to.WriteByte(' ')
}

// eachLine visits the lines that say something.
func eachLine(
	from io.Reader, lineMax int, visit func(text []byte, tooLong bool, line int64) error,
) error {
	reader := bufio.NewReaderSize(from, 64<<10)
	var text []byte
	for line := int64(1); ; line++ {
		text = text[:0]
		tooLong := false
		part, err := reader.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) {
			if tooLong = tooLong || len(text)+len(part) > lineMax; !tooLong {
				text = append(text, part...)
			}
			part, err = reader.ReadSlice('\n')
		}
		if text = append(text, part...); tooLong {
			text = slices.Clone([]byte(broken))
		}
		if len(bytes.TrimSpace(text)) > 0 {
			if err := visit(text, tooLong, line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (u *unwrapped) oneLine(text []byte, tooLong bool, line int64) error {
	if piece, isPiece := containerPiece(text); isPiece && (u.count > 0 || piece[0] == '{') {
		return u.field(piece, line)
	}
	v, isCut := lineValue(text)
	switch {
	case tooLong || isCut:
		return u.write(line, []byte(broken))
	case v == nil:
		u.passed++
		return nil
	}
	return u.carrier(v, u.way, line)
}
