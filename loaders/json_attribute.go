package loaders

// Most of a trace are attributes, {"key":"…","value":{"stringValue":"…"}}, and each takes seven
// nodes. One that is written just so, without white space, is laid out at once: the same nodes in
// less than half the time.

// What stands around the name of an attribute, and behind its value.
const (
	attributeBegin  = `{"key":"`
	attributeMiddle = `","value":{"`
	attributeEnd    = `}}`
)

// attribute lays out an attribute whose value is a text, a number, true or false, and gives where
// it ends; 0 is anything else, which is left to be looked at value by value.
func (t *tape) attribute(at int) (end int) {
	text := t.text
	if !begins(text, at, attributeBegin) || len(t.open)+2 >= tapeDepthMax {
		return 0
	}
	nameEnd, isPlainName := textEnd(text, at+len(attributeBegin))
	if nameEnd < 0 || !begins(text, nameEnd, attributeMiddle) {
		return 0
	}
	kind := nameEnd + len(attributeMiddle) // such as stringValue
	kindEnd, isPlain := textEnd(text, kind)
	if !isPlain || kindEnd+2 >= len(text) || text[kindEnd+1] != ':' {
		return 0
	}
	n := uint32(len(t.nodes))
	t.nodes = append(t.nodes,
		tapeNode{from: uint32(at), next: n + 7, kind: jsonObject},
		keyNode(at+2, at+5, n+2, signOfKey("key")),
		tapeNode{from: uint32(at + len(attributeBegin)), to: uint32(nameEnd), next: n + 3,
			kind: jsonText, isPlain: isPlainName},
		keyNode(nameEnd+3, nameEnd+8, n+4, signOfKey("value")),
		tapeNode{from: uint32(nameEnd + len(attributeMiddle) - 2), next: n + 7, kind: jsonObject},
		keyNode(kind, kindEnd, n+6, signOfKey(text[kind:kindEnd])))
	if end = t.simple(kindEnd + 2); end < 0 || !begins(text, end, attributeEnd) {
		t.nodes = t.nodes[:n]
		return 0
	}
	t.nodes[n+4].to, t.nodes[n].to = uint32(end+1), uint32(end+2)
	return end + len(attributeEnd)
}

// keyNode is the node of a key without escapes.
func keyNode(from, to int, next uint32, sign uint16) tapeNode {
	return tapeNode{from: uint32(from), to: uint32(to), next: next, kind: jsonKey, sign: sign,
		isPlain: true}
}

// begins reports that a text stands at a place.
func begins(text []byte, at int, with string) bool {
	return len(text)-at >= len(with) && string(text[at:at+len(with)]) == with
}
