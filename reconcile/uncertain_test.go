package reconcile

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestUncertainChargeIsARange: the row says that nothing decides, its charge has two ends, what
// lies between them is no break, and explain tells all of it.
func TestUncertainChargeIsARange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	export := filepath.Join(dir, "helicone.jsonl")
	row := `{"request_id":"ID","request_created_at":"2026-10-05T08:00:00Z","response_status":200,` +
		`"request_model":"claude-sonnet-5","response_model":"claude-sonnet-5",` +
		`"provider":"ANTHROPIC","prompt_tokens":20012,"completion_tokens":900,` +
		`"prompt_cache_read_tokens":18000,"prompt_cache_write_tokens":2000,"cost":COST}` + "\n"
	var rows strings.Builder
	for _, call := range []struct{ id, cost string }{{"low", "0.017624"}, {"within", "0.0205"},
		{"high", "0.060624"}, {"above", "0.061"}, {"below", "0.0175"}} {
		rows.WriteString(strings.NewReplacer("ID", call.id, "COST", call.cost).Replace(row))
	}
	writeFile(t, export, []byte(rows.String()))
	settings := settingsIn(dir, export)
	settings.Prices = nil
	run := runWith(t, settings)
	differ(t, "ranges", lines(t, run.db, `SELECT request_id, usage_convention, charge_usd,
		charge_low_usd, charge_high_usd, is_break, COALESCE(cause, '-') FROM requests`), []string{
		"low | unknown | 0.017624 | 0.017624 | 0.060624 | false | tenant_missing",
		"within | unknown | 0.017624 | 0.017624 | 0.060624 | false | charge_uncertain",
		"high | unknown | 0.017624 | 0.017624 | 0.060624 | false | charge_uncertain",
		"above | unknown | 0.017624 | 0.017624 | 0.060624 | true | unexplained",
		"below | unknown | 0.017624 | 0.017624 | 0.060624 | true | unexplained",
	})
	text := explainedText(t, run, "within")
	for _, part := range []string{"input unknown", "range     0.017624 to 0.060624 USD",
		"charge_uncertain (note)", "nothing says whether the input holds the cached tokens",
		"nothing says how long its cache writes live"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	total := one(t, run.db, "SELECT SUM(charge_usd) FROM requests")
	if owed := one(t, run.db, "SELECT SUM(charge_usd) FROM tenants"); owed != total {
		t.Errorf("tenants owe %s of charges of %s", owed, total)
	}
}

// TestCountsAreToldByLaterRows: a night that brings the row which tells how those of its day count
// reads the kept ones anew, and no others.
func TestCountsAreToldByLaterRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	row := `{"request_id":"ID","request_created_at":"2026-10-DAYT08:00:00Z",` +
		`"response_status":200,` +
		`"request_model":"claude-sonnet-5","response_model":"claude-sonnet-5",` +
		`"provider":"ANTHROPIC","prompt_tokens":INPUT,"completion_tokens":100,` +
		`"prompt_cache_read_tokens":READ,"cost":0.0123457}` + "\n"
	rowOf := func(id, day, input, read string) string {
		return strings.NewReplacer("ID", id, "DAY", day, "INPUT", input, "READ", read).Replace(row)
	}
	first := rowOf("open", "05", "6000", "5000") + rowOf("other day", "06", "6000", "5000")
	for i := range 20 {
		first += rowOf("plain "+strconv.Itoa(i), "07", "6000", "0")
	}
	writeFile(t, filepath.Join(in, "1.jsonl"), []byte(first))
	settings := settingsIn(dir, in)
	settings.Prices = nil
	const shown = `SELECT request_id, usage_convention, charge_usd, is_break
		FROM requests WHERE cache_read > 0 ORDER BY request_id`
	differ(t, "before", lines(t, runWith(t, settings).db, shown), []string{
		"open | unknown | 0.004 | false", "other day | unknown | 0.004 | false",
	})
	var kept []string
	settings.Progress = func(step Step) {
		if step.Name == "kept" {
			kept = append(kept, step.Detail)
		}
	}
	writeFile(t, filepath.Join(in, "2.jsonl"), []byte(rowOf("telling", "05", "10", "5000")))
	run := runWith(t, settings)
	want := []string{
		"open | excludes_cache_inferred | 0.014 | true",
		"other day | unknown | 0.004 | false",
		"telling | excludes_cache | 0.00202 | true",
	}
	differ(t, "after", lines(t, run.db, shown), want)
	if len(kept) != 1 || !strings.HasPrefix(kept[0], "2 gateway rows") {
		t.Errorf("the night worked out %q, not two rows", kept)
	}
	settings.Store, settings.Out = filepath.Join(dir, "once.duckdb"), filepath.Join(dir, "once")
	differ(t, "at once", lines(t, runWith(t, settings).db, shown), want)
}
