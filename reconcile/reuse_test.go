package reconcile

import (
	"slices"
	"testing"
)

// TestTimesAnew: what is made anew of a report is, a day, the time from its first minute that has
// changed to its last; times that touch are one.
func TestTimesAnew(t *testing.T) {
	t.Parallel()
	run := stagedRun(t)
	const minute, day = minuteUS, wholeDay
	use := &reuse{held: &heldReports{}, anew: map[string]map[int64]timeSpan{}}
	err := run.findAnew(t.Context(), use, dayReport{"requests", `FROM (VALUES
		(3 * 86400000000, 4 * 86400000000), (60000000, 120000000), (240000000, 300000000),
		(120000000, 180000000), (86400000000 + 60000000, 86400000000 + 120000000),
		(3 * 86400000000 - 60000000, 3 * 86400000000)) AS given(from_us, to_us)`})
	if err != nil {
		t.Fatal(err)
	}
	want := []timeSpan{{minute, 5 * minute}, {day + minute, day + 2*minute},
		{3*day - minute, 4 * day}}
	if got := use.timesAnew("requests"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
