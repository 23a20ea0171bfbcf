package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	stages "tieout/sql"
)

// TestOrder: a stage waits for those that make what it names, one that drops a table for those that
// read it, and a script for all.
func TestOrder(t *testing.T) {
	t.Parallel()
	those := []stages.Stage{
		{Table: "book.a"},
		{Table: "book.b", Text: "SELECT * FROM book.a"},
		{Table: "book.c", Text: "SELECT * FROM raw.request"},
		{Table: "book.d", Text: "-- drops: book.a\nSELECT 1", Drops: "book.a"},
		{Table: "book.e", Text: "SELECT 1", Check: "SELECT * FROM book.d"},
		{Text: "CREATE VIEW report.f"},
		{Table: "book.g"},
	}
	var got []string
	for _, needs := range order(those) {
		slices.Sort(needs)
		got = append(got, fmt.Sprint(slices.Compact(needs)))
	}
	if said := strings.Join(got, " "); said != "[] [0] [] [0 1] [3] [0 1 2 3 4] [5]" {
		t.Errorf("order is %s", said)
	}
}

// TestProgressOneAtATime: however many stages run at once, those who listen are told of one step
// after the other. Metrics are written to a map.
func TestProgressOneAtATime(t *testing.T) {
	t.Parallel()
	settings := settingsIn(t.TempDir(), month)
	settings.Threads = 4
	var listening atomic.Int64
	settings.Progress = func(step Step) {
		if listening.Add(1) > 1 {
			t.Errorf("told of %s while told of another step", step.Name)
		}
		time.Sleep(time.Millisecond)
		listening.Add(-1)
	}
	if _, err := Run(context.Background(), settings); err != nil {
		t.Fatal(err)
	}
}
