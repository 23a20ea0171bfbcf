package reconcile

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	reports "tieout/sql"
)

// files lists the files of the inputs, folders opened.
func files(t *testing.T, inputs ...string) []string {
	t.Helper()
	var all []string
	for _, input := range inputs {
		err := filepath.WalkDir(input, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// plainText reads a file, unpacked.
func plainText(t *testing.T, path string) string {
	t.Helper()
	text := readFile(t, path)
	if filepath.Ext(path) != ".gz" {
		return string(text)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if text, err = io.ReadAll(unpacked); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sameFiles wants the same bytes in the named files of two folders of reports.
func sameFiles(t *testing.T, a, b outcome, names ...string) {
	t.Helper()
	for _, name := range names {
		first := readFile(t, filepath.Join(a.settings.Out, name))
		second := readFile(t, filepath.Join(b.settings.Out, name))
		if !bytes.Equal(first, second) {
			t.Errorf("%s has other bytes: %d and %d of them", name, len(first), len(second))
		}
	}
}

// TestSameBytes: neither the order of the inputs, nor whether a folder or its files are named,
// nor the number of threads changes a byte of what is published.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	whole := monthRun(t)
	var names []string
	for _, path := range files(t, whole.settings.Out) {
		if name := filepath.Base(path); name != "report.duckdb" {
			names = append(names, name)
		}
	}
	if want := len(reports.Reports()) + 3; len(names) != want {
		t.Fatalf("%d files to compare, want %d: %v", len(names), want, names)
	}
	reversed := files(t, monthInputs()...)
	slices.Reverse(reversed)
	alone := settingsIn(t.TempDir(), append(reversed, monthInputs()...)...)
	alone.Threads = 1
	sameFiles(t, whole, runWith(t, alone), names...)
	crowded := settingsIn(t.TempDir(), "./"+month+"/provider/", month+"/gateway", month+"/traces/",
		month+"/control", "./"+month+"/application")
	crowded.Threads = 5
	sameFiles(t, whole, runWith(t, crowded), names...)
}

// unlocated are the reports that tell of no file: nothing about where rows stood may show.
func unlocated() []string {
	return []string{"drift.parquet", "bridge.parquet", "chargeback.parquet", "tenants.parquet",
		"workflows.parquet", "signals.parquet", "prices.parquet"}
}

// sameButPlace wants two runs to publish the same figures; files and lines, and the notes on
// rows that stand twice, may differ.
func sameButPlace(t *testing.T, a, b outcome) {
	t.Helper()
	sameFiles(t, a, b, unlocated()...)
	sameRows(t, a, b)
}

// sameRows wants two runs to say the same of each request and break, wherever its rows stood.
func sameRows(t *testing.T, a, b outcome) {
	t.Helper()
	for _, query := range []string{
		"SELECT * EXCLUDE (source_file, source_line, trace_file, trace_line) FROM requests",
		"SELECT * EXCLUDE (source_file, source_line) FROM breaks WHERE level <> 'file'",
	} {
		differ(t, query, lines(t, b.db, query), lines(t, a.db, query))
	}
}

// shuffle deals the lines of a text out to two, in another order, under the same header.
func shuffle(text string, hasHeader bool, chance *rand.Rand) (first, second string) {
	header := ""
	if hasHeader {
		header, text, _ = strings.Cut(text, "\n")
		header += "\n"
	}
	all := strings.SplitAfter(text, "\n")
	all = slices.DeleteFunc(all, func(line string) bool { return line == "" })
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	half := len(all) / 2
	return header + strings.Join(all[:half], ""), header + strings.Join(all[half:], "")
}

// TestSplitAndShuffled: each file in two files and the lines in another order are the same month.
func TestSplitAndShuffled(t *testing.T) {
	t.Parallel()
	whole, dir := monthRun(t), t.TempDir()
	chance := rand.New(rand.NewPCG(2026, 10))
	for i, path := range files(t, monthInputs()...) {
		base := strings.TrimSuffix(filepath.Base(path), ".gz")
		first, second := shuffle(plainText(t, path), filepath.Ext(base) == ".csv", chance)
		folders := []string{"b", "a"}
		writeFile(t, filepath.Join(dir, folders[i%2], base), []byte(first))
		writeFile(t, filepath.Join(dir, folders[1-i%2], base), []byte(second))
	}
	parts := runOf(t, dir)
	sameButPlace(t, whole, parts)
	if whole.Rows != parts.Rows {
		t.Errorf("rows %+v, want %+v", parts.Rows, whole.Rows)
	}
}

// TestLoadedTwice: each file a second time under another name changes the count of duplicates
// and the notes that tell of them, and no figure.
func TestLoadedTwice(t *testing.T) {
	t.Parallel()
	once, dir := monthRun(t), t.TempDir()
	for _, path := range files(t, monthInputs()...) {
		writeFile(t, filepath.Join(dir, "again-"+filepath.Base(path)), readFile(t, path))
	}
	twice := runOf(t, append(monthInputs(), dir)...)
	sameButPlace(t, once, twice)
	want := RowCounts{Read: 2 * once.Rows.Read, Loaded: once.Rows.Loaded,
		Duplicate: once.Rows.Duplicate + once.Rows.Read}
	if twice.Rows != want {
		t.Errorf("rows %+v, want %+v", twice.Rows, want)
	}
	if twice.Breaks != once.Breaks {
		t.Errorf("%d breaks, want %d", twice.Breaks, once.Breaks)
	}
	notes := one(t, twice.db, `SELECT SUM(rows) FROM breaks
		WHERE level = 'file' AND cause = 'row_duplicated' AND NOT is_break AND drift_usd = 0`)
	if spans := one(t, twice.db, `SELECT SUM(rows_duplicate) FROM sources
		WHERE leg <> 'trace' OR recognised_by LIKE 'the same bytes as %'`); notes != spans {
		t.Errorf("the notes tell of %s duplicate rows, the sources of %s", notes, spans)
	}
}

// TestPeriodsAdd: [a, c) is [a, b) and [b, c): each day's figures stand in just one of them.
func TestPeriodsAdd(t *testing.T) {
	t.Parallel()
	whole := monthRun(t)
	part := func(from, to time.Time) outcome {
		settings := settingsIn(t.TempDir(), monthInputs()...)
		settings.From, settings.To = from, to
		return runWith(t, settings)
	}
	middle := day("2026-10-16") // the day on which a price changes
	first, second := part(whole.settings.From, middle), part(middle, whole.settings.To)
	for _, query := range []string{
		"SELECT * FROM drift", "SELECT * FROM chargeback",
		"SELECT * FROM signals WHERE signal <> 'workflow'",
		"SELECT * EXCLUDE (sheet_id, source_file, trace_file) FROM requests",
		"SELECT * EXCLUDE (source_file) FROM breaks WHERE level IN ('request', 'bucket')",
	} {
		differ(t, query, slices.Concat(lines(t, first.db, query), lines(t, second.db, query)),
			lines(t, whole.db, query))
	}
	sum := func(a, b string) string { return mustUSD(t, a).Add(mustUSD(t, b)).String() }
	got := joined(first.Requests+second.Requests, first.Breaks+second.Breaks,
		sum(first.SpendUSD, second.SpendUSD), sum(first.ChargeUSD, second.ChargeUSD),
		sum(*first.BillUSD, *second.BillUSD))
	want := joined(whole.Requests, whole.Breaks, whole.SpendUSD, whole.ChargeUSD, *whole.BillUSD)
	if got != want {
		t.Errorf("the parts come to %s, the whole is %s", got, want)
	}
}

// TestNothingButReports: a run leaves its folder of reports, its store and the locks of both.
func TestNothingButReports(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.Dir(monthRun(t).settings.Out))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	want := []string{"report", "report.lock", "store.duckdb", "store.duckdb.lock"}
	if !slices.Equal(names, want) {
		t.Errorf("a run left %v, want %v", names, want)
	}
}

// TestOwnOutputIsNoInput: a second run over a folder that by then holds the reports and the store
// of the first one finds the same inputs.
func TestOwnOutputIsNoInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "prices.txt"), []byte("no export"))
	for _, path := range files(t, month+"/provider") {
		writeFile(t, filepath.Join(dir, filepath.Base(path)), readFile(t, path))
	}
	first := runWith(t, settingsIn(dir, dir))
	before := readFile(t, filepath.Join(first.settings.Out, "manifest.json"))
	second := runWith(t, settingsIn(dir, dir))
	if after := readFile(t, filepath.Join(second.settings.Out, "manifest.json")); !bytes.Equal(
		before, after) {
		t.Errorf("the second run's manifest:\n%s\nthe first one's:\n%s", after, before)
	}
	if found := one(t, second.db, "SELECT COUNT(*) FROM sources"); found != "5" {
		t.Errorf("%s sources, want the four exports and a file of no format", found)
	}
}
