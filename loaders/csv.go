package loaders

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// csvRow is one data row of a CSV or Parquet file, bound by column name.
type csvRow struct {
	index  map[string]int
	fields []string
	line   int64        // CSV: line; Parquet: number of the row, from 1
	rows   *parquetRows // Parquet: the rows in hand, instead of fields
	at     int          // Parquet: which of them
}

// text gives a column's value, "" when the file has no such column.
func (r csvRow) text(column string) string {
	if i, ok := r.index[column]; ok {
		return r.field(i)
	}
	return ""
}

// field gives a value by the place of its column, "" when the row is too short.
func (r csvRow) field(i int) string {
	switch {
	case r.rows != nil:
		return r.rows.text(i, r.at)
	case i < len(r.fields):
		return r.fields[i]
	}
	return ""
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

// eachRow reads the rows of a CSV file with a header, or of a Parquet file, in order and on one
// goroutine; columns are found by name.
func (j *Job) eachRow(handle func(w *worker, row csvRow) error) error {
	w := j.newWorker()
	if j.stream.head(); j.stream.parquet != nil {
		ofWorker := func(row csvRow) error { return handle(w, row) }
		if err := j.eachParquetRow(j.ctx, 1, 0, w, ofWorker); err != nil {
			return err
		}
		return w.finish()
	}
	reader := csv.NewReader(j.stream)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return &FileError{Path: j.path, Problem: "no CSV header: " + err.Error()}
	}
	row := csvRow{index: map[string]int{}}
	for i, name := range header {
		if _, twice := row.index[columnName(name)]; !twice {
			row.index[columnName(name)] = i
		}
	}
	width := len(header)
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return w.finish()
		}
		if err := w.csvRecord(row, fields, width, err, reader, handle); err != nil {
			return err
		}
	}
}

// csvRecord handles one record or, when it cannot be read, rejects it.
func (w *worker) csvRecord(
	row csvRow, fields []string, width int, err error, reader *csv.Reader,
	handle func(w *worker, row csvRow) error,
) error {
	var fault *csv.ParseError
	if errors.As(err, &fault) {
		return w.reject(int64(fault.StartLine), "not valid CSV: "+fault.Err.Error(), nil)
	}
	if err != nil {
		return err
	}
	line, _ := reader.FieldPos(0)
	row.line, row.fields = int64(line), fields
	if len(fields) != width {
		return w.reject(row.line, "row has "+plural(len(fields), "field")+", the header "+
			plural(width, "column"), nil)
	}
	return w.settle(handle(w, row), row.line, []byte(strings.Repeat(",", width-1)))
}
