package reconcile

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tieout/fixtures"
	reports "tieout/sql"
)

// TestTouchedRows: nights that bring a little each match and rate that little alone, also where a
// provider's file is restated and a name is gone with it, and end in the bytes of a run from
// nothing.
func TestTouchedRows(t *testing.T) {
	t.Parallel()
	const nights = 8
	chance := rand.New(rand.NewPCG(11, 2026))
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir, in)
	settings.rowGroupRows = 20 // so that each day has row groups of its own
	var touched, reused atomic.Int64
	settings.Progress = func(step Step) {
		switch step.Name {
		case "kept":
			touched.Add(1)
		case "reuse":
			reused.Add(1)
		}
	}
	usage := filepath.Join(in, "provider", "anthropic_tokens_2026_10.csv")
	for _, path := range files(t, month+"/provider", month+"/control") {
		writeFile(t, filepath.Join(in, "provider", filepath.Base(path)), readFile(t, path))
	}
	whole := string(readFile(t, usage))
	pieces := map[string][]string{}
	for _, path := range files(t, month+"/gateway", month+"/traces", month+"/application") {
		name := strings.TrimSuffix(filepath.Base(path), ".gz")
		pieces[name] = parts(t, path, nights, chance)
	}
	var last outcome
	for night := range nights {
		for name, dealt := range pieces {
			if night < len(dealt) {
				path := filepath.Join(in, fmt.Sprintf("%c", 'a'+rune(night%5)), // in any order
					fmt.Sprintf("%02d-%s", night, name))
				writeFile(t, path, []byte(dealt[night]))
			}
		}
		text := whole
		if night == nights-2 { // the export names a model that the next one has not
			text = strings.ReplaceAll(whole, "claude-sonnet-5", "claude-sonnet-4-5-20250929")
		}
		writeFile(t, usage, []byte(text))
		last = runWith(t, settings)
	}
	if touched.Load() < nights/3 || reused.Load() == 0 {
		t.Errorf("%d of %d nights worked out only what was new, %d left days as they were",
			touched.Load(), nights, reused.Load())
	}
	scratch := settings
	scratch.Store, scratch.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	var names []string // all but those that tell of restatements
	for _, path := range files(t, settings.Out) {
		switch name := filepath.Base(path); name {
		case "report.duckdb", "manifest.json", "restatement.parquet", "report.html":
		default:
			names = append(names, name)
		}
	}
	sameFiles(t, runWith(t, scratch), last, names...)
}

// TestDaysTakenOver: nights that bring a day each publish that day and leave the others, and end
// in the bytes of a run from nothing, and in its rows in report.duckdb.
func TestDaysTakenOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir, in)
	settings.rowGroupRows = 70
	var days []string
	settings.Progress = func(step Step) {
		if step.Name == "reuse" {
			days = append(days, step.Detail)
		}
	}
	dealt := byDay(t, fixtures.Plan{Requests: 3000, Seed: 9}, "2026-10-28")
	var last outcome
	for _, night := range slices.Sorted(maps.Keys(dealt)) {
		for name, text := range dealt[night] {
			writeFile(t, filepath.Join(in, night, name), []byte(text))
		}
		last = runWith(t, settings)
	}
	if t.Log(days); len(days) != len(dealt)-1 {
		t.Errorf("%d of %d nights left days as they were: %s", len(days), len(dealt), days)
	}
	scratch := settings
	scratch.Store, scratch.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	once := runWith(t, scratch)
	sameReports(t, once, last)
	db := emptyDB(t)
	mustExec(t, db, "ATTACH "+literal(filepath.Join(once.settings.Out, databaseName))+
		" AS once (READ_ONLY)")
	mustExec(t, db, "ATTACH "+literal(filepath.Join(last.settings.Out, databaseName))+
		" AS nightly (READ_ONLY)")
	for _, report := range reports.Reports() {
		n := one(t, db, fmt.Sprintf(`SELECT COUNT(*) FROM (
			(FROM once.%[1]s EXCEPT ALL FROM nightly.%[1]s)
			UNION ALL (FROM nightly.%[1]s EXCEPT ALL FROM once.%[1]s))`, report.Name))
		if n != "0" {
			t.Errorf("%s: %s rows differ in report.duckdb", report.Name, n)
		}
	}
	for _, what := range []string{"table_name, column_name, comment FROM duckdb_columns()",
		"view_name, sql, comment FROM duckdb_views()"} {
		said := func(database string) []string {
			return lines(t, db, "SELECT "+what+" WHERE database_name = '"+database+
				"' AND NOT internal ORDER BY ALL")
		}
		differ(t, what, said("nightly"), said("once"))
	}
}

// TestKeptOfOtherFiles: what is kept holds in a store that was put back from a copy, and not when
// another program, of before there was anything to keep, has added files to the store and left it
// in order.
func TestKeptOfOtherFiles(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]int{"as left": 1, "put back": 1, "of another program": 0} {
		dir := t.TempDir()
		settings := settingsIn(dir, monthInputs()...)
		kept := 0
		settings.Progress = func(step Step) {
			if step.Name == "kept" {
				kept++
			}
		}
		runWith(t, settings)
		switch how {
		case "put back":
			content, err := os.ReadFile(settings.Store)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, settings.Store, content)
		case "of another program":
			db := emptyDB(t)
			mustExec(t, db, "ATTACH "+literal(settings.Store)+" AS store")
			mustExec(t, db, "UPDATE store.raw.source_file SET rows_ignored = rows_ignored + 1")
			mustExec(t, db, "DETACH store")
			seal, errRead := sealOf(settings.Store)
			info, err := os.Stat(settings.Store)
			if err := errors.Join(errRead, err); err != nil {
				t.Fatal(err)
			}
			writeFile(t, settings.Store+".lock", []byte(fmt.Sprintf(leftForm, info.Size(), seal)))
		}
		settings.AsOf = settings.AsOf.AddDate(0, 0, 1) // so that there is something to do
		settings.Inputs = monthInputs()[:1]
		runWith(t, settings)
		if kept != want {
			t.Errorf("a store %s: kept %d times, want %d", how, kept, want)
		}
	}
}
