package loaders

import (
	"bytes"
	"io"
	"strconv"

	"github.com/valyala/fastjson"
)

// Rows of CSV that hold what is else written as JSON: whole records in one column, as consoles of
// log stores export them, or a record whose members are the columns.

// rows searches the rows of a CSV file. A way that is not empty begins with the number of a column.
func (s *wrapSearch) rows(head *Head) bool {
	splitter, err := newCSVSplitter(bytes.NewReader(head.Bytes), headBytes)
	if err != nil {
		return false
	}
	var cells csvCells
	isDone, seen := false, 0
	err = splitter.run(func(b block) error {
		return eachCSVRecord(b, splitter.comma, func(text []byte, _ int64) error {
			if seen++; isDone || seen > wrapRecordsMax {
				return nil
			}
			fields := cells.cut(bytes.TrimRight(text, "\r\n"), splitter.comma)
			isDone = s.row(splitter.names, fields)
			return nil
		})
	})
	return err == nil && s.format != ""
}

func (s *wrapSearch) row(names, fields []string) bool {
	whole := fastjson.MustParseBytes(rowObject(nil, names, fields))
	if object := whole.GetObject(); object.Len() >= wrapKeysMin && s.isKnown(object) {
		return true
	}
	for i, field := range fields {
		if v := parsedText([]byte(field)); v != nil && s.step(wayStep{key: strconv.Itoa(i)}, v) {
			return true
		}
	}
	return false
}

// rowObject writes a row as a JSON object; empty fields are left out, and JSON in a field is what
// it says.
func rowObject(to []byte, names, fields []string) []byte {
	to = append(to, '{')
	for i, field := range fields[:min(len(fields), len(names))] {
		if field == "" {
			continue
		}
		if to[len(to)-1] != '{' {
			to = append(to, ',')
		}
		to = append(appendJSONText(to, names[i]), ':')
		if text := []byte(field); parsedText(text) != nil {
			to = append(to, text...)
			continue
		}
		to = appendJSONText(to, field)
	}
	return append(to, '}')
}

// csv unwraps rows, or a column of them.
func (u *unwrapped) csv(from io.Reader) error {
	splitter, err := newCSVSplitter(from, u.recordMax)
	if err != nil {
		return err
	}
	var cells csvCells
	return splitter.run(func(b block) error {
		for _, bad := range b.records {
			if err := u.write(bad.line, []byte(broken)); err != nil {
				return err
			}
		}
		return eachCSVRecord(b, splitter.comma, func(text []byte, line int64) error {
			fields := cells.cut(bytes.TrimRight(text, "\r\n"), splitter.comma)
			switch {
			case u.isTable:
				u.scratch = rowObject(u.scratch[:0], splitter.names, fields)
				return u.write(line, u.scratch)
			case u.column < len(fields):
				return u.field([]byte(fields[u.column]), line)
			}
			return u.write(line, []byte(broken))
		})
	})
}

// field follows the way within JSON that a field holds.
func (u *unwrapped) field(text []byte, line int64) error {
	given, err := u.text(text, u.way, 0, line)
	if given == 0 {
		u.passed++
	}
	return err
}
