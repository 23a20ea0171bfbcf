package loaders

import (
	"bytes"
	"strings"

	"github.com/valyala/fastjson"
)

// foreignJSON says of JSON that holds rows or spans of ours, in a form that leaves out what tells
// them apart, how else to export it; nil of any other.
func foreignJSON(path string, h *Head) *FileError {
	problem, hint := "", ""
	switch {
	case h.isCompactTable():
		problem = "holds rows without the names of their columns, as ClickHouse's JSONCompact " +
			"and JSONCompactEachRow write them"
		hint = "export it with FORMAT JSONEachRow"
	case h.has("traces.traceID", "traces.spanSets"), h.has("traces.traceID", "traces.spanSet"):
		problem = "is the result of a search in Tempo, which holds some spans and some of what " +
			"they say"
		hint = "export each trace whole: /api/v2/traces/ID"
	}
	for _, ours := range []string{"gen_ai.", "llm.", "usage_details"} {
		if problem != "" && bytes.Contains(h.Bytes, []byte(ours)) {
			return &FileError{Path: path, Problem: problem, Hint: hint, Resembles: true}
		}
	}
	return nil
}

// isCompactTable reports rows that are lists of values: under "data", with the names of the columns
// beside them, or one a line, the first of which may be the names.
func (h *Head) isCompactTable() bool {
	if h.has("meta.name", "meta.type", "data") {
		_, rows, _ := bytes.Cut(h.Bytes, []byte(`"data"`))
		return strings.HasPrefix(string(squeezed(rows, 3)), ":[[")
	}
	if string(squeezed(h.Bytes, 2)) != `["` {
		return false
	}
	first, rest, _ := bytes.Cut(bytes.TrimSpace(h.Bytes), []byte{'\n'})
	row, err := fastjson.ParseBytes(first)
	if err != nil || string(squeezed(rest, 1)) != "[" || len(row.GetArray()) < 2 {
		return false
	}
	name := string(row.GetArray()[0].GetStringBytes())
	return name != "" && !isDressed(name) && name[0] != '{'
}

// squeezed gives the first bytes of a text that are not blank.
func squeezed(text []byte, n int) []byte {
	var found []byte
	for _, c := range text {
		if len(found) == n {
			break
		}
		if c > ' ' {
			found = append(found, c)
		}
	}
	return found
}
