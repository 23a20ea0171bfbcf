package reconcile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	reports "tieout/sql"
)

// TestSameBytesInPieces: reports that are written in pieces have the same bytes whatever the
// threads and the memory, and the rows in the order that they have in one piece.
func TestSameBytesInPieces(t *testing.T) {
	t.Parallel()
	const most = 120
	var first outcome
	for i, c := range []struct {
		threads int
		memory  int64
	}{{1, 0}, {2, 200 << 20}, {4, 8 << 30}} {
		settings := settingsIn(t.TempDir(), monthInputs()...)
		settings.Threads, settings.MemoryBytes, settings.rowGroupRows = c.threads, c.memory, most
		next := runWith(t, settings)
		if i == 0 {
			first = next
		}
		sameReports(t, first, next)
	}
	whole := monthRun(t)
	for _, report := range reports.Reports() {
		differ(t, report.Name, lines(t, first.db, "SELECT * FROM "+report.Name),
			lines(t, whole.db, "SELECT * FROM "+report.Name))
		file := literal(filepath.Join(first.settings.Out, report.Name+".parquet"))
		differ(t, report.Name+": row groups with too many rows", lines(t, first.db, fmt.Sprintf(
			"SELECT DISTINCT row_group_id FROM parquet_metadata(%s) WHERE row_group_num_rows > %d",
			file, most)), nil)
	}
	for _, report := range []string{"requests", "workflows"} {
		differ(t, report+": row groups of two days", lines(t, first.db, `SELECT row_group_id
			FROM parquet_metadata(`+literal(filepath.Join(first.settings.Out,
			report+".parquet"))+`) WHERE path_in_schema = 'started_at'
			AND CAST(CAST(stats_min_value AS TIMESTAMP) AS DATE) <>
				CAST(CAST(stats_max_value AS TIMESTAMP) AS DATE)`), nil)
		query := "SELECT COUNT(*), MIN(started_at) FROM " + report +
			" WHERE started_at >= TIMESTAMP '2026-10-17 12:34:00'"
		differ(t, query, lines(t, first.db, query), lines(t, whole.db, query))
	}
}

// published gives a run a database for reports, with one report of the test's own.
func published(t *testing.T, run *run, query string) {
	t.Helper()
	mustExec(t, run.store.db, "ATTACH ':memory:' AS published")
	mustExec(t, run.store.db, "CREATE TABLE published.requests AS "+query)
}

// TestCutByTime: pieces end with their day, or before they have too many rows.
func TestCutByTime(t *testing.T) {
	t.Parallel()
	run := stagedRun(t)
	run.settings.rowGroupRows = 10
	published(t, run, `SELECT started_at FROM (VALUES
		(TIMESTAMP '1969-12-31 23:59:58.5', 2), (TIMESTAMP '1970-01-01 00:00:00', 2),
		(TIMESTAMP '2026-10-01 00:00:59.9', 6), (TIMESTAMP '2026-10-01 00:01:00', 4),
		(TIMESTAMP '2026-10-01 00:02:00', 1), (TIMESTAMP '2026-10-01 23:59:59.999999', 2),
		(TIMESTAMP '2026-10-02 00:00:00', 3), (TIMESTAMP '2026-10-02 12:00:00', 12),
		(TIMESTAMP '2026-10-02 12:00:01.2', 5), (TIMESTAMP '2026-10-02 12:00:30', 5),
		(TIMESTAMP '2026-10-02 12:01:00', 1)) AS given(started_at, rows), range(rows)`)
	pieces, err := run.cutByTime(t.Context(), "requests", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pieces {
		got = append(got, one(t, run.store.db, fmt.Sprintf(`SELECT %d || ' rows, from ' ||
			make_timestamp(%d) || ' to ' || make_timestamp(%d)`, p.rows, p.fromUS, p.toUS)))
	}
	differ(t, "the pieces", got, []string{
		"2 rows, from 1969-12-31 23:59:00 to 1970-01-01 00:00:00",
		"2 rows, from 1970-01-01 00:00:00 to 1970-01-01 00:01:00",
		"10 rows, from 2026-10-01 00:00:00 to 2026-10-01 00:02:00",
		"3 rows, from 2026-10-01 00:02:00 to 2026-10-02 00:00:00",
		"3 rows, from 2026-10-02 00:00:00 to 2026-10-02 00:01:00",
		"12 rows, from 2026-10-02 12:00:00 to 2026-10-02 12:00:01",
		"10 rows, from 2026-10-02 12:00:01 to 2026-10-02 12:00:31",
		"1 rows, from 2026-10-02 12:01:00 to 2026-10-02 12:02:00"})
}

// TestWriteParquet: as many rows as fit into a row group are one; a row more, and the report is
// cut. Nothing but the file is left, also where a piece cannot be written.
func TestWriteParquet(t *testing.T) {
	t.Parallel()
	run := stagedRun(t)
	published(t, run, `SELECT make_timestamp(n * 7200000000) AS started_at, n % 3 AS third,
		'"' || n AS text FROM range(100) AS r(n)`)
	for _, c := range []struct {
		orderBy string
		most    int64
		groups  string
	}{{"started_at, text", 100, "1"}, {"started_at, text", 99, "9"}, {"started_at, text", 5, "25"},
		{"ALL", 99, "2"}, {"third, text", 10, "10"}} {
		run.settings.rowGroupRows = c.most
		report := reports.Report{Name: "requests", OrderBy: c.orderBy}
		file := filepath.Join(t.TempDir(), "requests.parquet")
		if err := run.writeParquet(t.Context(), report, file, nil); err != nil {
			t.Fatal(err)
		}
		differ(t, joined(c.orderBy, c.most), lines(t, run.store.db, "SELECT * FROM read_parquet("+
			literal(file)+")"), lines(t, run.store.db, "SELECT * FROM published.requests ORDER BY "+
			c.orderBy))
		if got := one(t, run.store.db, "SELECT num_row_groups FROM parquet_file_metadata("+
			literal(file)+")"); got != c.groups {
			t.Errorf("%s, %d rows at most: %s row groups, want %s", c.orderBy, c.most, got,
				c.groups)
		}
		if left := files(t, filepath.Dir(file)); len(left) != 1 {
			t.Errorf("%v is there", left)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "requests.parquet")
	writeFile(t, file, nil) // in the way
	report := reports.Report{Name: "requests", OrderBy: "ALL"}
	if err := run.writeParquet(t.Context(), report, file, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v, want a file in the way", err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("%v is left", left)
	}
}

// TestExecAtOnce: what memory does not suffice for is done again, one after the other; any other
// error ends all.
func TestExecAtOnce(t *testing.T) {
	t.Parallel()
	run := stagedRun(t)
	dir := t.TempDir()
	var statements []string
	for i := range 9 {
		statements = append(statements, copyTo(fmt.Sprintf("SELECT %d AS n", i),
			filepath.Join(dir, fmt.Sprint(i))))
	}
	if err := run.store.execAtOnce(t.Context(), statements, 3); err != nil {
		t.Fatal(err)
	}
	if got := one(t, run.store.db, "SELECT SUM(n) FROM read_parquet("+
		literal(filepath.Join(dir, "*"))+")"); got != "36" {
		t.Errorf("the files' sum is %s", got)
	}
	err := run.store.execAtOnce(t.Context(), append(statements, "SELECT none FROM nowhere"), 3)
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v, want an error of nowhere", err)
	}
	tooLarge := "SELECT error('Out of Memory Error: ' || 1)"
	err = run.store.execAtOnce(t.Context(), []string{tooLarge, tooLarge, tooLarge,
		"CREATE TABLE done_yet AS SELECT 1"}, 2)
	if err == nil || !isOutOfMemory(err) {
		t.Errorf("got %v, want too little memory", err)
	}
}

// TestConnectionsAfterSpill: a database that has spilled can be connected to once more.
func TestConnectionsAfterSpill(t *testing.T) {
	t.Parallel()
	run := stagedRun(t)
	mustExec(t, run.store.db, "SET memory_limit = '64MiB'")
	mustExec(t, run.store.db, `CREATE TABLE spilled AS SELECT md5(CAST(n AS VARCHAR)) AS text
		FROM range(3_000_000) AS r(n)`)
	if len(files(t, run.store.spill)) == 0 {
		t.Fatal("nothing was spilled")
	}
	for range 3 {
		conn, err := run.store.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
}
