package loaders

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// row is one loaded row as text by column; NULL columns are absent.
type row map[string]string

// String writes the named columns as name=value, absent ones left out.
func (r row) String(columns ...string) string {
	said := make([]string, 0, len(columns))
	for _, name := range columns {
		if value, ok := r[name]; ok {
			said = append(said, name+"="+value)
		}
	}
	return strings.Join(said, " ")
}

// loaded is what became of one file: its result and the rows of each table.
type loaded struct {
	Result
	rows map[Table][]row
}

// texts writes the rows of a table, one line each, with the named columns.
func (l loaded) texts(table Table, columns ...string) []string {
	lines := make([]string, 0, len(l.rows[table]))
	for _, r := range l.rows[table] {
		lines = append(lines, r.String(columns...))
	}
	return lines
}

// loadFile loads a file on one thread, so that rows come in the order of the file.
func loadFile(path string) (loaded, error) {
	return loadWith(path, Options{Threads: 1})
}

func loadWith(path string, options Options) (loaded, error) {
	l := loaded{rows: map[Table][]row{}}
	var mu sync.Mutex
	var err error
	l.Result, err = Load(context.Background(), path, 7, options,
		func(table Table, record arrow.Record) error {
			mu.Lock()
			defer mu.Unlock()
			defer record.Release()
			l.rows[table] = append(l.rows[table], rowsOf(record)...)
			return nil
		})
	l.joinKinds()
	return l, err
}

// joinKinds puts into each row what it shares with others of its kind.
func (l loaded) joinKinds() {
	for _, table := range []Table{TableRequest, TableSpan} {
		kinds := map[string]row{}
		for _, kind := range l.rows[kindTable(table)] {
			kinds[kind[kindColumn]] = kind
		}
		for _, r := range l.rows[table] {
			maps.Copy(r, kinds[r[kindColumn]])
			delete(r, kindColumn)
			r.putBackRepeats()
		}
		delete(l.rows, kindTable(table))
	}
}

// putBackRepeats does what the view raw.request does.
func (r row) putBackRepeats() {
	for flag, names := range map[string][2]string{
		"is_call_request": {"call_id", "request_id"}, "is_response_request": {"response_id",
			"request_id"}, "is_workflow_session": {"workflow_id", "session_id"},
		"is_spend_shortest": {"spend_text", "spend_usd"},
	} {
		if r[flag] == "true" {
			r[names[0]] = r[names[1]]
		}
		delete(r, flag)
	}
}

// wholeSchema is a table's schema with the columns of its kinds.
func wholeSchema(table Table) *arrow.Schema {
	switch table {
	case TableRequest:
		return schemaOf(requestColumns(), "")
	case TableSpan:
		return schemaOf(spanColumns(), "")
	}
	return Schemas()[table]
}

// loadText loads content as if it were a file.
func loadText(t testing.TB, content string) (loaded, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadFile(path)
}

// mustLoad loads content that has to be usable.
func mustLoad(t testing.TB, content string) loaded {
	t.Helper()
	l, err := loadText(t, content)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func rowsOf(record arrow.Record) []row {
	rows := make([]row, record.NumRows())
	for i := range rows {
		rows[i] = row{}
	}
	for c, field := range record.Schema().Fields() {
		for i := range rows {
			if values := record.Column(c); values.IsValid(i) {
				rows[i][field.Name] = cell(values, i)
			}
		}
	}
	return rows
}

func cell(values arrow.Array, i int) string {
	switch v := values.(type) {
	case *array.String:
		return v.Value(i)
	case *array.Int64:
		return strconv.FormatInt(v.Value(i), 10)
	case *array.Boolean:
		return strconv.FormatBool(v.Value(i))
	case *array.Decimal128:
		text := strings.TrimRight(v.Value(i).ToString(MoneyScale), "0")
		return strings.TrimSuffix(text, ".")
	}
	panic("loaders: a column of a type that no table has")
}

// diffLines fails with the lines that differ.
func diffLines(t testing.TB, what string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		have, need := "(none)", "(none)"
		if i < len(got) {
			have = got[i]
		}
		if i < len(want) {
			need = want[i]
		}
		if have != need {
			t.Errorf("%s, line %d:\n got  %s\n want %s", what, i+1, have, need)
		}
	}
}
