package loaders

import (
	"bytes"
	"errors"
	"sync"
)

// csvRow is one data row of a CSV or Parquet file, bound by column name. Its texts live until
// the next row.
type csvRow struct {
	index  map[string]int
	fields []string
	line   int64        // CSV: line; Parquet: number of the row, from 1
	nested *columnTree  // the columns by path; nil where no name has parts
	rows   *parquetRows // Parquet: the rows in hand, instead of fields
	at     int          // Parquet: which of them
	isJSON bool         // the fields are JSON already
}

// text gives a column's value, "" when the file has no such column. Where columns are nested in
// the name, they are one JSON object, which counts where the column itself says nothing.
func (r csvRow) text(column string) string {
	i, ok := r.index[column]
	if !ok {
		i = -1
	}
	if text := r.field(i); text != "" && (text != "{}" || r.nested == nil) {
		return text
	}
	return r.insideOr(r.nested.find(column), i)
}

// insideOr is the object of nested columns, and without any the field of a column.
func (r csvRow) insideOr(inside *columnTree, column int) string {
	if inside != nil {
		if object := inside.appendObject(nil, r); len(object) > 0 {
			return view(object)
		}
	}
	return r.field(column)
}

// field gives a value by the place of its column, "" when there is none or the row is too short.
func (r csvRow) field(i int) string {
	switch {
	case i < 0:
		return ""
	case r.rows != nil:
		return r.rows.text(i, r.at)
	case i < len(r.fields) && !isNullWord(r.fields[i]):
		return r.fields[i]
	}
	return ""
}

// written gives a column as it stands in the file, be it a word for none.
func (r csvRow) written(column string) string {
	if i, ok := r.index[column]; ok && r.rows == nil && i < len(r.fields) {
		return r.fields[i]
	}
	return r.text(column)
}

// isNullWord reports a cell that says none, as databases, Python, pandas and tools for databases
// write it. In JSON inside of a cell such a word is a text like any other.
func isNullWord(cell string) bool {
	switch cell {
	case `\N`, "NULL", "Null", "null", "None", "NaN", "nan", "NaT", "<NA>", "<null>", "(null)",
		"[NULL]":
		return true
	}
	return false
}

func (r csvRow) count(column string) (Count, error) { return parseCount(column, r.text(column)) }

// isBlank reports that all columns but the named ones are empty.
func (r csvRow) isBlank(but ...string) bool {
	for name, i := range r.index {
		if !hasText(but, name) && r.field(i) != "" {
			return false
		}
	}
	return true
}

func hasText(list []string, text string) bool {
	for _, entry := range list {
		if entry == text {
			return true
		}
	}
	return false
}

// rowHandler takes one row. A rowError makes it a reject; any other error ends the load.
type rowHandler func(row csvRow) error

// eachRow reads the rows of a CSV file with a header, or of a Parquet file, in order and on one
// goroutine; columns are found by name.
func (j *Job) eachRow(handle func(w *worker, row csvRow) error) error {
	return j.eachRowOn(1, func(w *worker) rowHandler {
		return func(row csvRow) error { return handle(w, row) }
	})
}

// eachRowOn reads the rows on so many threads, each with a handler of its own, in no order.
func (j *Job) eachRowOn(threads int, newHandler func(*worker) rowHandler) error {
	if j.stream.head(); j.stream.parquet != nil {
		return j.eachParquetGroup(threads, newHandler)
	}
	splitter, err := newCSVSplitter(j.stream, j.options.RecordBytesMax)
	if err != nil {
		return &FileError{Path: j.path, Problem: "no CSV header: " + err.Error()}
	}
	nested := nestedColumns(dotted(splitter.names))
	return j.newCrew(threads, func(w *worker) func(block) error {
		reader := &csvReader{w: w, comma: splitter.comma, handle: newHandler(w),
			width: len(splitter.header), row: csvRow{index: splitter.index(), nested: nested},
			doubled: nested.doubled(), names: splitter.names,
			shape: bytes.Repeat([]byte{','}, len(splitter.header)-1)}
		return reader.block
	}).run(splitter.run)
}

// eachParquetGroup shares the row groups among the threads.
func (j *Job) eachParquetGroup(threads int, newHandler func(*worker) rowHandler) error {
	threads = max(1, min(threads, j.stream.parquet.reader.NumRowGroups()))
	failed := make([]error, threads)
	var working sync.WaitGroup
	for i := range threads {
		working.Add(1)
		w := j.newWorker()
		go func() {
			defer working.Done()
			failed[i] = j.eachParquetRow(j.ctx, threads, i, w, newHandler(w))
			failed[i] = errors.Join(failed[i], w.finish())
		}()
	}
	working.Wait()
	return errors.Join(failed...)
}

// csvReader cuts blocks of whole records into fields.
type csvReader struct {
	w      *worker
	comma  byte
	handle rowHandler
	width  int
	row    csvRow
	cells  csvCells
	shape  []byte // what a reject shows of a row: its commas

	below   csvBelow
	names   []string      // of the columns
	doubled []*columnTree // those that others are nested in
}

func (r *csvReader) block(b block) error {
	r.below = b.below
	for _, bad := range b.records {
		reason := bad.fault
		if bad.tooLong {
			reason = "record longer than the limit"
		}
		if err := r.w.reject(bad.line, reason, nil); err != nil {
			return err
		}
	}
	return eachCSVRecord(b, r.comma, r.record)
}

// eachCSVRecord visits the records of a block, each with its line end.
func eachCSVRecord(b block, comma byte, visit func(text []byte, line int64) error) error {
	line := b.line
	for rest := b.text; len(rest) > 0; {
		end, _ := csvEnd(rest, comma, true)
		text := rest[:end]
		rest = rest[end:]
		if err := visit(text, line); err != nil {
			return err
		}
		line += int64(bytes.Count(text, []byte{'\n'}))
	}
	return nil
}

func (r *csvReader) record(text []byte, line int64) error {
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte{'\n'}), []byte{'\r'})
	if len(text) == 0 {
		return nil
	}
	if len(text) > r.w.job.options.RecordBytesMax {
		return r.w.reject(line, "record longer than the limit", nil)
	}
	if r.below.refusal != "" {
		return r.w.reject(line, r.below.refusal, nil)
	}
	r.row.line, r.row.fields = line, r.cells.arranged(r.cells.cut(text, r.comma), r.below.order)
	if len(r.row.fields) != r.width {
		return r.w.reject(line, "row has "+plural(len(r.row.fields), "field")+", the header "+
			plural(r.width, "column"), nil)
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return r.w.reject(line, "row holds a NUL byte", nil)
	}
	if column := contradicted(r.doubled, r.row); column >= 0 {
		name := r.names[column]
		return r.w.reject(line, name+" and the columns "+name+".… say different things", nil)
	}
	return r.w.settle(r.handle(r.row), line, r.shape)
}

// csvCells are the fields of one record, with room for those that hold quotes.
type csvCells struct {
	fields  []string
	ordered []string // the same in another order
	scratch []byte
}

// cut splits a record without its line end; quoting was checked when its end was found.
func (c *csvCells) cut(text []byte, comma byte) []string {
	c.fields, c.scratch = c.fields[:0], c.scratch[:0]
	if cap(c.scratch) < len(text) {
		c.scratch = make([]byte, 0, len(text))
	}
	for {
		if len(text) == 0 || text[0] != '"' {
			end := bytes.IndexByte(text, comma)
			if end < 0 {
				return append(c.fields, view(text))
			}
			c.fields = append(c.fields, view(text[:end]))
			text = text[end+1:]
			continue
		}
		var value []byte
		value, text = c.unquote(text[1:])
		c.fields = append(c.fields, view(value))
		if len(text) == 0 {
			return c.fields
		}
		text = text[1:]
	}
}

// unquote gives a quoted field from behind its opening quote, and what follows the closing one.
func (c *csvCells) unquote(text []byte) (value, rest []byte) {
	end := bytes.IndexByte(text, '"')
	if end < 0 {
		return text, nil
	}
	if end+1 >= len(text) || text[end+1] != '"' {
		return text[:end], text[end+1:]
	}
	from := len(c.scratch)
	for {
		end := bytes.IndexByte(text, '"')
		if end < 0 {
			c.scratch = append(c.scratch, text...)
			return c.scratch[from:], nil
		}
		if end+1 >= len(text) || text[end+1] != '"' {
			c.scratch = append(c.scratch, text[:end]...)
			return c.scratch[from:], text[end+1:]
		}
		c.scratch = append(c.scratch, text[:end+1]...)
		text = text[end+2:]
	}
}
