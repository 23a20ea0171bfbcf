package reconcile

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tieout/fixtures"
)

func TestParseMemory(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"512MiB": 512 << 20, "2GB": 2_000_000_000, "1.5 GiB": 3 << 29, "100KB": 100_000,
		"1TiB": 1 << 40,
	} {
		if got, err := ParseMemory(text); err != nil || got != want {
			t.Errorf("%s is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "2", "GB", "-1GB", "2 gigs", "1.25GB", "9999999999GB"} {
		if got, err := ParseMemory(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// TestMemoryThere reads the limits of containers as kernels show them.
func TestMemoryThere(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal:       8388608 kB\nMemFree: 1 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"the machine": {map[string]string{"proc/meminfo": meminfo}, 8 << 30},
		"version 2, seen from within": {map[string]string{"proc/meminfo": meminfo,
			"sys/fs/cgroup/memory.max": "1073741824\n"}, 1 << 30},
		"version 2, no limit": {map[string]string{"proc/meminfo": meminfo,
			"proc/self/cgroup": "0::/pod/job\n", "sys/fs/cgroup/pod/job/memory.max": "max\n"},
			8 << 30},
		"version 2, the group around it": {map[string]string{"proc/meminfo": meminfo,
			"proc/self/cgroup": "0::/pod/job\n", "sys/fs/cgroup/pod/job/memory.max": "max\n",
			"sys/fs/cgroup/pod/memory.max": "2147483648\n"}, 2 << 30},
		"version 1": {map[string]string{"proc/meminfo": meminfo,
			"proc/self/cgroup": "9:cpu,cpuacct:/x\n4:memory:/docker/abc\n",
			"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "536870912\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":            "9223372036854771712\n"},
			512 << 20},
		"nothing": {nil, 0},
	} {
		root := t.TempDir()
		for file, text := range c.files {
			writeFile(t, filepath.Join(root, file), []byte(text))
		}
		if got := memoryThere(root); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestMemoryLimit: a month that is larger than its memory is tied out within it, and gives the
// bytes that it gives with plenty; what it spilled is gone.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	source, dir, spill := t.TempDir(), t.TempDir(), t.TempDir()
	if _, err := fixtures.Generate(source, fixtures.Plan{Requests: 20_000, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	const limit, rowGroupRows = 256 << 20, 5000
	command := childRun{Dir: dir, Inputs: []string{source}, MemoryBytes: limit,
		TempDir: spill, RowGroupRows: rowGroupRows}.start(t)
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	// What the system accounts for a process that ended begins at the size of the one that
	// started it, so the process tells its own peak.
	var peakKiB int64
	_, rest, _ := strings.Cut(string(said), "VmHWM:")
	if _, err := fmt.Sscan(rest, &peakKiB); err != nil || peakKiB > limit*5/4>>10 {
		t.Errorf("it took %d MiB, limit %d: %v", peakKiB>>10, limit>>20, err)
	}
	t.Logf("it took %d MiB", peakKiB>>10)
	if left, err := os.ReadDir(spill); err != nil || len(left) > 0 {
		t.Errorf("%v is left of the spill, %v", left, err)
	}
	settings := settingsIn(dir, source)
	settings.Out = filepath.Join(dir, "plenty")
	settings.Store = filepath.Join(dir, "plenty.duckdb")
	settings.rowGroupRows = rowGroupRows
	plenty := runWith(t, settings)
	settings.Out = filepath.Join(dir, "report")
	sameReports(t, plenty, outcome{settings: settings})
}

// TestTooLittleMemory: the error says so, and what to do.
func TestTooLittleMemory(t *testing.T) {
	t.Parallel()
	settings := settingsIn(t.TempDir(), monthInputs()...)
	settings.MemoryBytes = 4 << 20
	_, err := Run(t.Context(), settings)
	var memory *MemoryError
	if !errors.As(err, &memory) || memory.Hint == "" {
		t.Errorf("got %v, want a memory error with a hint", err)
	}
}

// TestGatheredInSpans: requests that are gathered a span of time at a time are all of them, once.
func TestGatheredInSpans(t *testing.T) {
	t.Parallel()
	run := stagedRun(t)
	for _, most := range []int64{1, 20, 1_000_000} {
		spans, err := run.spans(t.Context(), math.MinInt64, math.MaxInt64, most)
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, run.store.db,
			"CREATE OR REPLACE TABLE parts AS SELECT * FROM report.requests LIMIT 0")
		for _, span := range spans {
			mustExec(t, run.store.db, "INSERT INTO parts SELECT * FROM "+span.report())
		}
		for _, query := range []string{
			"SELECT COUNT(*) FROM (FROM report.requests EXCEPT ALL FROM parts)",
			"SELECT COUNT(*) FROM (FROM parts EXCEPT ALL FROM report.requests)",
		} {
			if n := one(t, run.store.db, query); n != "0" {
				t.Errorf("%d spans: %s: %s", len(spans), query, n)
			}
		}
		if most < 1000 && len(spans) < 10 || most > 1000 && len(spans) != 1 {
			t.Errorf("%d spans of %d requests at most", len(spans), most)
		}
	}
}
