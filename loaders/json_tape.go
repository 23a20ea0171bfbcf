package loaders

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"strings"

	"github.com/valyala/fastjson"
)

// A tape is a parsed JSON text as a flat list of what stands where. It takes and refuses the same
// texts as fastjson and gives the same values, which a test holds it to, and costs far less than
// a tree of values: it holds no pointers, nothing is made or cleared for the next record, and
// what nobody asks for is stepped over.

// jsonKind is what a value is.
type jsonKind uint8

const (
	jsonAbsent jsonKind = iota
	jsonNull
	jsonFalse
	jsonTrue
	jsonNumber
	jsonText
	jsonArray
	jsonObject
	jsonKey // of the member whose value follows
)

// tapeDepthMax is fastjson's bound of arrays and objects around a value.
const tapeDepthMax = fastjson.MaxDepth

// tapeNode is one value or key.
type tapeNode struct {
	from, to uint32 // where it stands; the quotes of a text or key are outside
	next     uint32 // the node behind it and all that is inside it
	kind     jsonKind
	isPlain  bool   // a text that surely has no escapes, or a key that has none
	sign     uint16 // of a plain key, by which most others are told from it
}

// tape holds the nodes of one text. What it gives lives until it parses another.
type tape struct {
	text    []byte
	nodes   []tapeNode
	open    []uint32 // the objects and arrays around the place in hand
	scratch []byte   // texts whose escapes are resolved
	escapes fastjson.Parser
}

// parse lays out a text and reports whether it is JSON.
func (t *tape) parse(text []byte) bool {
	t.text, t.nodes, t.open, t.scratch = text, t.nodes[:0], t.open[:0], t.scratch[:0]
	if uint64(len(text)) >= math.MaxUint32 {
		return false
	}
	for at := 0; ; {
		if at = pastSpace(text, at); at == len(text) {
			return false
		}
		isInside := false
		switch text[at] {
		case '{', '[':
			if end := t.attribute(at); end > 0 {
				at = end
			} else {
				at, isInside = t.begin(at)
			}
		default:
			at = t.simple(at)
		}
		if at < 0 {
			return false
		}
		if isInside {
			continue
		}
		if at, isInside = t.behind(at); !isInside {
			return at == len(text)
		}
	}
}

func (t *tape) put(of jsonKind, from, to int, isPlain bool) {
	t.nodes = append(t.nodes, tapeNode{from: uint32(from), to: uint32(to),
		next: uint32(len(t.nodes) + 1), kind: of, isPlain: isPlain})
}

// begin opens an object or array. It gives the place of its first value, or where an empty one
// ends; below 0 is a fault.
func (t *tape) begin(at int) (next int, isInside bool) {
	of, end := jsonArray, byte(']')
	if t.text[at] == '{' {
		of, end = jsonObject, '}'
	}
	t.put(of, at, 0, false)
	first := pastSpace(t.text, at+1)
	if first < len(t.text) && t.text[first] == end {
		t.nodes[len(t.nodes)-1].to = uint32(first + 1)
		return first + 1, false
	}
	t.open = append(t.open, uint32(len(t.nodes)-1))
	if len(t.open) >= tapeDepthMax {
		return -1, false
	}
	if of == jsonObject {
		first = t.key(first)
	}
	return first, true
}

// key reads a member's key and colon and gives what follows; below 0 is a fault.
func (t *tape) key(at int) int {
	if at = pastSpace(t.text, at); at == len(t.text) || t.text[at] != '"' {
		return -1
	}
	end, isPlain := textEnd(t.text, at+1)
	if end < 0 {
		return -1
	}
	raw := t.text[at+1 : end]
	t.nodes = append(t.nodes, tapeNode{from: uint32(at + 1), to: uint32(end),
		next: uint32(len(t.nodes) + 1), kind: jsonKey, sign: signOfKey(raw),
		isPlain: isPlain || bytes.IndexByte(raw, '\\') < 0})
	if at = pastSpace(t.text, end+1); at == len(t.text) || t.text[at] != ':' {
		return -1
	}
	return at + 1
}

// signOfKey is a number that few keys share.
func signOfKey[T string | []byte](key T) uint16 {
	n := len(key)
	if n == 0 {
		return 0
	}
	return uint16(n)<<8 ^ uint16(key[0])<<4 ^ uint16(key[n-1])
}

// behind goes on behind a value: it closes what ends there, and gives the place of the next value
// as long as there must be one; below 0 is a fault.
func (t *tape) behind(at int) (next int, goesOn bool) {
	for len(t.open) > 0 {
		if at = pastSpace(t.text, at); at == len(t.text) {
			return -1, false
		}
		top := &t.nodes[t.open[len(t.open)-1]]
		isObject := top.kind == jsonObject
		switch c := t.text[at]; {
		case c == ',' && isObject:
			next = t.key(at + 1)
			return next, next >= 0
		case c == ',':
			return at + 1, true
		case c == '}' && isObject, c == ']' && !isObject:
			at++
			top.to, top.next = uint32(at), uint32(len(t.nodes))
			t.open = t.open[:len(t.open)-1]
		default:
			return -1, false
		}
	}
	return pastSpace(t.text, at), false
}

// simple reads a text, a number, true, false or null and gives its end; below 0 is anything else.
func (t *tape) simple(at int) int {
	switch t.text[at] {
	case '"':
		end, isPlain := textEnd(t.text, at+1)
		if end < 0 {
			return -1
		}
		t.put(jsonText, at+1, end, isPlain)
		return end + 1
	case '{', '[':
		return -1
	}
	return t.word(at)
}

// word reads a number, true, false or null and gives its end; below 0 is a fault.
func (t *tape) word(at int) int {
	rest := t.text[at:]
	switch {
	case bytes.HasPrefix(rest, []byte("true")):
		t.put(jsonTrue, at, at+4, false)
		return at + 4
	case bytes.HasPrefix(rest, []byte("false")):
		t.put(jsonFalse, at, at+5, false)
		return at + 5
	case bytes.HasPrefix(rest, []byte("null")):
		t.put(jsonNull, at, at+4, false)
		return at + 4
	}
	length := numberLength(rest)
	if length < 0 {
		return -1
	}
	t.put(jsonNumber, at, at+length, false)
	return at + length
}

// numberLength is how long the number is that a text begins with, as widely as fastjson takes it.
func numberLength(text []byte) int {
	n := 0
	for n < len(text) && isNumberByte(text[n]) {
		n++
	}
	isSign := n == 1 && (text[0] == '-' || text[0] == '+')
	if n == len(text) || (n > 0 && !isSign) {
		return n
	}
	if rest := text[n:]; len(rest) >= 3 {
		if word := string(rest[:3]); strings.EqualFold(word, "inf") ||
			strings.EqualFold(word, "nan") {
			return n + 3
		}
	}
	return -1
}

func isNumberByte(c byte) bool {
	return c-'0' < 10 || c == '.' || c == '-' || c == 'e' || c == 'E' || c == '+'
}

// pastSpace steps over white space.
func pastSpace(text []byte, at int) int {
	for at < len(text) && text[at] <= ' ' {
		if c := text[at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return at
		}
		at++
	}
	return at
}

// textEnd finds the quote that closes a text, from behind the one that opens it, or -1. Most texts
// are shorter than a search is worth setting up for: those are looked at eight bytes at a time,
// for escapes too.
func textEnd(text []byte, from int) (end int, isPlain bool) {
	const quotes, escapes = 0x2222222222222222, 0x5c5c5c5c5c5c5c5c
	at := from
	for range 4 {
		if at+8 > len(text) {
			break
		}
		word := binary.LittleEndian.Uint64(text[at:])
		quote, escape := zeroBytes(word^quotes), zeroBytes(word^escapes)
		if escape != 0 && (quote == 0 || escape&(quote&-quote-1) != 0) {
			break
		}
		if quote != 0 {
			return at + bits.TrailingZeros64(quote)>>3, true
		}
		at += 8
	}
	for {
		n := bytes.IndexByte(text[at:], '"')
		if n < 0 {
			return -1, false
		}
		if at += n; !isEscaped(text[from:at]) {
			return at, false
		}
		at++
	}
}

// zeroBytes marks the top bit of each byte that is zero; marks above the lowest may be wrong.
func zeroBytes(word uint64) uint64 {
	return (word - 0x0101010101010101) &^ word & 0x8080808080808080
}

// isEscaped reports that what follows a part of a text is escaped by it.
func isEscaped(text []byte) bool {
	n := len(text)
	for n > 0 && text[n-1] == '\\' {
		n--
	}
	return (len(text)-n)%2 == 1
}
