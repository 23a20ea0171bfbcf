package reconcile

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tieout/fixtures"
)

// TestPeriodsInTurn: nights that rate one period or another, now and then with other prices, match
// only what is new, and each period ends in the bytes of a run from nothing.
func TestPeriodsInTurn(t *testing.T) {
	t.Parallel()
	const nights = 7
	chance := rand.New(rand.NewPCG(5, 2026))
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	base := settingsIn(dir, in)
	base.rowGroupRows, base.wordsMax = 30, 12
	dearer := filepath.Join(dir, "dearer.csv")
	writeFile(t, dearer, []byte(strings.Replace(string(readFile(t, base.Prices[0])),
		",1.25,", ",1.5,", 1)))
	periods := [][2]string{{"2026-10-01", "2026-11-01"}, {"2026-10-08", "2026-10-15"},
		{"2026-11-01", "2026-12-01"}}
	var matched, both int
	settle := func(period int, isDearer bool) Settings {
		settings := base
		settings.From, settings.To = day(periods[period][0]), day(periods[period][1])
		settings.Out = filepath.Join(dir, fmt.Sprint("report", period))
		if isDearer {
			settings.Prices = []string{dearer}
		}
		settings.Progress = func(step Step) {
			switch {
			case step.Name != "kept":
			case strings.Contains(step.Detail, "matched and rated"):
				both++
			default:
				matched++
			}
		}
		return settings
	}
	for night, drops := range arrivals(t, nights, chance) {
		for _, d := range drops {
			d.arrive(t, in)
		}
		if len(drops) > 0 || night > 0 {
			runWith(t, settle(chance.IntN(len(periods)), chance.IntN(4) == 0))
		}
	}
	if t.Logf("%d nights matched alone, %d rated too", matched, both); matched < 2 {
		t.Errorf("%d of %d nights matched only what was new", matched, nights)
	}
	for period := range periods[:2] {
		settings := settle(period, period == 1)
		last := runWith(t, settings)
		settings.Store = filepath.Join(dir, fmt.Sprint("once", period, ".duckdb"))
		settings.Out = filepath.Join(dir, fmt.Sprint("once", period))
		sameReports(t, runWith(t, settings), last)
	}
}

// fetchedLater gives a span which saw more of a response two days after its call, and the call.
func fetchedLater(t *testing.T, at time.Time) string {
	t.Helper()
	later := jsonLines(t, []map[string]any{callSpan("fetched", 900002, at.AddDate(0, 0, 2))})
	call := jsonLines(t, []map[string]any{callSpan("fetched", 900001, at)})
	return strings.Replace(string(later), `"attributes":[`, `"attributes":[{"key":`+
		`"gen_ai.usage.cache_read.input_tokens","value":{"intValue":"400"}},`, 1) + string(call)
}

// TestPeriodRows: when each night brings a day and rates that day, rating reads the rows of that
// day, of a store of many, and gives the bytes of a run from nothing.
func TestPeriodRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir, in)
	limited := 0
	settings.Progress = func(step Step) {
		if step.Name == "period" {
			limited++
		}
	}
	dealt := byDay(t, fixtures.Plan{Requests: 1000, Seed: 4}, "2026-10-01")
	nights := slices.Sorted(maps.Keys(dealt))
	dealt[nights[1]]["fetched.jsonl"] = fetchedLater(t, day(nights[12]))
	for i, night := range nights {
		for name, text := range dealt[night] {
			writeFile(t, filepath.Join(in, night, name), []byte(text))
		}
		if i%12 != 0 {
			continue
		}
		settings.From, settings.To = day(night), day(night).AddDate(0, 0, 1)
		settings.AsOf = settings.To.Add(72 * time.Hour)
		last := runWith(t, settings)
		scratch := settings
		scratch.Store = filepath.Join(dir, night+".duckdb")
		scratch.Out = filepath.Join(dir, night)
		sameReports(t, runWith(t, scratch), last)
	}
	if limited < 3 {
		t.Errorf("rating read the rows of the period %d times", limited)
	}
}
