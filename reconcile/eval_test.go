package reconcile

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tieout/fixtures"
)

// score counts the findings of one cause: those planted and found, those that nobody planted, and
// those that were missed.
type score struct{ hit, excess, missed int }

func (s score) plus(o score) score {
	return score{s.hit + o.hit, s.excess + o.excess, s.missed + o.missed}
}

// tenThousandths is a share of hits, 10000 where there is nothing to miss.
func tenThousandths(hit, other int) int {
	if hit+other == 0 {
		return 10000
	}
	return hit * 10000 / (hit + other)
}

func (s score) precision() int { return tenThousandths(s.hit, s.excess) }
func (s score) recall() int    { return tenThousandths(s.hit, s.missed) }

// scores are those of one break on a request or bucket, and of two on one request.
type scores struct{ lone, paired map[string]score }

// TestEval plants every cause that can be planted in generated months, runs them and scores what
// is found: cause, place and amount must be right. `make eval` runs the many large months that
// EVAL_SEEDS and EVAL_REQUESTS ask for; without them it is a small month.
func TestEval(t *testing.T) {
	asked := func(name string, usual int) int {
		n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(usual)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	seeds, requests := asked("EVAL_SEEDS", 1), asked("EVAL_REQUESTS", 2000)
	total := scores{map[string]score{}, map[string]score{}}
	for seed := range seeds {
		found := evalMonth(t, fixtures.Plan{Requests: requests, Seed: uint64(seed + 1)})
		for cause, s := range found.lone {
			total.lone[cause] = total.lone[cause].plus(s)
		}
		for cause, s := range found.paired {
			total.paired[cause] = total.paired[cause].plus(s)
		}
		if seeds > 1 {
			fmt.Printf("month %d of %d: %s\n", seed+1, seeds, sum(found.lone).plus(
				sum(found.paired)))
		}
	}
	fmt.Printf("\n%d months of %d requests\n", seeds, requests)
	isGood := printScores("one break", total.lone, 10000)
	isGood = printScores("two on one request", total.paired, 9500) && isGood
	if !isGood {
		t.Error("the verdict is: not good enough")
		return
	}
	fmt.Println("\nverdict: every planted break is found with its cause and amount, and no other")
}

func (s score) String() string {
	return fmt.Sprintf("%d found, %d missed, %d not planted", s.hit, s.missed, s.excess)
}

func sum(of map[string]score) (all score) {
	for _, s := range of {
		all = all.plus(s)
	}
	return all
}

// printScores writes a table of causes and reports whether all are at least as good as wanted.
func printScores(title string, of map[string]score, wanted int) bool {
	share := func(n int) string { return fmt.Sprintf("%d.%04d", n/10000, n%10000) }
	fmt.Printf("\n%-34s %8s %8s %8s %10s %8s\n", title, "planted", "found", "excess", "precision",
		"recall")
	isGood := len(of) > 0
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s, mark := of[name], ""
		if s.precision() < wanted || s.recall() < wanted {
			isGood, mark = false, "  below "+share(wanted)
		}
		fmt.Printf("%-34s %8d %8d %8d %10s %8s%s\n", name, s.hit+s.missed, s.hit, s.excess,
			share(s.precision()), share(s.recall()), mark)
	}
	s := sum(of)
	fmt.Printf("%-34s %8d %8d %8d %10s %8s\n", "all", s.hit+s.missed, s.hit, s.excess,
		share(s.precision()), share(s.recall()))
	return isGood
}

// evalMonth makes a month, runs it, scores it and removes it.
func evalMonth(t *testing.T, plan fixtures.Plan) scores {
	t.Helper()
	dir, err := os.MkdirTemp("", "eval")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	truth, err := fixtures.GenerateWide(dir, plan)
	if err != nil {
		t.Fatal(err)
	}
	settings := settingsIn(dir, filepath.Join(dir, "gateway"), filepath.Join(dir, "traces"),
		filepath.Join(dir, "provider"))
	settings.Prices = []string{filepath.Join(dir, truth.Prices),
		filepath.Join(dir, fixtures.WidePrices)}
	settings.Mappings = []string{filepath.Join(dir, fixtures.WideUsageMapping),
		filepath.Join(dir, fixtures.WideBillMapping)}
	// Two days after the month's end all days are settled but for one provider's last.
	settings.AsOf = day("2026-11-03")
	settings.Config = &Config{SettleHours: map[string]int64{"cumulus": 72}}
	return scoreBreaks(t, runWith(t, settings), truth)
}

// scoreBreaks compares the findings with the truth, by cause.
func scoreBreaks(t *testing.T, run outcome, truth fixtures.Truth) scores {
	t.Helper()
	balance := map[string]int{}
	isPaired := map[string]bool{}
	for _, b := range truth.Breaks {
		if strings.HasPrefix(b.Kind, "two: ") {
			isPaired[b.RequestID] = true
		}
		balance[findingKey(b.Cause, b.Level, b.IsBreak, b.Provider, b.Day, b.PriceModel,
			b.RequestID, b.DriftUSD)]++
	}
	planted := map[string]int{}
	for key, n := range balance {
		planted[key] = n
	}
	rows := lines(t, run.db, `SELECT cause, level, is_break, COALESCE(provider, ''),
		COALESCE(CAST(day AS VARCHAR), ''), COALESCE(response_model, ''),
		COALESCE(request_id, ''), drift_usd FROM breaks`)
	for _, row := range rows {
		f := strings.Split(row, " | ")
		balance[findingKey(f[0], f[1], f[2] == "true", f[3], f[4], f[5], f[6], f[7])]--
	}
	total := scores{map[string]score{}, map[string]score{}}
	shown := 0
	for key, n := range balance {
		f := strings.Split(key, " | ")
		of := total.lone
		if isPaired[f[3]] {
			of = total.paired
		}
		s := score{hit: planted[key] - max(n, 0), missed: max(n, 0), excess: max(-n, 0)}
		of[f[0]] = of[f[0]].plus(s)
		if n != 0 && shown < 40 {
			shown++
			fmt.Printf("  %+d  %s\n", n, key)
		}
	}
	return total
}

// findingKey is what a finding must agree in: of a request its id, of a bucket provider, day and
// model, of a pattern or a provider's lines just the provider.
func findingKey(cause, level string, isBreak bool, provider, day, model, requestID,
	drift string) string {
	place := requestID
	switch level {
	case "bucket":
		place = strings.Join([]string{provider, day, model}, " ")
	case "pattern", "provider":
		place = provider
	case "file":
		place = ""
	}
	return joined(cause, level, isBreak, place, drift)
}
