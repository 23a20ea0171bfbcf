package loaders

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
)

// Head is what recognition knows of a file: its first bytes, decompressed.
type Head struct {
	Bytes   []byte
	Whole   bool            // the file ends within Bytes
	IsArray bool            // JSON whose top value is an array
	Keys    map[string]bool // JSON: key paths of the first record, such as "metadata.status"
	keys    recordKeys      // JSON: what else its keys tell
	Columns []string        // CSV: the header; Parquet: the schema

	IsParquet bool
	isCarried bool   // others carry the records, several may share a line
	Problem   string // why the content cannot be looked at
}

// keyDepthMax is how deep key paths are collected.
const keyDepthMax = 3

func newHead(first []byte, whole bool, shape *keyShape) *Head {
	head := &Head{Bytes: first, Whole: whole}
	trimmed := bytes.TrimLeft(first, " \t\r\n")
	if len(trimmed) == 0 {
		return head
	}
	if beginsJSON(trimmed) {
		head.IsArray = trimmed[0] == '['
		head.Keys = shape.of(trimmed)
		head.keys = shape.rest
		return head
	}
	separator, length := statedSeparator(trimmed)
	trimmed = trimmed[length:]
	header, rows, _ := bytes.Cut(trimmed, []byte{'\n'})
	isOneColumn := beginsCell(rows) && !beginsCell(header)
	if bytes.IndexByte(header, 0) >= 0 {
		return head
	}
	reader := csv.NewReader(bytes.NewReader(trimmed))
	if length == 0 {
		separator = separatorOf(header)
	}
	reader.Comma = rune(separator)
	reader.FieldsPerRecord = -1
	if columns, err := reader.Read(); err == nil && (len(columns) > 1 || isOneColumn) {
		for _, name := range columns {
			head.Columns = append(head.Columns, columnName(name))
		}
		head.Columns = unmarked(head.Columns)
	}
	return head
}

// beginsJSON tells JSON records from lines that begin with a time or a level in brackets.
func beginsJSON(text []byte) bool {
	if text[0] == '{' {
		return true
	}
	inside := bytes.TrimLeft(text[1:], " \t\r\n")
	return text[0] == '[' && (len(inside) == 0 || strings.IndexByte(`{[]"`, inside[0]) >= 0)
}

// beginsCell reports rows that begin with a quoted cell of JSON, its own quotes doubled: it tells
// the header of one column from a line of text.
func beginsCell(rows []byte) bool {
	cell, isQuoted := bytes.CutPrefix(bytes.TrimLeft(rows, "\r\n"), []byte{'"'})
	inside := bytes.TrimLeft(cell, "{[ \t\r\n")
	return isQuoted && len(inside) < len(cell) && bytes.HasPrefix(inside, []byte(`""`))
}

// columnName makes header spellings comparable.
func columnName(name string) string {
	return strings.ToLower(strings.TrimSpace(strings.Trim(name, "\ufeff")))
}

func (h *Head) has(keys ...string) bool {
	for _, key := range keys {
		if !h.Keys[key] {
			return false
		}
	}
	return true
}

// hasField reports a key path of JSON records, or a column: the path as its name, or its first key
// as a column that may hold JSON, or columns nested in it.
func (h *Head) hasField(prefix, path string) bool {
	if len(h.Columns) == 0 {
		return h.Keys[prefix+path]
	}
	first, _, _ := strings.Cut(path, ".")
	return prefix == "" && slices.ContainsFunc(h.Columns, func(column string) bool {
		return column == columnName(path) || column == columnName(first) ||
			strings.HasPrefix(column, columnName(path)+".")
	})
}

// form names what the records are written as, as the beginning of a sentence.
func (h *Head) form() string {
	switch {
	case h.IsParquet:
		return "Parquet schema has "
	case len(h.Columns) > 0:
		return "CSV header has "
	}
	return "JSON records have "
}

// needs matches a CSV header against the columns that a format cannot do without.
func (h *Head) needs(required ...string) Match {
	match := Match{}
	for _, name := range required {
		if slices.Contains(h.Columns, name) {
			match.Score++
			continue
		}
		match.Missing = append(match.Missing, name)
	}
	match.Fits = len(match.Missing) == 0
	match.Why = h.form() + strings.Join(required, ", ")
	if match.Score*2 < len(required) {
		match.Score = 0
	}
	return match
}

// needsKeys matches the key paths of the first JSON record.
func (h *Head) needsKeys(required ...string) Match {
	match := Match{}
	for _, key := range required {
		if h.Keys[key] {
			match.Score++
			continue
		}
		match.Missing = append(match.Missing, key)
	}
	match.Fits = len(match.Missing) == 0
	match.Why = h.form() + strings.Join(required, ", ")
	if match.Score*2 < len(required) {
		match.Score = 0
	}
	return match
}

// beside counts a key that tells a format, and that its records may lack.
func (m Match) beside(h *Head, key string) Match {
	if m.Score > 0 && h.Keys[key] {
		m.Score++
	}
	return m
}

// describe tells a person what was seen.
func (h *Head) describe() string {
	switch {
	case h.Problem != "":
		return h.Problem
	case len(bytes.TrimSpace(h.Bytes)) == 0:
		return "empty"
	case h.IsParquet:
		return "Parquet columns " + strings.Join(h.Columns[:min(len(h.Columns), 8)], ", ")
	case len(h.Columns) > 0:
		return "CSV columns " + strings.Join(h.Columns[:min(len(h.Columns), 8)], ", ")
	case h.Keys != nil:
		keys := make([]string, 0, len(h.Keys))
		for key := range h.Keys {
			if !strings.Contains(key, ".") {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		return "JSON keys " + strings.Join(keys[:min(len(keys), 8)], ", ")
	}
	return "neither JSON nor CSV"
}

// keyLevel is an open object or array on the way to a key.
type keyLevel struct {
	isObject bool
	around   string // the path of what it stands in
	depth    int    // how many names that has
	key      string // the key in hand
}

// path is that of the key in hand, down to keyDepthMax names. It costs the same at any depth.
func (l *keyLevel) path() (path string, depth int) {
	switch {
	case l.key == "" || l.depth >= keyDepthMax:
		return l.around, l.depth
	case l.around == "":
		return l.key, 1
	}
	return l.around + "." + l.key, l.depth + 1
}

// recordKeys is what the keys of a record tell beside their paths.
type recordKeys struct {
	dotted     []dottedKey // those of the record itself and of what stands in it
	hasObjects bool        // that are members
}

// dottedKey is a key that has dots, and the key around it, if any.
type dottedKey struct{ around, key string }

// keyPaths collects the key paths of the first object in possibly cut-off JSON; array elements
// share the path of their array.
func keyPaths(text []byte) (keys map[string]bool, rest recordKeys) {
	keys = map[string]bool{}
	var levels []keyLevel
	expectKey := false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			level := keyLevel{isObject: text[i] == '{'}
			if n := len(levels); n > 0 {
				level.around, level.depth = levels[n-1].path()
				rest.hasObjects = rest.hasObjects || level.isObject && levels[n-1].isObject
			}
			levels = append(levels, level)
			expectKey = level.isObject
		case '}', ']':
			levels = levels[:max(len(levels)-1, 0)]
			if len(levels) == 0 || (len(levels) == 1 && !levels[0].isObject) {
				return keys, rest
			}
			expectKey = false
		case ',':
			expectKey = len(levels) > 0 && levels[len(levels)-1].isObject
		case '"':
			end := stringEnd(text, i)
			if end < 0 {
				return keys, rest
			}
			if expectKey {
				level := &levels[len(levels)-1]
				level.key = string(text[i+1 : end])
				path, _ := level.path()
				keys[path] = true
				if level.depth <= 1 && strings.Contains(level.key, ".") {
					rest.dotted = append(rest.dotted, dottedKey{level.around, level.key})
				}
				expectKey = false
			}
			i = end
		}
	}
	return keys, rest
}

// isFirstElementDone reports that the first element of a top-level array was closed.
func isFirstElementDone(isObject []bool) bool { return len(isObject) == 1 && !isObject[0] }

// stringEnd finds the closing quote of the JSON string that opens at i, or -1.
func stringEnd(text []byte, i int) int {
	for from := i + 1; ; {
		next := bytes.IndexByte(text[from:], '"')
		if next < 0 {
			return -1
		}
		end := from + next
		slashes := end
		for slashes > i+1 && text[slashes-1] == '\\' {
			slashes--
		}
		if (end-slashes)%2 == 0 {
			return end
		}
		from = end + 1
	}
}
