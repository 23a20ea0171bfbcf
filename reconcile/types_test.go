package reconcile

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	reports "tieout/sql"
)

// TestTypes: nowhere in the store or in what is published does a number stand in a type that
// rounds in silence, and instants, days and money are what they say.
func TestTypes(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	staged := stagedMonth(t)
	mustExec(t, staged, "ATTACH "+literal(filepath.Join(run.settings.Out, "report.duckdb"))+
		" AS published (READ_ONLY)")
	seen := map[string]bool{}
	for _, line := range lines(t, staged, `
		SELECT database_name || '.' || schema_name || '.' || table_name, column_name, data_type
		FROM duckdb_columns() WHERE NOT internal ORDER BY ALL`) {
		checkType(t, line)
		seen[strings.Split(line, " | ")[0]] = true
	}
	for _, table := range []string{"store.raw.request", "memory.book.rated",
		"memory.book.bucket", "memory.report.requests", "published.main.requests"} {
		if !seen[table] {
			t.Errorf("%s was not looked at, only %d tables were", table, len(seen))
		}
	}
	for _, report := range reports.Reports() {
		path := literal(filepath.Join(run.settings.Out, report.Name+".parquet"))
		for _, c := range columnsOf(t, run.db, report.Name) {
			checkType(t, joined("parquet."+report.Name, c.name, c.kind))
			checkMeaning(t, report.Name, c)
			// Nothing else tells its rows apart: results of one line may differ in a price alone.
			if report.Name == "provider_rows" && !slices.Contains(
				strings.Split(report.OrderBy, ", "), c.name) {
				t.Errorf("provider_rows is not in the order of %s", c.name)
			}
		}
		for _, line := range lines(t, run.db, `SELECT name, type FROM parquet_schema(`+path+`)
			WHERE type IN ('DOUBLE', 'FLOAT', 'INT96')`) {
			t.Errorf("%s.parquet holds %s", report.Name, line)
		}
	}
}

// stagedMonth is the database of a run of the month that has done its stages and goes no further.
func stagedMonth(t *testing.T) *sql.DB {
	t.Helper()
	return stagedRun(t).store.db
}

func stagedRun(t *testing.T) *run {
	t.Helper()
	run, change := loadedRun(t, settingsIn(t.TempDir(), monthInputs()...))
	if err := run.runStages(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	return run
}

// loadedRun is a run whose store has read the inputs.
func loadedRun(t *testing.T, settings Settings) (*run, *change) {
	t.Helper()
	r := begun(t, settings)
	t.Cleanup(r.store.discard)
	r.asOf = settings.AsOf
	var err error
	if r.book, err = OpenBook(settings.Prices); err != nil {
		t.Fatal(err)
	}
	change, err := r.takeIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r, change
}

func checkType(t *testing.T, line string) {
	t.Helper()
	fields := strings.Split(line, " | ")
	kind := fields[2]
	whole := []string{"BIGINT", "UBIGINT", "INTEGER", "VARCHAR", "VARCHAR[]", "BOOLEAN",
		"TIMESTAMP", "DATE"}
	if !slices.Contains(whole, kind) && !strings.HasPrefix(kind, "DECIMAL(") && !isWords(kind) {
		t.Errorf("%s", line)
	}
}

// checkMeaning holds a published column to the type that its name promises.
func checkMeaning(t *testing.T, report string, c column) {
	t.Helper()
	want := ""
	switch {
	case c.name == "payable_usd":
		want = "DECIMAL(38,2)"
	case strings.HasSuffix(c.name, "_usd"), strings.HasPrefix(c.name, "usd_"):
		want = "DECIMAL(38,15)"
	case strings.HasSuffix(c.name, "_at"), strings.HasPrefix(c.name, "valid_"):
		want = "TIMESTAMP"
	case c.name == "day":
		want = "DATE"
	case strings.HasPrefix(c.name, "is_"):
		want = "BOOLEAN"
	case strings.HasSuffix(c.name, "_line"), strings.HasSuffix(c.name, "_tokens"),
		strings.HasPrefix(c.name, "quantity"), strings.HasPrefix(c.name, "rows"),
		strings.HasPrefix(c.name, "requests"), c.name == "input", c.name == "output":
		want = "BIGINT"
	case strings.HasSuffix(c.name, "_id") && c.name != "sheet_id":
		want = "VARCHAR"
	default:
		return
	}
	if c.kind != want {
		t.Errorf("%s.%s is %s, want %s", report, c.name, c.kind, want)
	}
}

// TestPublishedDatabase: the database for analysts holds the rows of the Parquet files, and a
// comment on each table and column.
func TestPublishedDatabase(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	mustExec(t, run.db, "ATTACH "+literal(filepath.Join(run.settings.Out, "report.duckdb"))+
		" AS published (READ_ONLY)")
	for _, report := range reports.Reports() {
		table := "published." + report.Name
		isEmpty := slices.Contains([]string{"rejects", "restatement"}, report.Name) // in the month
		if len(lines(t, run.db, "SELECT * FROM "+table)) == 0 && !isEmpty {
			t.Errorf("%s is empty", table)
		}
		for _, query := range []string{
			"SELECT * FROM " + table + " EXCEPT ALL SELECT * FROM " + report.Name,
			"SELECT * FROM " + report.Name + " EXCEPT ALL SELECT * FROM " + table,
		} {
			differ(t, query, lines(t, run.db, query), nil)
		}
	}
	differ(t, "published without a comment", lines(t, run.db, `
		SELECT table_name, column_name FROM duckdb_columns()
		WHERE database_name = 'published' AND NOT internal AND COALESCE(comment, '') = ''
		UNION ALL SELECT table_name, '' FROM duckdb_tables()
		WHERE database_name = 'published' AND NOT internal AND COALESCE(comment, '') = ''
		UNION ALL SELECT view_name, '' FROM duckdb_views()
		WHERE database_name = 'published' AND NOT internal AND COALESCE(comment, '') = ''`), nil)
}

// TestPublishedViews: the views of the database hold what they say, and open by themselves.
func TestPublishedViews(t *testing.T) {
	t.Parallel()
	run := monthRun(t)
	db, closeDB, err := openReports(run.settings.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB()
	differ(t, "views", lines(t, db, `SELECT view_name FROM duckdb_views() WHERE NOT internal
		ORDER BY view_name`), []string{"cost_centers", "daily", "open_breaks"})
	same := map[string]string{
		"SELECT COUNT(*) FROM open_breaks":         "SELECT COUNT(*) FROM breaks WHERE is_break",
		"SELECT SUM(amount_usd) FROM cost_centers": "SELECT SUM(amount_usd) FROM tenants",
		`SELECT SUM(bill_usd), SUM(charge_usd), SUM(COALESCE(bill_usd, 0) - COALESCE(charge_usd, 0)
			- volume_usd - price_usd - other_usd) FROM daily`: `SELECT SUM(bill_usd),
			SUM(charge_usd), CAST(0 AS DECIMAL(38,15)) FROM drift`,
	}
	for query, table := range same {
		want := one(t, db, table)
		if got := one(t, db, query); got != want || got == "0" {
			t.Errorf("%s gives %s, want %s", query, got, want)
		}
	}
}
