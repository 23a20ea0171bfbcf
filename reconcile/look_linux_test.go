package reconcile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tieout/fixtures"
)

// TestLook: a night takes a file that looks as it did for what it was, and reads one that was
// changed in place, with its size and its time set back, or that had just been written.
func TestLook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := filepath.Join(dir, "in")
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := fixtures.Generate(source, fixtures.Plan{Requests: 300, Seed: 4}); err != nil {
		t.Fatal(err)
	}
	settings := settingsIn(dir, source)
	fresh := filepath.Join(source, "gateway", "fresh.jsonl")
	rows := filepath.Join(source, "gateway", "litellm-2026-10.jsonl")
	time.Sleep(settledFor + 100*time.Millisecond)
	lines := bytes.SplitAfterN(readFile(t, rows), []byte("\n"), 3)
	writeFile(t, fresh, lines[0])
	runWith(t, settings)
	plan := comparedWith(t, settings)
	for _, g := range plan.given {
		if isRead, want := g.grown != nil, g.path == fresh; isRead != want || g.sha256 == "" {
			t.Errorf("%s is read: %t, want %t; sha256 %s", g.path, isRead, want, g.sha256)
		}
	}

	before, err := os.Stat(rows)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(readFile(t, rows), []byte(`"spend":0.`), []byte(`"spend":1.`), 1)
	writeFile(t, rows, changed)
	if err := os.Chtimes(rows, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	plan = comparedWith(t, settings)
	if len(plan.load) != 1 || plan.load[0].path != rows || plan.load[0].size != before.Size() {
		t.Errorf("to load: %v, want %s", plan.load, rows)
	}
	again := settings
	again.Store, again.Out = filepath.Join(dir, "other.duckdb"), filepath.Join(dir, "other")
	again.Exact, settings.Exact = true, true
	sameReports(t, runWith(t, again), runWith(t, settings))
}

// comparedWith compares the inputs with what the store holds, as a night does.
func comparedWith(t *testing.T, settings Settings) *intent {
	t.Helper()
	r := begun(t, settings)
	defer r.store.discard()
	held, err := r.readHoldings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := r.compare(t.Context(), held)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestSeal: a file that a run made is known by its look, a copy that was put back by its content,
// and one that was changed in place by neither.
func TestSeal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"report.duckdb", "requests.parquet"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			if name == "report.duckdb" {
				mustExec(t, emptyDB(t), "ATTACH "+literal(path)+` AS report;
					CREATE TABLE report.call AS SELECT md5(n::VARCHAR) FROM range(200000) AS r(n);
					CREATE TABLE report.day AS FROM report.call;
					CHECKPOINT report;
					DELETE FROM report.call WHERE rowid % 3 = 0;
					DROP TABLE report.day;
					CHECKPOINT report;
					DETACH report`)
			} else {
				writeFile(t, path, bytes.Repeat([]byte("a row of a report "), 1<<15))
			}
			testSeal(t, path)
		})
	}
}

func testSeal(t *testing.T, path string) {
	t.Helper()
	file, err := hashFile(path)
	if err != nil {
		t.Fatal(err)
	}
	manifest := &Manifest{Outputs: []ManifestFile{{"requests.parquet", file.SHA256, file.Bytes}}}
	seal, err := manifest.sealOf(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, look, _ := strings.Cut(seal, sealSeparator)
	other := "otherwise" + sealSeparator + look // the same look, and a content that it never had
	if !isSealed(path, seal, 2) || isSealed(path, other, 2) {
		t.Error("a file that has just been made is not known by its content")
	}
	time.Sleep(settledFor + 100*time.Millisecond)
	if !isSealed(path, other, 2) {
		t.Error("a file that looks as it did is read")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2]++
	writeFile(t, path, content)
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(settledFor + 100*time.Millisecond)
	if isSealed(path, seal, 2) {
		t.Error("a file that was changed in place, its time set back, is taken for what it was")
	}
	content[len(content)/2]--
	writeFile(t, path, content)
	if !isSealed(path, seal, 2) {
		t.Error("a copy that was put back is not known")
	}
}
