package loaders

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// Lines of text that hold JSON behind what a container's engine, a service's journal or a person's
// terminal put before it, and lines of names with values (level=info status=200), as Go programs
// log when nobody asks for JSON.

// lines searches lines of text.
func (s *wrapSearch) lines(head *Head) {
	seen := 0
	for line := range bytes.Lines(head.Bytes) {
		if seen++; seen > wrapRecordsMax {
			return
		}
		if v, _ := lineValue(line); v != nil && s.look(v) {
			return
		}
	}
}

// lineValue reads a line: JSON text, the one cell of a CSV row without a header, the JSON object
// that it ends with, or else an object of its names and values. An object that does not end is cut
// off.
func lineValue(line []byte) (v *fastjson.Value, isCut bool) {
	line = bytes.TrimSpace(line)
	if len(line) > 0 && line[0] == '"' {
		if v, err := fastjson.ParseBytes(line); err == nil {
			return v, false
		}
		cell, rest := new(csvCells).unquote(line[1:])
		if v := parsedText(cell); v != nil && len(rest) == 0 {
			return v, false
		}
		if beginsCell(line) {
			return nil, true
		}
	}
	for from := objectStart(line); from >= 0; {
		end := objectEnd(line[from:])
		if end < 0 {
			return nil, true
		}
		if end += from; end == len(line) {
			if v, err := fastjson.ParseBytes(line[from:]); err == nil {
				return v, false
			}
		}
		if from = objectStart(line[end:]); from >= 0 {
			from += end
		}
	}
	if object := namedValues(string(line)); object != nil {
		return fastjson.MustParseBytes(object), false
	}
	return nil, false
}

// objectStart finds the first brace that a name in quotes follows, or -1.
func objectStart(text []byte) int {
	for i, c := range text {
		if c == '{' && bytes.HasPrefix(bytes.TrimLeft(text[i+1:], " "), []byte{'"'}) {
			return i
		}
	}
	return -1
}

// objectEnd finds the end of the JSON object that text begins with, or -1.
func objectEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			end := stringEnd(text, i)
			if end < 0 {
				return -1
			}
			i = end
		}
	}
	return -1
}

// namedValues makes a JSON object of a line of name=value, in which a value with blanks is quoted.
// A time that the line begins with is named time. Nil when the line has none.
func namedValues(line string) []byte {
	object := []byte{'{'}
	add := func(name, value string) {
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = append(appendJSONText(object, name), ':')
		object = appendJSONText(object, value)
	}
	first, _, _ := strings.Cut(line, "\t")
	first, _, _ = strings.Cut(first, " ")
	if _, isTime := usualInstant(first); isTime {
		add("time", first)
	}
	names := 0
	for line != "" {
		var word, value string
		word, line = nextWord(line)
		name, rest, found := strings.Cut(word, "=")
		if !found || name == "" || strings.ContainsAny(name, `"{}[]`) {
			continue
		}
		if value = rest; strings.HasPrefix(rest, `"`) {
			unquoted, err := strconv.Unquote(rest)
			if err != nil {
				continue
			}
			value = unquoted
		}
		add(name, value)
		names++
	}
	if names < wrapKeysMin {
		return nil
	}
	return append(object, '}')
}

// nextWord cuts off a line's first word, within which quotes hold blanks together.
func nextWord(line string) (word, rest string) {
	line = strings.TrimLeft(line, " \t")
	isQuoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && isQuoted:
			i++
		case c == '"':
			isQuoted = !isQuoted
		case (c == ' ' || c == '\t') && !isQuoted:
			return line[:i], line[i+1:]
		}
	}
	return line, ""
}
