package reconcile

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// dated is a provider's export as its header and its rows with the day of each.
type dated struct {
	name, header string
	rows, days   []string
}

// readDated reads the month's exports of providers.
func readDated(t *testing.T) []dated {
	t.Helper()
	var all []dated
	for _, path := range files(t, month+"/provider") {
		header, text, _ := strings.Cut(plainText(t, path), "\n")
		d := dated{name: filepath.Base(path), header: header + "\n"}
		for row := range strings.Lines(text) {
			first, _, _ := strings.Cut(row, ",")
			if seconds, err := strconv.ParseInt(first, 10, 64); err == nil {
				first = time.Unix(seconds, 0).UTC().Format(time.DateOnly)
			}
			d.rows, d.days = append(d.rows, row), append(d.days, first)
		}
		all = append(all, d)
	}
	return all
}

// window is the export of the days from one to another, both included; of the last day some rows
// are not there yet. It is "" when it has no row.
func (d dated) window(from, to string, chance *rand.Rand) string {
	var text strings.Builder
	for i, row := range d.rows {
		isThere := d.days[i] >= from && d.days[i] <= to
		if isThere && (d.days[i] < to || chance.IntN(3) > 0) {
			text.WriteString(row)
		}
	}
	if text.Len() == 0 {
		return ""
	}
	return d.header + text.String()
}

// between is the export of the days of October from one to another, both included, "" when it has
// no row.
func (d dated) between(from, to int) (text string) {
	for i, row := range d.rows {
		if at := day(d.days[i]).Day(); at >= from && at <= to {
			text += row
		}
	}
	if text == "" {
		return ""
	}
	return d.header + text
}

// openaiCosts is the month's bill of OpenAI.
func openaiCosts(t *testing.T) dated {
	t.Helper()
	all := readDated(t)
	return all[slices.IndexFunc(all, func(d dated) bool {
		return strings.HasPrefix(d.name, "openai_cost")
	})]
}

// figures are the reports that tell of no file.
func figures() []string {
	return []string{"drift.parquet", "bridge.parquet", "chargeback.parquet", "tenants.parquet",
		"coverage.parquet", "workflows.parquet", "workflow_classes.parquet"}
}

// sameFigures wants two runs over the same rows, in whatever files, to come to the same.
func sameFigures(t *testing.T, want, got outcome) {
	t.Helper()
	sameFiles(t, want, got, figures()...)
	sameRows(t, want, got)
}

// TestWindows: exports of the last days, each night under the same name or under one of its own,
// and gateway logs that overlap by an hour and come late, end in the figures of a run from nothing
// over the month, and in the same bytes as one over all that was delivered under names of its own.
func TestWindows(t *testing.T) {
	t.Parallel()
	const nightly = 9 // days from run to run; each export tells of two more
	exports := readDated(t)
	for _, isSameName := range []bool{true, false} {
		t.Run(fmt.Sprintf("same name %v", isSameName), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewPCG(5, 2026))
			dir := t.TempDir()
			in := filepath.Join(dir, "in")
			settings := settingsIn(dir, in, month+"/traces", month+"/application",
				month+"/control", month+"/gateway/litellm-2026-10-10-again.csv.gz")
			logs := hourlyOverlap(t, nightly)
			var last outcome
			for night := nightly; night <= 36; night += nightly {
				day := func(n int) string {
					return time.Date(2026, 10, n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
				}
				for _, d := range exports {
					text, name := d.window(day(night-nightly-1), day(night), chance), d.name
					if !isSameName {
						name = fmt.Sprintf("%02d-%s", night, d.name)
					}
					if text != "" {
						writeFile(t, filepath.Join(in, name), []byte(text))
					}
				}
				for n := range logs {
					if (n+1)*nightly <= night && (chance.IntN(2) == 0 || night == 36) {
						writeFile(t, filepath.Join(in, fmt.Sprintf("log-%02d.jsonl", n)),
							[]byte(logs[n]))
					}
				}
				last = runWith(t, settings)
			}
			sameFigures(t, monthRun(t), last)
			if isSameName {
				return
			}
			scratch := settings
			scratch.Store, scratch.Out = filepath.Join(dir, "o.duckdb"), filepath.Join(dir, "once")
			sameReports(t, runWith(t, scratch), last)
		})
	}
}

// hourlyOverlap parts the month's log into pieces of some days, each with the last hour of the one
// before.
func hourlyOverlap(t *testing.T, days int) []string {
	t.Helper()
	started := regexp.MustCompile(`"startTime": ?"([^"]+)"`)
	var logs []string
	for row := range strings.Lines(plainText(t, month+"/gateway/litellm-2026-10.jsonl")) {
		found := started.FindStringSubmatch(row)
		if found == nil {
			t.Fatalf("no start in %s", row)
		}
		at, err := time.Parse(time.RFC3339, found[1])
		if err != nil {
			t.Fatal(err)
		}
		since := at.Sub(settingsIn("").From)
		span := time.Duration(days) * 24 * time.Hour
		piece := max(int(since/span), 0)
		for len(logs) <= piece+1 {
			logs = append(logs, "")
		}
		logs[piece] += row
		if since-time.Duration(piece)*span > span-time.Hour {
			logs[piece+1] += row
		}
	}
	return logs
}

// TestRestated: whatever rows of a provider's export change, go or come, the newest version counts
// alone, and restatement tells the difference of each version to the one before.
func TestRestated(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(6, 2026))
	dir := t.TempDir()
	path := filepath.Join(dir, "in", "export.csv")
	for i, d := range readDated(t) {
		if i%2 == 1 {
			continue // a bill and a usage export are enough
		}
		settings := settingsIn(t.TempDir(), path)
		var want []string
		var before map[string]string
		var last outcome
		for range 3 {
			text := d.header
			for _, row := range append(d.rows, d.rows[0]) {
				if chance.IntN(9) > 0 {
					text += row
				}
			}
			writeFile(t, path, []byte(text))
			last = runWith(t, settings)
			now := figuresOf(t, runOf(t, path).settings.Store)
			for key := range now {
				if before != nil && before[key] == "" {
					before[key] = "0 | 0"
				}
			}
			for key, old := range before {
				is := now[key]
				if is == "" {
					is = "0 | 0"
				}
				if is != old {
					want = append(want, key+" | "+old+" | "+is)
				}
			}
			before = now
		}
		got := lines(t, last.db, `SELECT provider, CAST(day AS VARCHAR), COALESCE(model, ''),
			token_type, COALESCE(old_quantity, 0), COALESCE(old_amount_usd, 0),
			COALESCE(new_quantity, 0), COALESCE(new_amount_usd, 0) FROM restatement`)
		if len(want) < 10 {
			t.Fatalf("%s: only %d figures changed", d.name, len(want))
		}
		differ(t, d.name, got, want)
		sameFigures(t, runOf(t, settings.Inputs...), last)
	}
}

// figuresOf sums up what a store holds of providers.
func figuresOf(t *testing.T, store string) map[string]string {
	t.Helper()
	db := emptyDB(t)
	mustExec(t, db, "ATTACH "+literal(store)+" AS s (READ_ONLY)")
	found := map[string]string{}
	for _, line := range lines(t, db, `SELECT provider, day, COALESCE(model_raw, ''), token_type,
			COALESCE(SUM(quantity), 0), COALESCE(SUM(amount_usd), 0)
		FROM (SELECT provider, bucket_day AS day, model_raw, token_type, quantity,
				CAST(NULL AS DECIMAL(38,15)) AS amount_usd FROM s.raw.usage
			UNION ALL SELECT provider, bucket_day, model_raw, token_type, quantity, amount_usd
			FROM s.raw.bill)
		GROUP BY ALL`) {
		fields := strings.Split(line, " | ")
		key := strings.Join(fields[:4], " | ")
		found[key] = strings.Join(fields[4:], " | ")
	}
	return found
}
