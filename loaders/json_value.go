package loaders

import (
	"bytes"
	"strconv"
)

// value is a place on a tape; the zero value is absent, and stays so whatever is asked of it.
type value struct {
	of *tape
	at uint32
}

// top is the value that the whole text is.
func (t *tape) top() value { return value{of: t} }

func (v value) node() tapeNode { return v.of.nodes[v.at] }

func (v value) kind() jsonKind {
	if v.of == nil {
		return jsonAbsent
	}
	return v.of.nodes[v.at].kind
}

// raw is the value as it is written, a text without its quotes.
func (v value) raw() []byte {
	n := v.node()
	return v.of.text[n.from:n.to]
}

// text gives a text or number; all else says nothing.
func (v value) text() string {
	switch v.kind() {
	case jsonText:
		return v.plain()
	case jsonNumber:
		return view(v.raw())
	}
	return ""
}

// word gives a text, a number, or true or false as text.
func (v value) word() string {
	switch v.kind() {
	case jsonText:
		return v.plain()
	case jsonNumber, jsonTrue, jsonFalse:
		return view(v.raw())
	}
	return ""
}

// number is a word; JavaScript's protobuf library writes 64-bit integers as two halves.
func (v value) number() string {
	if v.kind() != jsonObject {
		return v.word()
	}
	low, high := v.member("low"), v.member("high")
	if low.of == nil || high.of == nil {
		return ""
	}
	return strconv.FormatInt(high.whole()<<32|int64(uint32(low.whole())), 10)
}

// whole is a number that must be whole, else 0.
func (v value) whole() int64 {
	if v.kind() != jsonNumber {
		return 0
	}
	n, err := strconv.ParseInt(view(v.raw()), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// plain gives a text or key with its escapes resolved.
func (v value) plain() string {
	n := &v.of.nodes[v.at]
	raw := v.of.text[n.from:n.to]
	if n.isPlain || n.kind == jsonText && bytes.IndexByte(raw, '\\') < 0 {
		return view(raw)
	}
	return v.of.unescaped(n)
}

func (t *tape) unescaped(n *tapeNode) string {
	parsed, err := t.escapes.ParseBytes(t.text[n.from-1 : n.to+1])
	if err != nil {
		panic("loaders: a text on a tape is none")
	}
	from := len(t.scratch)
	t.scratch = append(t.scratch, parsed.GetStringBytes()...)
	return view(t.scratch[from:])
}

// compact appends the value as JSON without white space.
func (v value) compact(out []byte) []byte {
	n := v.node()
	if n.kind == jsonText {
		return append(out, v.of.text[n.from-1:n.to+1]...)
	}
	for text := v.raw(); len(text) > 0; {
		switch c := text[0]; c {
		case '"':
			end := stringEnd(text, 0) + 1
			out = append(out, text[:end]...)
			text = text[end:]
			continue
		case ' ', '\n', '\t', '\r':
		default:
			out = append(out, c)
		}
		text = text[1:]
	}
	return out
}

// member gives the first member of an object that has this name.
func (v value) member(name string) value {
	if v.kind() != jsonObject {
		return value{}
	}
	if at := v.of.search(v.at+1, v.node().next, name); at > 0 {
		return value{of: v.of, at: at + 1}
	}
	return value{}
}

// search looks among the keys of an object from one of them on; 0 is none.
func (t *tape) search(at, end uint32, name string) uint32 {
	sign, nodes := signOfKey(name), t.nodes
	for ; at < end; at = nodes[at+1].next {
		key := &nodes[at]
		if key.isPlain && key.sign != sign {
			continue
		}
		if t.isNamed(key, name) {
			return at
		}
	}
	return 0
}

func (t *tape) isNamed(key *tapeNode, name string) bool {
	if key.isPlain {
		return string(t.text[key.from:key.to]) == name
	}
	return t.unescaped(key) == name
}

// isThere reports a value that the text has, be it null.
func (v value) isThere() bool { return v.of != nil }

// firstValue is the first that is there.
func firstValue(values ...value) value {
	for _, v := range values {
		if v.isThere() {
			return v
		}
	}
	return value{}
}

// object gives an object that may be written as text inside a string; absent when there is none or
// it cannot be read.
func (v value) object(inside *tape) value {
	switch v.kind() {
	case jsonObject:
		return v
	case jsonText:
		return inside.object(v.plain())
	}
	return value{}
}

func (t *tape) object(text string) value {
	text = plainJSON(text)
	if len(text) < 2 || text[0] != '{' || !t.parse(bytesOf(text)) {
		return value{}
	}
	return t.top()
}

func (v value) has(name string) bool { return v.member(name).of != nil }

// find follows names from member to member.
func (v value) find(path ...string) value {
	for _, name := range path {
		v = v.member(name)
	}
	return v
}

// isEmpty reports an object or array with nothing in it.
func (v value) isEmpty() bool { return v.node().next == v.at+1 }

// tapeMembers goes through the members of an object. It is at one of them or behind the last.
type tapeMembers struct {
	of      *tape
	at, end uint32
}

// inside begins with the first member; of anything but an object there is none.
func (v value) inside() tapeMembers {
	if v.kind() != jsonObject {
		return tapeMembers{}
	}
	return tapeMembers{of: v.of, at: v.at + 1, end: v.node().next}
}

func (m tapeMembers) isThere() bool { return m.at < m.end }

func (m tapeMembers) next() tapeMembers {
	m.at = m.of.nodes[m.at+1].next
	return m
}

func (m tapeMembers) value() value { return value{of: m.of, at: m.at + 1} }

// key gives the member's name.
func (m tapeMembers) key() string { return value{of: m.of, at: m.at}.plain() }

func (m tapeMembers) isNamed(name string) bool { return m.of.isNamed(&m.of.nodes[m.at], name) }

// tapeElements goes through an array as tapeMembers goes through an object.
type tapeElements struct {
	of      *tape
	at, end uint32
}

// list begins with the first element; of anything but an array there is none.
func (v value) list() tapeElements {
	if v.kind() != jsonArray {
		return tapeElements{}
	}
	return tapeElements{of: v.of, at: v.at + 1, end: v.node().next}
}

func (e tapeElements) isThere() bool { return e.at < e.end }

func (e tapeElements) next() tapeElements {
	e.at = e.of.nodes[e.at].next
	return e
}

func (e tapeElements) value() value { return value{of: e.of, at: e.at} }

// either is the member of one name or, for want of it, of another.
func (v value) either(name, old string) value {
	if found := v.member(name); found.of != nil {
		return found
	}
	return v.member(old)
}

// ordered finds the members of an object that are asked for in about the order in which they
// stand. Of a key that stands twice the next one counts.
type ordered struct {
	of              *tape
	first, next, to uint32
}

func (v value) inOrder() ordered {
	m := v.inside()
	return ordered{of: m.of, first: m.at, next: m.at, to: m.end}
}

// member looks from behind the member found last, and then from the beginning.
func (o *ordered) member(name string) value {
	if o.of == nil {
		return value{}
	}
	at := o.of.search(o.next, o.to, name)
	if at == 0 {
		at = o.of.search(o.first, o.next, name)
	}
	if at == 0 {
		return value{}
	}
	o.next = o.of.nodes[at+1].next
	return value{of: o.of, at: at + 1}
}

func (o *ordered) text(name string) string { return o.member(name).text() }
