package reconcile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder is what an input folder holds in a night, by name.
type folder map[string]string

// movedCase is a sequence of nights after the last of which the reports are those of a run from
// nothing. Of the last night only what is named in only is an input, if anything is.
type movedCase struct {
	name    string
	nights  []folder
	only    []string
	isExact bool // the last night
}

// movedCases are files that come under other names, with what stands at the old ones.
func movedCases(log, bill func(from, to int) string) []movedCase {
	first, second := bill(5, 15), bill(12, 20)
	restated := strings.ReplaceAll(second, ",0.00", ",0.01")
	return []movedCase{
		{"a window that moved on is archived, a log rotated twice", []folder{
			{"cost.csv": first, "llm.jsonl": log(0, 20)},
			{"cost.csv": second, "llm.jsonl": log(20, 30), "llm.jsonl.1": log(0, 20)},
			{"cost.csv": second, "archive/cost.csv": first, "llm.jsonl": log(30, 40),
				"llm.jsonl.1": log(20, 30), "llm.jsonl.2": log(0, 20)},
		}, []string{"archive/cost.csv", "llm.jsonl", "llm.jsonl.1", "llm.jsonl.2"}, false},
		{"an archived window is one of all inputs", []folder{{"cost.csv": first},
			{"cost.csv": second}, {"cost.csv": bill(18, 25), "archive/cost.csv": first},
		}, nil, true},
		{"a window is put back, a log written on before it is rotated", []folder{
			{"cost.csv": first, "llm.jsonl": log(0, 20)},
			{"cost.csv": restated, "llm.jsonl": log(25, 30), "llm.jsonl.1": log(0, 25)},
			{"cost.csv": first, "llm.jsonl": log(36, 40), "llm.jsonl.1": log(25, 36),
				"llm.jsonl.2": log(0, 25)},
		}, nil, false},
		{"logs are away for a night, another written at the path of one", []folder{
			{"cost.csv": first, "llm.jsonl": log(0, 20), "a.jsonl": log(40, 45)},
			{"cost.csv": first, "a.jsonl": log(50, 55)},
			{"cost.csv": first},
			{"cost.csv": first, "old/llm.jsonl": log(0, 25), "old/a.1": log(40, 46),
				"old/a.2": log(50, 56)},
		}, nil, false},
		{"names are left, taken over, exchanged", []folder{
			{"cost.csv": first, "llm.jsonl": log(0, 20), "a.jsonl": log(40, 45),
				"b.jsonl": log(45, 50), "c.jsonl": log(50, 55)},
			{"cost.csv": restated, "cost.csv.1": first, "llm.jsonl.1": log(0, 25),
				"a.jsonl": log(45, 50), "b.jsonl": log(40, 45), "z.jsonl": log(50, 55)},
		}, nil, false},
	}
}

// TestMoved: a content that is at another path than it was, and a log that begins with it, take its
// place, and a window of which a newer version has taken days is whole again when it is named.
func TestMoved(t *testing.T) {
	t.Parallel()
	rows := strings.SplitAfter(plainText(t, month+"/gateway/litellm-2026-10.jsonl"), "\n")
	log := func(from, to int) string { return strings.Join(rows[from:to], "") }
	for _, c := range movedCases(log, openaiCosts(t).between) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.play(t)
		})
	}
}

// play runs the nights, and then one over what is there from nothing.
func (c movedCase) play(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir, in)
	var last outcome
	for i, night := range c.nights {
		if err := os.RemoveAll(in); err != nil {
			t.Fatal(err)
		}
		for name, text := range night {
			writeFile(t, filepath.Join(in, name), []byte(text))
		}
		if i == len(c.nights)-1 {
			settings.Exact = c.isExact
			for k, name := range c.only {
				settings.Inputs = append(settings.Inputs[:k:k], filepath.Join(in, name))
			}
		}
		last = runWith(t, settings)
	}
	once := settings
	once.Inputs = []string{in}
	once.Store, once.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	sameTables(t, runWith(t, once), last)
}

// sameTables wants the same bytes in all Parquet files that two runs published, but for the history
// of what providers restated.
func sameTables(t *testing.T, a, b outcome) {
	t.Helper()
	var names []string
	for _, path := range files(t, a.settings.Out) {
		name := filepath.Base(path)
		if filepath.Ext(name) == ".parquet" && name != "restatement.parquet" {
			names = append(names, name)
		}
	}
	if len(names) < 10 {
		t.Fatal("too few tables: ", names)
	}
	sameFiles(t, a, b, names...)
}

// TestMovedWhileRead: a log that was written on before it was rotated takes its old content's
// place, also when it is rotated again while the files are read.
func TestMovedWhileRead(t *testing.T) {
	t.Parallel()
	rows := strings.SplitAfter(plainText(t, month+"/gateway/litellm-2026-10.jsonl"), "\n")
	log := func(from, to int) []byte { return []byte(strings.Join(rows[from:to], "")) }
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings, llm := settingsIn(dir, in), filepath.Join(in, "llm.jsonl")
	writeFile(t, llm, log(0, 20))
	runWith(t, settings)
	writeFile(t, llm, log(25, 30))
	settings.Progress = func(told Step) {
		if told.Name != "loaded" || !strings.HasPrefix(told.Detail, llm+".1:") {
			return
		}
		if err := os.Rename(llm+".1", filepath.Join(dir, "llm.jsonl.2")); err != nil {
			t.Error(err)
		}
	}
	writeFile(t, llm+".1", log(0, 25))
	last := runWith(t, settings)
	writeFile(t, llm+".1", log(0, 25))
	settings.Store, settings.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	sameTables(t, runWith(t, settings), last)
}
