package loaders

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/valyala/fastjson"
)

// Rows of CSV and Parquet that hold what is else written as JSON: whole records in one column, as
// consoles of log stores export them, or a record whose members are the columns.

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
	if s.table(columnsByPath(nesting(nil).paths(names)), csvRow{fields: fields}) {
		return true
	}
	for i, field := range fields {
		if v := parsedText([]byte(field)); v != nil && s.step(wayStep{key: strconv.Itoa(i)}, v) {
			return true
		}
	}
	return false
}

// table asks the formats about a row as an object.
func (s *wrapSearch) table(columns *columnTree, row csvRow) bool {
	return s.object(columns.appendObject(nil, row))
}

func (s *wrapSearch) object(text []byte) bool {
	v, err := fastjson.ParseBytes(text)
	return err == nil && s.isKnown(v.GetObject())
}

// parquet searches the first rows of a Parquet file as objects.
func (s *wrapSearch) parquet(p *parquetFile) {
	enough := errors.New("enough was seen")
	err := guarded(func() error {
		return p.eachObject(nil, func(text []byte, line int64) error {
			if s.object(text) || line >= wrapElementsMax {
				return enough
			}
			return nil
		})
	})
	if err != nil && !errors.Is(err, enough) {
		s.format = "" // damaged: what it lacks is said of its columns
	}
}

// eachObject visits the rows of a Parquet file as JSON objects, in order.
func (p *parquetFile) eachObject(
	nests nesting, visit func(text []byte, line int64) error,
) error {
	columns := columnsByPath(p.paths(nests))
	var text []byte
	line := int64(0)
	for g := range p.reader.NumRowGroups() {
		group := p.reader.RowGroup(g)
		rows := &parquetRows{file: p, group: group, chunks: make([]parquetChunk, len(p.columns))}
		row := csvRow{index: p.index, rows: rows}
		for rows.first < group.NumRows() {
			rows.count = int(min(parquetRowsMax, group.NumRows()-rows.first))
			for row.at = range rows.count {
				line++
				text = columns.appendObject(text[:0], row)
				if rows.err != nil {
					return rows.err
				}
				if len(text) == 0 {
					text = append(text, "{}"...)
				}
				if err := visit(text, line); err != nil {
					return err
				}
			}
			rows.first += int64(rows.count)
		}
	}
	return nil
}

// parquet unwraps the rows of a Parquet file.
func (u *unwrapped) parquet(p *parquetFile) error {
	return guarded(func() error {
		return p.eachObject(u.nests, func(text []byte, line int64) error {
			return u.write(line, text)
		})
	})
}

// csv unwraps rows, or a column of them.
func (u *unwrapped) csv(from io.Reader) error {
	splitter, err := newCSVSplitter(from, u.recordMax)
	if err != nil {
		return err
	}
	var cells csvCells
	columns := columnsByPath(u.nests.paths(splitter.names))
	doubled := columns.doubled()
	return splitter.run(func(b block) error {
		for _, bad := range b.records {
			if err := u.write(bad.line, []byte(broken)); err != nil {
				return err
			}
		}
		return eachCSVRecord(b, splitter.comma, func(text []byte, line int64) error {
			fields := cells.cut(bytes.TrimRight(text, "\r\n"), splitter.comma)
			fields = cells.arranged(fields, b.below.order)
			switch {
			case b.below.refusal != "":
			case u.isTable && contradicted(doubled, csvRow{fields: fields}) >= 0:
				return u.write(line, []byte(atOdds))
			case u.isTable:
				u.scratch = columns.appendObject(u.scratch[:0], csvRow{fields: fields})
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
