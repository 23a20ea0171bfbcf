package loaders

import (
	"bytes"
	"io"
)

// memberReader gives the list that stands under one key of a document, such as the traces of
// {"data":[…],"total":0}, so that a document of any size is read element by element. Line ends
// before the list are kept, so that lines stay true. A document without the key becomes null,
// which is a reject.
type memberReader struct {
	from io.Reader
	key  []byte

	read    []byte
	out     []byte // what was not given yet
	end     error
	depth   int
	word    []byte // the last text at depth 1
	isText  bool
	escaped bool
	isValue bool // what comes next is the value of the key
	isOpen  bool // inside the list
	isFound bool // in this document
}

func newMemberReader(from io.Reader, key string) *memberReader {
	return &memberReader{from: from, key: []byte(key), read: make([]byte, 64<<10)}
}

// Read gives the bytes of the lists.
func (m *memberReader) Read(p []byte) (int, error) {
	for len(m.out) == 0 && m.end == nil {
		n, err := m.from.Read(m.read)
		m.out = m.out[:0]
		for _, c := range m.read[:n] {
			m.take(c)
		}
		if m.end = err; err != nil && m.depth > 0 && !m.isFound {
			m.out = append(m.out, "null"...)
		}
	}
	n := copy(p, m.out)
	if m.out = m.out[n:]; n > 0 {
		return n, nil
	}
	return 0, m.end
}

// take passes one byte on when it belongs to the list.
func (m *memberReader) take(c byte) {
	if m.isOpen || c == '\n' {
		m.out = append(m.out, c)
	}
	if m.isText {
		m.insideText(c)
		return
	}
	switch c {
	case '"':
		m.isText, m.word = true, m.word[:0]
	case ':':
		if m.depth == 1 {
			m.isValue = bytes.Equal(m.word, m.key)
		}
	case ',':
		m.isValue = m.isValue && m.depth != 1
	case '{', '[':
		if m.depth == 1 && m.isValue && c == '[' {
			m.isOpen, m.isFound, m.isValue = true, true, false
			m.out = append(m.out, c)
		}
		m.depth++
	case '}', ']':
		m.close()
	}
}

func (m *memberReader) insideText(c byte) {
	switch {
	case m.escaped:
		m.escaped = false
	case c == '\\':
		m.escaped = true
	case c == '"':
		m.isText = false
		return
	}
	if m.depth == 1 && len(m.word) <= len(m.key) {
		m.word = append(m.word, c)
	}
}

func (m *memberReader) close() {
	m.depth = max(m.depth-1, 0)
	if m.depth == 1 {
		m.isOpen = false
	}
	if m.depth > 0 {
		return
	}
	if !m.isFound {
		m.out = append(m.out, "null "...)
	}
	m.isFound, m.isOpen = false, false
}
