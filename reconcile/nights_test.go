package reconcile

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tieout/fixtures"
)

// parts deals a file's lines out to files for the nights, each with the header.
func parts(t *testing.T, path string, pieces int, chance *rand.Rand) []string {
	t.Helper()
	text, header := plainText(t, path), ""
	if filepath.Ext(strings.TrimSuffix(path, ".gz")) == ".csv" {
		header, text, _ = strings.Cut(text, "\n")
		header += "\n"
	}
	rows := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(row string) bool {
		return row == ""
	})
	var all []string
	for ; pieces > 0 && len(rows) > 0; pieces-- {
		n := min(len(rows), 1+chance.IntN(2*len(rows)/pieces+1))
		if pieces == 1 {
			n = len(rows)
		}
		all = append(all, header+strings.Join(rows[:n], ""))
		rows = rows[n:]
	}
	return all
}

// drop is one file that arrives in a night; one that was there, if was is its name, gets another
// name and some more text.
type drop struct{ name, text, was string }

// arrive puts the file into a folder.
func (d drop) arrive(t *testing.T, in string) (path string) {
	t.Helper()
	path = filepath.Join(in, d.name)
	if d.was != "" {
		d.text = string(readFile(t, filepath.Join(in, d.was))) + d.text
		if err := os.Remove(filepath.Join(in, d.was)); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, path, []byte(d.text))
	return path
}

// addMoved adds to what arrives some of it again, in files that get other names.
func addMoved(t *testing.T, plan [][]drop, chance *rand.Rand) {
	put := func(night int, d drop) { plan[night] = append(plan[night], d) }
	nights := len(plan)
	pieces := parts(t, month+"/traces/otlp-2026-10.jsonl", 1+chance.IntN(nights), chance)
	rotated("rotated/otlp.jsonl", pieces, func(n int, d drop) {
		put(n*nights/len(pieces), d)
	}, chance)
	openaiCosts(t).windows(nights, put, chance)
}

// rotated are what arrives of a log in the nights of its rotations: each file under its next name,
// the newest with rows that were written since the last night, and a new one.
func rotated(name string, pieces []string, put func(night int, d drop), chance *rand.Rand) {
	for n, piece := range pieces {
		rows := strings.SplitAfter(piece, "\n")
		early := ""
		if n > 0 && len(rows) > 2 && chance.IntN(2) == 0 {
			early, piece = rows[0], strings.Join(rows[1:], "")
		}
		for k := n; k > 1; k-- {
			put(n, drop{fmt.Sprint(name, ".", k), "", fmt.Sprint(name, ".", k-1)})
		}
		if n > 0 {
			put(n, drop{name + ".1", early, name})
		}
		put(n, drop{name, piece, ""})
	}
}

// windows are what arrives of an export that tells of the last days under one name; a version that
// has been replaced, or will be, is kept in an archive some night.
func (d dated) windows(nights int, put func(int, drop), chance *rand.Rand) {
	count := 1 + chance.IntN(nights)
	for n := range count {
		text := d.between(n*31/count, (n+1)*31/count)
		if text == "" {
			continue
		}
		put(n*nights/count, drop{"window/" + d.name, text, ""})
		put(chance.IntN(nights), drop{fmt.Sprintf("archive/%02d-%s", n, d.name), text, ""})
	}
}

// arrivals are what arrives over the nights: the month's files in pieces, in any order, some late,
// some twice under another name, and a log that grows from night to night.
func arrivals(t *testing.T, nights int, chance *rand.Rand) [][]drop {
	t.Helper()
	plan := make([][]drop, nights)
	put := func(night int, d drop) {
		night = min(night, nights-1)
		plan[night] = append(plan[night], d)
	}
	for i, path := range files(t, monthInputs()...) {
		base := strings.TrimSuffix(filepath.Base(path), ".gz")
		pieces := parts(t, path, 1+chance.IntN(nights), chance)
		isGrowing := i%3 == 0 && !strings.HasSuffix(base, ".csv")
		grown := ""
		for n, piece := range pieces {
			night := chance.IntN(nights)
			if isGrowing {
				grown += piece
				put(n*nights/len(pieces), drop{"growing/" + base, grown, ""})
				continue
			}
			name := fmt.Sprintf("%c/%02d-%s", 'a'+rune(chance.IntN(4)), n, base)
			put(night, drop{name, piece, ""})
			if chance.IntN(3) == 0 { // delivered again, under a name before or behind it
				put(night+chance.IntN(5), drop{fmt.Sprintf("%c/%02d-again-%s",
					'a'+rune(chance.IntN(4)), n, base), piece, ""})
			}
		}
	}
	return plan
}

// byDay deals the lines of a planned month out to the days that they begin on, those without one
// and those of before to the first, by the names of their files.
func byDay(t *testing.T, plan fixtures.Plan, first string) map[string]map[string]string {
	t.Helper()
	source := t.TempDir()
	if _, err := fixtures.Generate(source, plan); err != nil {
		t.Fatal(err)
	}
	const begun = `"startTime":"([0-9-]+)T|"startTimeUnixNano":"([0-9]+)"`
	dealt := map[string]map[string]string{} // by day and name
	for _, path := range files(t, source+"/gateway", source+"/traces", source+"/provider") {
		name := strings.TrimSuffix(filepath.Base(path), ".gz")
		for line := range strings.Lines(plainText(t, path)) {
			night := first
			if found := regexp.MustCompile(begun).FindStringSubmatch(line); found != nil {
				night = max(night, found[1])
				if nano, err := strconv.ParseInt(found[2], 10, 64); err == nil {
					night = max(night, time.Unix(0, nano).UTC().Format(time.DateOnly))
				}
			}
			if dealt[night] == nil {
				dealt[night] = map[string]string{}
			}
			dealt[night][name] += line
		}
	}
	return dealt
}

// sameReports wants the same bytes in all that two runs published but the database.
func sameReports(t *testing.T, a, b outcome) {
	t.Helper()
	var names []string
	for _, path := range files(t, a.settings.Out) {
		if name := filepath.Base(path); name != "report.duckdb" {
			names = append(names, name)
		}
	}
	sameFiles(t, a, b, names...)
}

// TestNights: 31 nightly runs over the month in a shuffled, duplicated, late delivery end in the
// same bytes as one run from nothing over what was delivered. Each night sees the whole folder, or
// what is new in it, or some of it.
func TestNights(t *testing.T) {
	t.Parallel()
	sequences := []int{31} // TestPeriodsInTurn does a short one
	if os.Getenv(soakVariable) != "" {
		sequences = slices.Repeat([]int{31, 7}, 20)
	}
	for seed, nights := range sequences {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			nightly(t, nights, rand.New(rand.NewPCG(uint64(seed), 2026)))
		})
	}
}

// soakVariable asks for the long form of the tests that try many random sequences; make soak sets
// it.
const soakVariable = "TIEOUT_SOAK"

func nightly(t *testing.T, nights int, chance *rand.Rand) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	settings := settingsIn(dir)
	settings.rowGroupRows = 1 + chance.Int64N(60) // so that days have row groups of their own
	settings.wordsMax = 1 + chance.Int64N(12)     // so that columns have more in some night
	var last outcome
	var runs, unchanged int
	plan := arrivals(t, nights, chance)
	addMoved(t, plan, chance)
	for night, drops := range plan {
		var fresh []string
		for _, d := range drops {
			fresh = append(fresh, d.arrive(t, in))
		}
		settings.Inputs, settings.Threads = []string{in}, 1+chance.IntN(3)
		if chance.IntN(2) == 0 && len(fresh) > 0 {
			settings.Inputs = fresh // only what is new is named
		}
		if night == 0 && len(fresh) == 0 {
			continue
		}
		last = runWith(t, settings)
		runs++
		if last.IsUnchanged {
			unchanged++
		}
	}
	settings.Inputs = []string{in}
	if again := runWith(t, settings); !again.IsUnchanged {
		t.Error("a run with nothing new was not told apart")
	}
	t.Logf("%d nights, %d with nothing new, %d files", runs, unchanged, len(files(t, in)))
	scratch := settings
	scratch.Store, scratch.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	sameReports(t, runWith(t, scratch), last)
}
