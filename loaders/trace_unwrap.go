package loaders

import (
	"bytes"
	"io"
)

// memberReader gives the list that stands under a key of a document, such as the traces of
// {"data":[…],"total":0}, or under a key within another's object, so that a document of any size
// is read element by element. An object in the place of the list is its only element. Line ends
// before the list are kept, so that lines stay true. A document without the key becomes null,
// which is a reject. Documents may stand in a list themselves.
type memberReader struct {
	from io.Reader
	keys [][]byte // on the way to the list, from the outside in

	isLines bool // a document that is open when a line begins with another was cut off

	read    []byte
	out     []byte // what was not given yet
	end     error
	depth   int
	at      int    // how many of the keys enclose what comes next
	word    []byte // the last text where the next key may stand
	isText  bool
	escaped bool
	isValue bool // what comes next is the value of the key
	isOpen  bool // inside the list
	isFound bool // in this document
}

func newMemberReader(from io.Reader, keys ...string) *memberReader {
	m := &memberReader{from: from, read: make([]byte, 64<<10)}
	for _, key := range keys {
		m.keys = append(m.keys, []byte(key))
	}
	return m
}

// Read gives the bytes of the lists.
func (m *memberReader) Read(p []byte) (int, error) {
	for len(m.out) == 0 && m.end == nil {
		n, err := m.from.Read(m.read)
		m.out = m.out[:0]
		for i, c := range m.read[:n] {
			if c == '\n' && m.isLines && m.depth > 0 && endsRecord(m.read[i+1:n]) {
				m.cutOff()
			}
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
		if m.depth == m.at+1 {
			m.isValue = !m.isOpen && bytes.Equal(m.word, m.keys[m.at])
		}
	case ',':
		m.isValue = m.isValue && m.depth != m.at+1
	case '{', '[':
		m.open(c)
	case '}', ']':
		m.close()
	}
}

// cutOff ends a document behind which another begins.
func (m *memberReader) cutOff() {
	if !m.isFound {
		m.out = append(m.out, "null "...)
	}
	m.depth, m.at = 0, 0
	m.isText, m.escaped, m.isValue, m.isOpen, m.isFound = false, false, false, false, false
}

// open enters an object or a list: the next on the way, the one that is wanted, or another.
func (m *memberReader) open(c byte) {
	if m.depth == 0 && c == '[' {
		return // a list of documents
	}
	if m.depth == m.at+1 && m.isValue {
		switch {
		case m.at+1 == len(m.keys):
			m.isOpen, m.isFound = true, true
			m.out = append(m.out, c)
		case c == '{':
			m.at++
		}
		m.isValue = false
	}
	m.depth++
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
	if m.depth == m.at+1 && len(m.word) <= len(m.keys[m.at]) {
		m.word = append(m.word, c)
	}
}

func (m *memberReader) close() {
	if m.depth == 0 {
		return
	}
	m.depth--
	if m.depth == len(m.keys) {
		m.isOpen = false
	}
	if m.at > 0 && m.depth == m.at {
		m.at--
	}
	if m.depth > 0 {
		return
	}
	if !m.isFound {
		m.out = append(m.out, "null "...)
	}
	m.isFound, m.isOpen = false, false
}
