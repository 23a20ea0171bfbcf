package reconcile

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/marcboeker/go-duckdb"

	reports "tieout/sql"
)

// month is the committed fixture month; paths in tests count from the root of the repository, as
// a user's would.
const month = "fixtures/2026-10"

// monthVariable holds the folder of the one run of the month that tests share.
const monthVariable = "TIEOUT_TEST_MONTH"

// scriptVariable holds, in a process that the comparison with a script starts, the script's folder.
const scriptVariable = "TIEOUT_BENCH_SCRIPT"

// TestMain runs the month once and then the tests, from the root of the repository. In a process
// that a test has started it does the one run that the test asks for.
func TestMain(m *testing.M) {
	if JudgeStore() {
		return
	}
	if asked := os.Getenv(childVariable); asked != "" {
		os.Exit(child(asked))
	}
	if os.Getenv(scriptVariable) != "" { // timed beside tieout: it must do nothing else
		if err := os.Chdir(".."); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
	flag.Bool("update", false, "write the expected reports of the fixture month anew")
	os.Exit(inMonth(m.Run))
}

// inMonth does the run of the month, then the tests, and removes the run.
func inMonth(tests func() int) int {
	dir, err := os.MkdirTemp("", "month")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := errors.Join(os.Chdir(".."), os.Setenv(monthVariable, dir)); err != nil {
		panic(err)
	}
	if _, err := Run(context.Background(), settingsIn(dir, monthInputs()...)); err != nil {
		fmt.Fprintln(os.Stderr, "the fixture month does not run:", err)
		return 1
	}
	return tests()
}

// monthRun is the run of the month, which tests only read.
func monthRun(t *testing.T) outcome {
	t.Helper()
	settings := settingsIn(os.Getenv(monthVariable), monthInputs()...)
	var summary Summary
	text := readFile(t, filepath.Join(settings.Out, "summary.json"))
	if err := json.Unmarshal(text, &summary); err != nil {
		t.Fatal(err)
	}
	return outcome{&summary, settings, openParquet(t, settings.Out)}
}

// monthInputs are the folders of the fixture month.
func monthInputs() []string {
	return []string{month + "/gateway", month + "/traces", month + "/provider",
		month + "/application", month + "/control"}
}

func day(text string) time.Time {
	parsed, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return parsed
}

// settingsIn are the settings of a run of October 2026 that keeps to a folder.
func settingsIn(dir string, inputs ...string) Settings {
	return Settings{Inputs: inputs, From: day("2026-10-01"), To: day("2026-11-01"),
		Out: filepath.Join(dir, "report"), Store: filepath.Join(dir, "store.duckdb"),
		Prices: []string{month + "/prices.csv"}, ToleranceUSD: "0.000000001",
		TolerancePct: "0", AsOf: day("2026-12-01"), Threads: 2, Version: "test"}
}

// outcome is a finished run: what it returned, and its Parquet files as views of a database.
type outcome struct {
	*Summary
	settings Settings
	db       *sql.DB
}

// runOf runs the inputs into a folder of the test's own.
func runOf(t *testing.T, inputs ...string) outcome {
	t.Helper()
	return runWith(t, settingsIn(t.TempDir(), inputs...))
}

func runWith(t *testing.T, settings Settings) outcome {
	t.Helper()
	summary, err := Run(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	return outcome{summary, settings, openParquet(t, settings.Out)}
}

// emptyDB opens a database in memory that is closed with the test.
func emptyDB(t *testing.T) *sql.DB {
	t.Helper()
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close(); connector.Close() })
	mustExec(t, db, "SET threads = 1")
	return db
}

// openParquet makes a view of each Parquet file of a folder of reports.
func openParquet(t *testing.T, out string) *sql.DB {
	t.Helper()
	db := emptyDB(t)
	for _, report := range reports.Reports() {
		mustExec(t, db, "CREATE VIEW "+report.Name+" AS SELECT * FROM read_parquet("+
			literal(filepath.Join(out, report.Name+".parquet"))+")")
	}
	return db
}

func mustExec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
}

// lines gives the rows of a query as text, the values parted by " | ".
func lines(t *testing.T, db *sql.DB, query string, args ...any) (all []string) {
	t.Helper()
	err := eachRow(t.Context(), db, query, args, func(_ []string, values []any) error {
		if values == nil {
			return nil
		}
		fields := make([]string, len(values))
		for i, value := range values {
			fields[i] = cell(value)
		}
		all = append(all, strings.Join(fields, " | "))
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	return all
}

// one gives the single value of a query as text.
func one(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	found := lines(t, db, query, args...)
	if len(found) != 1 {
		t.Fatalf("%d rows and not one: %s", len(found), query)
	}
	return found[0]
}

// differ fails with the lines that one side has and the other has not; order does not matter.
func differ(t *testing.T, what string, got, want []string) {
	t.Helper()
	counts := map[string]int{}
	for _, line := range got {
		counts[line]++
	}
	for _, line := range want {
		counts[line]--
	}
	var said []string
	for line, n := range counts {
		for ; n > 0; n-- {
			said = append(said, "  got  "+line)
		}
		for ; n < 0; n++ {
			said = append(said, "  want "+line)
		}
	}
	if len(said) == 0 {
		return
	}
	slices.SortFunc(said, func(a, b string) int { return strings.Compare(a[7:], b[7:]) })
	if len(said) > 12 {
		said = append(said[:12], fmt.Sprintf("  … %d more", len(said)-12))
	}
	t.Errorf("%s: %d rows, want %d\n%s", what, len(got), len(want), strings.Join(said, "\n"))
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func writeFile(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
