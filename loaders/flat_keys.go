package loaders

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// What flattens JSON, such as pandas, Splunk or a warehouse, leaves records whose keys say with
// dots how they were nested: usage.prompt_tokens. They are read as the columns of a CSV file are,
// as what they were before, where a format has something inside of what a key begins with:
// attributes of spans have dots in names that nest nothing.

// nesting gives the path that a key with dots is in a format; nil where it is none.
type nesting func(key string) []string

// flatNamesMax is how many names a key is cut into.
const flatNamesMax = 32

// flatKeysMax is how many keys a record has that is looked at for nested ones.
const flatKeysMax = 2000

// flatBytes is how much of a file is looked at for flat records behind one with nothing inside.
const flatBytes = 16 << 10

// dottedPath cuts a key at its dots.
func dottedPath(key string) []string { return strings.SplitN(key, ".", flatNamesMax) }

// nestedIn is the nesting of a format that has objects of these names.
func nestedIn(names ...string) nesting {
	return func(key string) []string {
		if first, _, isDotted := strings.Cut(key, "."); isDotted && slices.Contains(names, first) {
			return dottedPath(key)
		}
		return nil
	}
}

// nesting is that of a mapping, nil where nothing of it stands in anything. What its records stand
// in may be a name too.
func (m *mapping) nesting() nesting {
	hasInside := func(s *step) bool { return len(s.list) > 0 }
	if len(m.lists) == 0 && !slices.ContainsFunc(m.tree.root.list, hasInside) {
		return nil
	}
	return func(key string) []string {
		for _, list := range m.lists {
			if isWithin(key, list) && m.tree.root.next[list] == nil {
				name := key[len(list)+1:]
				if path := m.tree.pathOf(name); path != nil {
					return append([]string{list}, path...)
				}
				return []string{list, name}
			}
		}
		return m.tree.pathOf(key)
	}
}

// pathOf is the path of a key in a mapping, whose own names may have dots; nil where there is no
// path that begins as it does.
func (t *pathTree) pathOf(key string) []string {
	var path []string
	for at := t.root; at != nil; {
		var next *step
		for _, child := range at.list {
			if child.key == key {
				return append(path, key)
			}
			if isWithin(key, child.key) && (next == nil || len(child.key) > len(next.key)) {
				next = child
			}
		}
		if at = next; at != nil {
			path, key = append(path, at.key), key[len(at.key)+1:]
		}
	}
	if path == nil {
		return nil
	}
	return append(path, dottedPath(key)...)
}

// isWithin reports a key that begins with a name and a dot.
func isWithin(key, name string) bool {
	return len(key) > len(name) && key[len(name)] == '.' && key[:len(name)] == name
}

// isFlat reports records with keys that the format has inside of others. Records that are not flat
// begin with one that is not, or with one that has nothing inside.
func (f Format) isFlat(h *Head) bool {
	if f.nests == nil || h.Keys == nil {
		return false
	}
	if h.keys.hasObjects || f.hasNested(h, "") {
		return f.hasNested(h, "")
	}
	first := &Head{Bytes: h.Bytes[:min(len(h.Bytes), flatBytes)], Keys: h.Keys}
	return slices.ContainsFunc(first.laterRecords(), func(later *Head) bool {
		return f.hasNested(later, "")
	})
}

// hasNested reports keys of what is around that the format has inside of others.
func (f Format) hasNested(h *Head, around string) bool {
	return slices.ContainsFunc(h.keys.dotted, func(key dottedKey) bool {
		return key.around == around && len(f.nests(key.key)) > 1
	})
}

// flatWrapping is how to read a file of this format whose records are flat, nil of any other.
func (f Format) flatWrapping(s *stream) *wrapping {
	for _, list := range f.lists {
		if f.nests != nil && f.hasNested(s.head(), list) {
			row := f
			row.recognise = f.ofRow
			return findWrapping(s, []Format{row})
		}
	}
	if f.isFlat(s.head()) {
		return &wrapping{column: -1, isFlat: true, nests: f.nests}
	}
	return nil
}

// paths are those of columns, or of the keys of a record, that stand for a JSON record.
func (n nesting) paths(names []string) [][]string {
	if paths := googlePaths(names); paths != nil {
		return paths
	}
	paths := make([][]string, len(names))
	for i, name := range names {
		paths[i] = n.path(name)
	}
	return paths
}

// path is that of a name in the format, or else as its dots say.
func (n nesting) path(name string) []string {
	if n != nil {
		if path := n(name); path != nil {
			return path
		}
	}
	return dottedPath(name)
}

// flatRecords nests what records say with dotted keys, as objects of a table do.
type flatRecords struct {
	nests   nesting
	names   []string // of the record in hand, and of those before it
	columns *columnTree
	doubled []*columnTree
	fields  []string
	text    []byte
}

// appendNested writes a record with all where it belongs, and what is JSON as text as what it is.
// Nothing is written when keys contradict each other.
func (f *flatRecords) appendNested(to []byte, object *fastjson.Object) []byte {
	if object.Len() > flatKeysMax {
		return object.MarshalTo(to)
	}
	names := f.names
	f.names, f.fields, f.text = f.names[:0], f.fields[:0], f.text[:0]
	isSame := object.Len() == len(names)
	object.Visit(func(key []byte, member *fastjson.Value) {
		from, n := len(f.text), len(f.names)
		f.text = appendMember(f.text, member)
		f.fields = append(f.fields, view(f.text[from:]))
		if isSame = isSame && names[n] == string(key); isSame {
			f.names = names[:n+1]
			return
		}
		f.names = append(f.names, string(key))
	})
	if !isSame {
		f.columns = columnsByPath(f.nests.paths(f.names))
		f.doubled = f.columns.doubled()
	}
	row := csvRow{fields: f.fields, isJSON: true}
	if contradicted(f.doubled, row) >= 0 {
		return to
	}
	from := len(to)
	if to = f.columns.appendObject(to, row); len(to) == from {
		to = append(to, "{}"...)
	}
	return to
}

// appendMember writes a value as JSON, text that holds an object or a list as what it holds.
func appendMember(to []byte, v *fastjson.Value) []byte {
	if v.Type() == fastjson.TypeString {
		return appendField(to, view(v.GetStringBytes()))
	}
	return v.MarshalTo(to)
}
