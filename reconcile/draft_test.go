package reconcile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tieout/fixtures"
)

// TestDraft: a night that is told to stop when report.duckdb and days of requests.parquet are
// copied leaves nothing of them, and a report.duckdb that is not what the store knows is not taken
// over.
func TestDraft(t *testing.T) {
	t.Parallel()
	source, dir := t.TempDir(), t.TempDir()
	if _, err := fixtures.Generate(source, fixtures.Plan{Requests: 3000, Seed: 9}); err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(dir, "in")
	all := strings.SplitAfter(plainText(t, filepath.Join(source, "gateway/litellm-2026-10.jsonl")),
		"\n")
	bring := func(name string, lines []string) {
		t.Helper()
		writeFile(t, filepath.Join(in, name), []byte(strings.Join(lines, "")))
	}
	settings := settingsIn(dir, in, filepath.Join(source, "traces"),
		filepath.Join(source, "provider"))
	settings.rowGroupRows = 70
	bring("a.jsonl", all[:2900])
	runWith(t, settings)

	bring("b.jsonl", all[2900:2950])
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped, drafted := settings, false
	stopped.Progress = func(step Step) {
		if strings.HasPrefix(step.Detail, "50_bucket") {
			drafted = comes(filepath.Join(settings.buildingFolder(), requestsName+".begun"))
			cancel()
		}
	}
	err := staysWhole(t, settings.Out, func() error {
		_, err := Run(ctx, stopped)
		return err
	})
	if !drafted || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled; begun to copy: %v", err, drafted)
	}
	if left, err := os.Stat(settings.buildingFolder()); err == nil {
		t.Errorf("%s is left", left.Name())
	}

	reused := 0
	settings.Progress = func(step Step) {
		if step.Name == "reuse" {
			reused++
		}
	}
	runWith(t, settings) // what the stopped one has changed is not taken over
	bring("c.jsonl", all[2950:2970])
	runWith(t, settings)
	if reused != 1 {
		t.Errorf("%d nights took days over, want the last", reused)
	}
	database := filepath.Join(settings.Out, databaseName)
	other := readFile(t, database)
	other[len(other)-1]++
	writeFile(t, database, other)
	bring("d.jsonl", all[2970:])
	last := runWith(t, settings)
	if reused != 1 {
		t.Error("a report.duckdb that was changed is taken over")
	}
	scratch := settings
	scratch.Store, scratch.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	sameReports(t, runWith(t, scratch), last)
}

// comes waits for a file to be there.
func comes(path string) bool {
	for range 100 {
		if _, err := os.Stat(path); err == nil {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}
