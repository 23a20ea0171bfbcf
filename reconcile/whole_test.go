package reconcile

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// oldRun is a folder with the reports and the store of an earlier run, and settings that would
// replace them.
func oldRun(t *testing.T, inputs ...string) (dir string, settings Settings) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(os.Getenv(monthVariable))); err != nil {
		t.Fatal(err)
	}
	return dir, settingsIn(dir, inputs...)
}

// snapshot hashes all files under a folder, but for the locks, which outlive a run and hold the
// number of the last process, and the store, which keeps what a run that failed had loaded.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, path := range files(t, dir) {
		if !strings.HasSuffix(path, ".lock") && !strings.Contains(path, "store.duckdb") {
			found[path] = fmt.Sprintf("%x", sha256.Sum256(readFile(t, path)))
		}
	}
	return found
}

// staysWhole wants a run to fail and to leave the folder as it was: no file more, less or other.
func staysWhole(t *testing.T, dir string, run func() error) error {
	t.Helper()
	before := snapshot(t, dir)
	if len(before) < 10 {
		t.Fatalf("only %d files that could change", len(before))
	}
	err := run()
	if err == nil {
		t.Error("the run did not fail")
	}
	after := snapshot(t, dir)
	if maps.Equal(before, after) {
		return err
	}
	for path := range after {
		if before[path] != after[path] {
			t.Errorf("%s is new or other than before", path)
		}
	}
	for path := range before {
		if after[path] == "" {
			t.Errorf("%s is gone", path)
		}
	}
	return err
}

// cutOff is a gzip file that ends in the middle.
func cutOff(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(readFile(t, month+"/gateway/litellm-2026-10.jsonl")); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()[:packed.Len()/2]
}

// TestOldReportsStayWhole: a run that cannot use what it was given leaves what was there.
func TestOldReportsStayWhole(t *testing.T) {
	t.Parallel()
	bad := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(bad, name)
		writeFile(t, path, text)
		return path
	}
	foreign := write("letter.txt", []byte("Dear Sir or Madam"))
	torn := write("torn.jsonl.gz", cutOff(t))
	prices := write("prices.csv", []byte("provider,model\nopenai,gpt-5\n"))
	headless := write("usage.csv", []byte("start_time,end_time,num_model_requests,model\n1,2,3,m"))
	var input *InputError
	var setting *SettingError
	var refused *RefusedError
	for _, c := range []struct {
		name   string
		change func(*Settings)
		want   any
	}{
		{"a file of no known format", func(s *Settings) { s.Inputs = append(s.Inputs, foreign) },
			&input},
		{"columns missing", func(s *Settings) { s.Inputs = append(s.Inputs, headless) }, &input},
		{"a file cut off", func(s *Settings) { s.Inputs = append(s.Inputs, torn) }, &input},
		{"no such file", func(s *Settings) { s.Inputs = append(s.Inputs, bad+"/none") }, &input},
		{"no input", func(s *Settings) { s.Inputs = nil }, &setting},
		{"a leg missing", func(s *Settings) {
			s.Inputs, s.Require, s.Exact = monthInputs()[:1], []string{"trace"}, true
		}, &input},
		{"a price list that is none", func(s *Settings) { s.Prices = []string{prices} }, &setting},
		{"no such price list", func(s *Settings) { s.Prices = []string{bad + "/none"} }, &setting},
		{"out is a file", func(s *Settings) { s.Out = foreign }, &refused},
		{"out below a file", func(s *Settings) { s.Out = filepath.Join(foreign, "out") }, &refused},
		{"out holds what no run wrote", func(s *Settings) { s.Out = bad }, &refused},
		{"the store is a folder", func(s *Settings) { s.Store = bad }, &refused},
		{"the store is a file that no run made", func(s *Settings) { s.Store = foreign }, &refused},
		{"the store lies within out", func(s *Settings) {
			s.Store = filepath.Join(s.Out, "store.duckdb")
		}, &setting},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, settings := oldRun(t, monthInputs()...)
			c.change(&settings)
			err := staysWhole(t, dir, func() error {
				_, err := Run(t.Context(), settings)
				return err
			})
			if !errors.As(err, c.want) {
				t.Errorf("got %T %v, want %T", err, err, c.want)
			}
		})
	}
	if text := readFile(t, foreign); string(text) != "Dear Sir or Madam" {
		t.Errorf("the foreign file now says %q", text)
	}
}

// TestGuestInOut: a file of somebody else's beside the reports keeps them from being replaced.
func TestGuestInOut(t *testing.T) {
	t.Parallel()
	dir, settings := oldRun(t, monthInputs()...)
	writeFile(t, filepath.Join(settings.Out, "my notes.txt"), []byte("keep me"))
	err := staysWhole(t, dir, func() error {
		_, err := Run(t.Context(), settings)
		return err
	})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Problem, "my notes.txt") {
		t.Errorf("got %v, want a refusal that names the file", err)
	}
}

// TestRejectLimit: as many rejects as allowed pass, one more fails and names the first.
func TestRejectLimit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	text, _, _ := strings.Cut(string(readFile(t, month+"/gateway/litellm-2026-10.jsonl")), "\n")
	text += "\n" + `{"request_id":"r","spend":"NaN","startTime":"x"}` + "\n"
	writeFile(t, path, []byte(text))
	dir, settings := oldRun(t, path)
	settings.Exact = true
	for _, c := range []struct {
		limit RejectLimit
		fails bool
	}{
		{RejectLimit{IsSet: true, Count: 0}, true},
		{RejectLimit{IsSet: true, IsPercent: true, Milli: 49_999}, true},
		{RejectLimit{}, false}, {RejectLimit{IsSet: true, Count: 1}, false},
		{RejectLimit{IsSet: true, IsPercent: true, Milli: 50_000}, false},
	} {
		settings.MaxRejects = c.limit
		if !c.fails {
			run := runWith(t, settings)
			want := RowCounts{Read: 2, Loaded: 1, Rejected: 1}
			if run.Rows != want || len(run.Rejects) != 1 || run.Rejects[0].Line != 2 {
				t.Errorf("%+v: rows %+v, rejects %+v", c.limit, run.Rows, run.Rejects)
			}
			continue
		}
		err := staysWhole(t, dir, func() error {
			_, err := Run(t.Context(), settings)
			return err
		})
		var input *InputError
		if !errors.As(err, &input) || !strings.Contains(input.Hint, path+":2: ") {
			t.Errorf("%+v: got %v, want an input error that names the line", c.limit, err)
		}
	}
}

// lateFile is a file that no run has loaded yet: the calls of one more customer.
func lateFile(t *testing.T) string {
	t.Helper()
	text, _, _ := strings.Cut(plainText(t, month+"/gateway/litellm-2026-10.jsonl"), "\n")
	path := filepath.Join(t.TempDir(), "late.jsonl")
	writeFile(t, path, []byte(strings.ReplaceAll(text, "1", "2")+"\n"))
	return path
}

// TestCancelled: a run that is told to stop, at any step, stops with the context's error.
func TestCancelled(t *testing.T) {
	t.Parallel()
	late := lateFile(t)
	for _, at := range []string{"load", "loaded", "stage 10_duplicate", "stage 32_rated",
		"stage 90_report", "publish"} {
		t.Run(at, func(t *testing.T) {
			dir, settings := oldRun(t, append(monthInputs(), late)...)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := false
			settings.Progress = func(told Step) {
				step, detail := told.Name, told.Detail
				if strings.HasPrefix(step+" "+detail, at) {
					seen = true
					cancel()
				}
			}
			err := staysWhole(t, dir, func() error {
				_, err := Run(ctx, settings)
				return err
			})
			if !seen || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled; step seen: %v", err, seen)
			}
		})
	}
}

// TestCancelledAtAnyMoment: between the steps too.
func TestCancelledAtAnyMoment(t *testing.T) {
	t.Parallel()
	late := lateFile(t)
	for _, after := range []time.Duration{0, 3, 20, 50, 130} {
		dir, settings := oldRun(t, append(monthInputs(), late)...)
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		err := staysWhole(t, dir, func() error {
			_, err := Run(ctx, settings)
			return err
		})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %d ms: got %v, want the deadline", after, err)
		}
	}
}

// TestFullDisk: a file that cannot grow stops the run wherever it is.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	size := func(path string) uint64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return uint64(info.Size())
	}
	settings := monthRun(t).settings
	store := size(settings.Store)
	published := size(filepath.Join(settings.Out, "report.duckdb"))
	inputs := append(monthInputs(), lateFile(t))
	want := runOf(t, inputs...)
	for _, full := range []childRun{{FileBytesMax: 2 << 10}, {FileBytesMax: store / 4},
		{FileBytesMax: store / 10 * 9}, {FileBytesMax: 1 << 10, FullAt: "publish"},
		{FileBytesMax: published / 2, FullAt: "publish"},
		{FileBytesMax: published / 10 * 9, FullAt: "publish"}} {
		dir, settings := oldRun(t, inputs...)
		full.Dir, full.Inputs = dir, inputs
		err := staysWhole(t, dir, func() error {
			code, said := runInChild(t, full)
			if code == childRan {
				return nil
			}
			if code != childFailed || !strings.Contains(said, "File too large") {
				t.Errorf("%+v: exit %d: %s", full, code, said)
			}
			return errors.New(said)
		})
		if err == nil {
			t.Errorf("%+v: it was enough", full)
		}
		sameReports(t, want, runWith(t, settings)) // with room again
	}
}

// TestKilled: what a killed run leaves, beside the old reports and in the store, the next run
// clears away.
func TestKilled(t *testing.T) {
	t.Parallel()
	inputs := append(monthInputs(), lateFile(t))
	want := runOf(t, inputs...)
	for _, at := range []string{"loaded", "publish"} {
		dir, settings := oldRun(t, inputs...)
		before := snapshot(t, dir)
		run := childRun{Dir: dir, Inputs: inputs, KillAt: at}
		if code, said := runInChild(t, run); code != -1 {
			t.Fatalf("killed at %s: exit %d: %s", at, code, said)
		}
		after := snapshot(t, dir)
		for path, sum := range before {
			if after[path] != sum {
				t.Errorf("killed at %s: %s is other than before", at, path)
			}
		}
		sameReports(t, want, runWith(t, settings))
		nothingElse(t, dir)
	}
}

// nothingElse wants a folder to hold a run's reports, its store and the locks of both.
func nothingElse(t *testing.T, dir string, also ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !slices.Contains(append(also, "report", "report.lock", "store.duckdb",
			"store.duckdb.lock"), entry.Name()) {
			t.Errorf("a run left %s", entry.Name())
		}
	}
}

// TestInUse: while a run runs, another one on its store or its folder of reports is refused, is
// told whose it is, and harms nothing.
func TestInUse(t *testing.T) {
	t.Parallel()
	dir, settings := oldRun(t, monthInputs()...)
	sameStore, sameOut := settings, settings
	sameStore.Out, sameOut.Store = filepath.Join(dir, "other"), filepath.Join(dir, "other.duckdb")
	tried := 0
	settings.Progress = func(told Step) {
		step := told.Name
		if step != "load" && step != "publish" {
			return
		}
		for _, second := range []Settings{sameStore, sameOut} {
			tried++
			_, err := Run(t.Context(), second)
			var refused *RefusedError
			if !errors.As(err, &refused) ||
				!strings.Contains(refused.Problem, "process "+strconv.Itoa(os.Getpid())) {
				t.Errorf("got %v, want a refusal that names process %d", err, os.Getpid())
			}
		}
	}
	first := runWith(t, settings)
	if tried != 4 || first.Breaks == 0 {
		t.Errorf("%d tries, %d breaks", tried, first.Breaks)
	}
	for _, second := range []string{sameStore.Out, sameOut.Store} {
		if _, err := os.Stat(second); err == nil {
			t.Errorf("the refused run left %s", second)
		}
	}
	sameFiles(t, monthRun(t), first, unlocated()...)
}
