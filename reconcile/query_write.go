package reconcile

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/marcboeker/go-duckdb"
)

// result writes the rows of a query in one form.
type result interface {
	head(names []string) error
	row(names []string, values []any) error
	close() error
}

func newResult(format string, to io.Writer) result {
	switch format {
	case "table":
		return &tableResult{tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)}
	case "json":
		return &jsonResult{to: bufio.NewWriter(to)}
	}
	return &csvResult{csv.NewWriter(to)}
}

// csvResult writes CSV: exact decimals, ISO times, nothing for NULL.
type csvResult struct{ to *csv.Writer }

func (r *csvResult) head(names []string) error { return r.to.Write(names) }

func (r *csvResult) row(_ []string, values []any) error {
	fields := make([]string, len(values))
	for i, value := range values {
		fields[i] = cell(value)
	}
	return r.to.Write(fields)
}

func (r *csvResult) close() error {
	r.to.Flush()
	return r.to.Error()
}

// tableResult writes columns for a person.
type tableResult struct{ to *tabwriter.Writer }

func (r *tableResult) head(names []string) error {
	_, err := fmt.Fprintln(r.to, strings.Join(names, "\t"))
	return err
}

func (r *tableResult) row(_ []string, values []any) error {
	fields := make([]string, len(values))
	for i, value := range values {
		fields[i] = Printable(cell(value))
	}
	_, err := fmt.Fprintln(r.to, strings.Join(fields, "\t"))
	return err
}

func (r *tableResult) close() error { return r.to.Flush() }

// jsonResult writes a list of objects. Decimals are texts, so that no reader makes floats of them.
type jsonResult struct {
	to   *bufio.Writer
	rows int
}

func (r *jsonResult) head([]string) error { return nil }

func (r *jsonResult) row(names []string, values []any) error {
	before := "[\n "
	if r.rows > 0 {
		before = ",\n "
	}
	r.rows++
	r.to.WriteString(before + "{")
	for i, name := range names {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(jsonValue(values[i]))
		if err != nil {
			return err
		}
		if i > 0 {
			r.to.WriteString(", ")
		}
		r.to.Write(key)
		r.to.WriteString(": ")
		r.to.Write(value)
	}
	_, err := r.to.WriteString("}")
	return err
}

func jsonValue(value any) any {
	switch v := value.(type) {
	case nil, bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, string:
		return v
	case *big.Int:
		return v
	case duckdb.Decimal:
		return decimalText(v)
	case []any:
		list := make([]any, len(v))
		for i, one := range v {
			list[i] = jsonValue(one)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, one := range v {
			object[name] = jsonValue(one)
		}
		return object
	case duckdb.Map:
		object := make(map[string]any, len(v))
		for key, one := range v {
			object[cell(key)] = jsonValue(one)
		}
		return object
	}
	text := cell(value)
	if reflect.ValueOf(value).CanFloat() && json.Valid([]byte(text)) { // not NaN
		return json.RawMessage(text)
	}
	return text
}

func (r *jsonResult) close() error {
	end := "\n]\n"
	if r.rows == 0 {
		end = "[]\n"
	}
	r.to.WriteString(end)
	return r.to.Flush()
}
