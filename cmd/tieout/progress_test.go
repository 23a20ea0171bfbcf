package main

import (
	"strings"
	"testing"
	"time"

	"tieout/reconcile"
)

// TestProgressLine: one line that is written over, never longer than the terminal is wide, what is
// said beside stays, and nothing is left at the end.
func TestProgressLine(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	width, now := 80, time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	line := newProgressLine(&out, func() int { return width })
	line.now = func() time.Time { return now }
	shows := func(want string, step reconcile.Step) {
		t.Helper()
		out.Reset()
		line.show(step)
		if got := out.String(); got != want {
			t.Errorf("%+v shows %q, want %q", step, got, want)
		}
	}
	const over = "\r\x1b[K"
	shows(over+"load  7 files", reconcile.Step{Name: "load", Of: 7})
	reading := reconcile.Step{Name: reconcile.StepReading, Bytes: 25e6, BytesAll: 100e6, Rows: 1234}
	shows(over+"load  7 files  25 of 100 MB  1234 rows", reading)
	shows("", reconcile.Step{Name: "loaded", Detail: "a.jsonl: x, 1000 rows"})
	now = now.Add(10 * time.Second)
	shows(over+"load  1 of 7 files  25 of 100 MB  1234 rows  about 30s left", reading)
	huge := reconcile.Step{Name: reconcile.StepReading, Bytes: 2e12, BytesAll: 8e12, Rows: 9}
	shows(over+"load  1 of 7 files  2000000 of 8000000 MB  9 rows  about 30s left", huge)
	width = 20
	shows(over+"load  1 of 7 files ", reading)
	width = 80
	shows(over+"skip: notes�[2J.txt: not a known format\n",
		reconcile.Step{Name: "skip", Detail: "notes\x1b[2J.txt: not a known format"})
	shows(over+"stage  1 of 90  10_duplicate in 3 ms",
		reconcile.Step{Name: "stage", Detail: "10_duplicate in 3 ms", Of: 90})
	now = now.Add(4 * time.Second)
	shows(over+"stage  2 of 90  11_span_drop in 4000 ms  about 2m56s left",
		reconcile.Step{Name: "stage", Detail: "11_span_drop in 4000 ms", Of: 90})
	shows(over+"publish  requests", reconcile.Step{Name: "report", Detail: "requests"})
	out.Reset()
	line.end()
	line.show(reading) // one that comes late
	line.end()
	if got := out.String(); got != over {
		t.Errorf("at the end it writes %q", got)
	}
}
