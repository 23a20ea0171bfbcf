package loaders

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// What JavaScript's console prints of an object, { name: 'chat', kind: 2 }, as the console exporter
// of its SDK does, is no JSON but can be read as it: names without quotes get them, texts get the
// quotes of JSON, and what has no value in JSON (undefined, [Object], a function) is null.

// inspectedBytes is within how much of a file such an object begins, behind lines of other text.
const inspectedBytes = 4 << 10

// inspectedTextMax is how long one text may be; none that has no end is kept whole.
const inspectedTextMax = 64 << 20

var errNoEnd = errors.New("a text that begins with a quote has no end within 64 MiB")

// isInspected tells a file of such text by the first object in it. Behind other lines, which may be
// of a table with anything in its cells, that must be a span.
func isInspected(first []byte) bool {
	switch start := bytes.TrimLeft(first, " \r\n\t"); {
	case len(start) == 0 || start[0] == '[':
		return false
	case start[0] == '{':
		return beginsInspected(start)
	}
	for _, key := range []string{"resource: {", "instrumentationScope: {", "traceId: '"} {
		if bytes.Contains(first, []byte("\n{\n  "+key)) {
			return true
		}
	}
	return false
}

// beginsInspected finds a name without quotes where JSON has one with them.
func beginsInspected(first []byte) bool {
	name := bytes.TrimLeft(first[1:], " \r\n\t")
	if len(name) == len(first)-1 {
		return false
	}
	length := 0
	for length < len(name) && isOfName(name[length]) {
		length++
	}
	return length > 0 && !isDigit(name[0]) && bytes.HasPrefix(name[length:], []byte(": "))
}

func isOfName(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || isDigit(c) || c == '_' || c == '$'
}

// inspectedReader gives such text as JSON. Of the lines between objects, which are the program's
// own, it leaves the ends.
type inspectedReader struct {
	from  *bufio.Reader
	out   []byte // what was made and is not yet read
	depth int
}

func (r *inspectedReader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		r.out = r.out[:0]
		if err := r.step(); err != nil && len(r.out) == 0 {
			return 0, err
		}
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// step makes JSON of what comes next.
func (r *inspectedReader) step() error {
	c, err := r.from.ReadByte()
	if err != nil {
		return err
	}
	switch {
	case r.depth == 0 && c != '{' && c != '<' && c != ' ':
		if c != '\n' {
			_, err = r.until('\n')
		}
		r.out = append(r.out, '\n')
		return err
	case c == '\'' || c == '"' || c == '`':
		return r.quoted(c)
	case c == '<': // <ref *1>
		_, err = r.until('>')
		return err
	case c == '[':
		return r.bracket()
	case c == '.': // ... 3 more items
		_, err = r.until('\n')
		r.out = append(r.out, "null\n"...)
		return err
	case isOfName(c), c == '-':
		return r.word(c)
	case c == '=': // of a map: 'a' => 1
		_, err = r.until('>')
		c = ':'
	case c == '{':
		r.depth++
	case c == '}':
		r.depth--
	}
	r.out = append(r.out, c)
	return err
}

// until passes over all up to a byte, and that.
func (r *inspectedReader) until(end byte) (last byte, err error) {
	for err == nil && last != end {
		last, err = r.from.ReadByte()
	}
	return last, err
}

// ahead is the next byte that is no space, which stays.
func (r *inspectedReader) ahead() byte {
	for i := 1; ; i++ {
		next, err := r.from.Peek(i)
		if err != nil {
			return 0
		}
		if c := next[i-1]; c != ' ' && c != '\n' && c != '\r' {
			return c
		}
	}
}

// bracket tells a list from what stands for a value: [Object], or [Object: null prototype] {.
func (r *inspectedReader) bracket() error {
	next, err := r.from.Peek(1)
	if err != nil || !isOfName(next[0]) || isDigit(next[0]) {
		r.out = append(r.out, '[')
		return nil
	}
	_, err = r.until(']')
	switch r.ahead() {
	case '{', '[':
	case ':':
		r.out = append(r.out, `"symbol"`...)
	default:
		r.out = append(r.out, "null"...)
	}
	return err
}

// word reads a name, a number, a time, or a word for a value.
func (r *inspectedReader) word(c byte) error {
	word, err := []byte{c}, error(nil)
	for {
		var next []byte
		next, err = r.from.Peek(1)
		isTime := isDigit(c) && len(word) >= 10
		if err != nil || len(word) > inspectedTextMax || !isOfName(next[0]) &&
			next[0] != '.' && next[0] != '-' && next[0] != '+' && (next[0] != ':' || !isTime) {
			break
		}
		word = append(word, next[0])
		_, _ = r.from.Discard(1)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	text := string(word)
	switch next := r.ahead(); {
	case next == ':':
		r.out = appendJSONText(r.out, text)
	case next == '{' || next == '[': // the name of a class
	case next == '(': // and its size
		_, err = r.until(')')
	case text == "true" || text == "false" || text == "null":
		r.out = append(r.out, text...)
	case isDigit(c) || c == '-':
		r.number(text)
	default:
		r.out = append(r.out, "null"...)
	}
	return err
}

func (r *inspectedReader) number(text string) {
	if whole := len(text) - 1; text[whole] == 'n' { // a BigInt
		text = text[:whole]
	}
	switch {
	case text == "-Infinity":
		r.out = append(r.out, "null"...)
	case fastjson.Validate(text) == nil:
		r.out = append(r.out, text...)
	default:
		r.out = appendJSONText(r.out, text)
	}
}

// quoted reads a text, the pieces of it that follow behind a plus, and how much of it was left out.
func (r *inspectedReader) quoted(quote byte) error {
	var text []byte
	for {
		c, err := r.from.ReadByte()
		switch {
		case err != nil:
			return err
		case len(text) > inspectedTextMax:
			return errNoEnd
		case c == '\\':
			if text, err = r.escaped(text); err != nil {
				return err
			}
			continue
		case c != quote:
			text = append(text, c)
			continue
		}
		if r.ahead() != '+' {
			break
		}
		_, _ = r.until('+')
		quote = r.ahead()
		if _, err = r.until(quote); err != nil {
			return err
		}
	}
	for isCut := r.ahead() == '.'; isCut; { // '…'... 12 more characters
		_, _ = r.from.Discard(1)
		next, err := r.from.Peek(1)
		isCut = err == nil && !bytes.ContainsAny(next, ",\n]}")
	}
	r.out = appendJSONText(r.out, string(text))
	return nil
}

// escaped reads what stands behind a backslash.
func (r *inspectedReader) escaped(text []byte) ([]byte, error) {
	c, err := r.from.ReadByte()
	digits := 0
	switch c {
	case 'n', 'r', 't', 'b', 'f', 'v':
		return append(text, ' '), err
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	default:
		return append(text, c), err
	}
	code, err := r.from.Peek(digits)
	if err != nil {
		return text, err
	}
	character, err := strconv.ParseUint(string(code), 16, 32)
	if err != nil {
		return append(text, c), nil
	}
	_, _ = r.from.Discard(digits)
	return utf8.AppendRune(text, rune(character)), nil
}
