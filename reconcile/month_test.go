package reconcile

import (
	"bytes"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	reports "tieout/sql"
)

// expected holds the reports of the fixture month as text that a person can review.
const expected = month + "/expected"

// TestMonth compares each report of the fixture month with its expected text: the same rows in
// the same order, and the same types. With -update it writes the expected text anew.
func TestMonth(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	mustExec(t, run.db, publishedColumns())
	update := flag.Lookup("update").Value.String() == "true"
	for _, report := range reviewed() {
		mustExec(t, run.db, "CREATE VIEW "+report.name+"_got AS SELECT "+report.columns+
			" FROM "+report.of)
		path := filepath.Join(expected, report.name+".csv")
		if update {
			writeExpected(t, run.db, report.name, path)
		}
		compareReport(t, run.db, report.name, path)
	}
	summary := readFile(t, filepath.Join(run.settings.Out, "summary.json"))
	path := filepath.Join(expected, "summary.json")
	if update {
		writeFile(t, path, summary)
	}
	if !bytes.Equal(summary, readFile(t, path)) {
		t.Errorf("summary.json is not %s:\n%s", path, summary)
	}
}

// review is a report with the columns of it that are written down.
type review struct{ name, of, columns string }

// reviewed lists the reports. Of requests it keeps the columns that a person checks a row by, of
// prices those that a request was charged; where they stand in our list is no matter of the
// month's.
func reviewed() []review {
	all := []review{{"columns", "published_columns", "*"}}
	for _, report := range reports.Reports() {
		columns, of := "*", report.Name
		switch report.Name {
		case "requests":
			columns = `request_id, started_at, tenant_id, tenant_rule, provider, requested_model,
				response_model, workflow_id, status, input, cache_read, cache_write_5m,
				cache_write_1h, output, reasoning, usage_source, spend_usd, charge_usd, drift_usd,
				charge_status, match_state, match_rule, is_break, cause, source_line, trace_line`
		case "prices":
			columns = "* EXCLUDE (sheet_id, list_line)"
			of = "prices WHERE sheet_id IN (SELECT sheet_id FROM requests)"
		}
		all = append(all, review{report.Name, of, columns})
	}
	return all
}

// publishedColumns makes a table of every column that is published, with its type.
func publishedColumns() string {
	var parts []string
	for _, report := range reports.Reports() {
		parts = append(parts, "SELECT "+literal(report.Name)+" AS report, column_name AS name, "+
			"column_type AS type FROM (DESCRIBE "+report.Name+")")
	}
	return "CREATE TABLE published_columns AS " + strings.Join(parts, " UNION ALL ")
}

// column is a column of a view with its type.
type column struct{ name, kind string }

func columnsOf(t *testing.T, db *sql.DB, view string) []column {
	t.Helper()
	var columns []column
	for _, line := range lines(t, db, "SELECT column_name, column_type FROM (DESCRIBE "+view+")") {
		name, kind, _ := strings.Cut(line, " | ")
		columns = append(columns, column{name, kind})
	}
	return columns
}

func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// writeExpected writes a report as CSV under a header of name:TYPE, decimals without the zeros
// that their type adds; an empty field is NULL, "" is an empty text.
func writeExpected(t *testing.T, db *sql.DB, report, path string) {
	t.Helper()
	var fields []string
	for _, c := range columnsOf(t, db, report+"_got") {
		value := "CAST(" + quotedName(c.name) + " AS VARCHAR)"
		if strings.HasPrefix(c.kind, "DECIMAL") {
			value = "rtrim(rtrim(" + value + ", '0'), '.')"
		}
		fields = append(fields, value+" AS "+quotedName(c.name+":"+c.kind))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	mustExec(t, db, "COPY (SELECT "+strings.Join(fields, ", ")+" FROM "+report+"_got) TO "+
		literal(path)+" (FORMAT CSV, HEADER)")
}

// compareReport reads the expected text into the types that its header names, and takes each
// side from the other.
func compareReport(t *testing.T, db *sql.DB, report, path string) {
	t.Helper()
	got, want := report+"_got", report+"_want"
	readExpected(t, db, path, want)
	gotColumns, wantColumns := columnsOf(t, db, got), columnsOf(t, db, want)
	if len(gotColumns) != len(wantColumns) {
		t.Errorf("%s: columns %v, want %v", report, gotColumns, wantColumns)
		return
	}
	for i, c := range gotColumns {
		if c != wantColumns[i] {
			t.Errorf("%s: column %v, want %v", report, c, wantColumns[i])
			return
		}
	}
	more := lines(t, db, "SELECT * FROM "+got+" EXCEPT ALL SELECT * FROM "+want)
	less := lines(t, db, "SELECT * FROM "+want+" EXCEPT ALL SELECT * FROM "+got)
	if len(more)+len(less) > 0 {
		differ(t, report, more, less)
		return
	}
	displaced := lines(t, db, "SELECT g, w FROM (SELECT x AS g FROM "+got+
		" AS x) POSITIONAL JOIN (SELECT x AS w FROM "+want+" AS x) WHERE g IS DISTINCT FROM w")
	if len(displaced) > 0 {
		t.Errorf("%s: %d rows stand in another place, the first: %s", report, len(displaced),
			displaced[0])
	}
}

// readExpected makes a table of an expected text.
func readExpected(t *testing.T, db *sql.DB, path, table string) {
	t.Helper()
	mustExec(t, db, "CREATE TABLE "+table+"_text AS SELECT * FROM read_csv("+literal(path)+
		", header = true, all_varchar = true, nullstr = '', allow_quoted_nulls = false, "+
		"delim = ',', quote = '\"', escape = '\"')")
	var fields []string
	for _, c := range columnsOf(t, db, table+"_text") {
		name, kind, found := strings.Cut(c.name, ":")
		if !found {
			t.Fatalf("%s: the header of %s names no type", path, c.name)
		}
		fields = append(fields, "CAST("+quotedName(c.name)+" AS "+kind+") AS "+quotedName(name))
	}
	mustExec(t, db, "CREATE TABLE "+table+" AS SELECT "+strings.Join(fields, ", ")+" FROM "+
		table+"_text")
}
