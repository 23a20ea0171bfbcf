package reconcile

import (
	"path/filepath"
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
