package loaders

import (
	"slices"
	"strings"
)

// A Parquet file has a column for each field of a struct, and so has a CSV file that flattens what
// is nested: metadata.team_id. A loader that asks for metadata gets them as one JSON object, as if
// the column had been written as text.

// columnTree is the columns of a table by their path: a column, or what is inside of a name.
type columnTree struct {
	name   string // as it is written
	column int    // -1 where there is none of this very path
	inside []*columnTree
}

// nestedColumns is the tree of the columns, nil when none is nested.
func nestedColumns(paths [][]string) *columnTree {
	if !slices.ContainsFunc(paths, func(path []string) bool { return len(path) > 1 }) {
		return nil
	}
	return columnsByPath(paths)
}

func columnsByPath(paths [][]string) *columnTree {
	root := &columnTree{column: -1}
	for column, path := range paths {
		at := root
		for _, name := range path {
			next := at.member(name)
			if next == nil {
				next = &columnTree{name: name, column: -1}
				at.inside = append(at.inside, next)
			}
			at = next
		}
		if at.column < 0 {
			at.column = column
		}
	}
	return root
}

func (t *columnTree) member(name string) *columnTree {
	for _, inside := range t.inside {
		if inside.name == name {
			return inside
		}
	}
	return nil
}

// find gives what is inside of a dotted path, in any spelling of it; nil when nothing is.
func (t *columnTree) find(path string) *columnTree {
	if t == nil {
		return nil
	}
	for _, inside := range t.inside {
		rest, found := strings.CutPrefix(path, columnName(inside.name))
		switch {
		case !found:
		case rest == "" && len(inside.inside) > 0:
			return inside
		case strings.HasPrefix(rest, "."):
			if deeper := inside.find(rest[1:]); deeper != nil {
				return deeper
			}
		}
	}
	return nil
}

// appendObject writes what a row has inside of the tree as a JSON object; what is empty is left
// out, and an object without members is nothing.
func (t *columnTree) appendObject(to []byte, row csvRow) []byte {
	from := len(to)
	to = append(to, '{')
	for _, inside := range t.inside {
		start := len(to)
		if start > from+1 {
			to = append(to, ',')
		}
		to = append(appendJSONText(to, inside.name), ':')
		begun := len(to)
		text := row.field(inside.column)
		if text == "" || text == "{}" && len(inside.inside) > 0 {
			to = inside.appendObject(to, row)
		}
		switch {
		case len(to) > begun:
		case row.isJSON:
			to = append(to, text...)
		default:
			to = appendField(to, text)
		}
		if len(to) == begun {
			to = to[:start]
		}
	}
	if len(to) == from+1 {
		return to[:from]
	}
	return append(to, '}')
}

// appendField writes a field as JSON: what is JSON as it is, all else as text, none as nothing.
func appendField(to []byte, field string) []byte {
	switch {
	case field == "":
		return to
	case parsedText([]byte(field)) != nil:
		return append(to, field...)
	case isDressed(field):
		if plain := undressed(field); plain != "" {
			return append(to, plain...)
		}
	}
	return appendJSONText(to, field)
}

// dotted are the paths of columns that say with dots how they are nested.
func dotted(names []string) [][]string {
	paths := make([][]string, len(names))
	for i, name := range names {
		paths[i] = dottedPath(name)
	}
	return paths
}

// grouped is the head of a table with the names beside its columns that columns are nested in.
func (h *Head) grouped() *Head {
	all := *h
	for _, column := range h.Columns {
		for i, c := range column {
			if c == '.' && !slices.Contains(all.Columns, column[:i]) {
				all.Columns = append(slices.Clip(all.Columns), column[:i])
			}
		}
	}
	return &all
}
