package loaders

import "bytes"

// keyShape remembers the keys of the file before: thousands of files that a logger wrote a call
// each are alike, and to see that they are is cheaper than to collect their keys anew.
type keyShape struct {
	shape, fresh []byte
	nested       []bool
	keys         map[string]bool
	rest         recordKeys // what else the keys tell
}

// of gives the key paths of a text; the map is shared and must not be altered.
func (k *keyShape) of(text []byte) map[string]bool {
	k.fresh = k.appendShape(k.fresh[:0], text)
	if k.keys == nil || !bytes.Equal(k.fresh, k.shape) {
		k.shape, k.fresh = k.fresh, k.shape
		k.keys, k.rest = keyPaths(k.shape)
	}
	return k.keys
}

// appendShape appends the first value of a text without all that is no key: its brackets, the
// commas of its objects, and its keys.
func (k *keyShape) appendShape(to, text []byte) []byte {
	isObject, expectKey := k.nested[:0], false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '{', '[':
			isObject = append(isObject, c == '{')
			expectKey = c == '{'
			to = append(to, c)
		case '}', ']':
			isObject = isObject[:max(len(isObject)-1, 0)]
			to = append(to, c)
			if expectKey = false; len(isObject) == 0 || isFirstElementDone(isObject) {
				k.nested = isObject
				return to
			}
		case ',':
			if expectKey = len(isObject) > 0 && isObject[len(isObject)-1]; expectKey {
				to = append(to, c)
			}
		case '"':
			end := stringEnd(text, i)
			if end < 0 {
				k.nested = isObject
				return to
			}
			if expectKey {
				to = append(to, text[i:end+1]...)
				expectKey = false
			}
			i = end
		}
	}
	k.nested = isObject
	return to
}
