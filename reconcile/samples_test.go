package reconcile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// samples names files that are shared beside the repository and are no part of it; without them
// the test skips.
func samples(t *testing.T, names ...string) []string {
	t.Helper()
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join("../shared/samples", name)
		if _, err := os.Stat(paths[i]); err != nil {
			t.Skip("no shared samples")
		}
	}
	return paths
}

// runSamples runs samples of the year 2026 at the built-in prices.
func runSamples(t *testing.T, names ...string) outcome {
	t.Helper()
	settings := settingsIn(t.TempDir(), samples(t, names...)...)
	settings.From, settings.To, settings.Prices = day("2026-01-01"), day("2027-01-01"), nil
	return runWith(t, settings)
}

// TestSamplesOfLiteLLM: the same five rows in four forms give the same reports, and in two forms
// at once too: each row counts once.
func TestSamplesOfLiteLLM(t *testing.T) {
	t.Parallel()
	first := runSamples(t, "gateways/litellm_spend_logs.json")
	if want := (RowCounts{Read: 5, Loaded: 5}); first.Rows != want || first.Requests != 5 {
		t.Errorf("rows %+v and %d requests, want %+v", first.Rows, first.Requests, want)
	}
	differ(t, "ledger", lines(t, first.db, `SELECT request_id, spend_usd, charge_usd, drift_usd,
		charge_status, tenant_id, is_break, cause FROM requests`), []string{
		"b980db26-9512-45cc-b1da-c511a363b83f | 0.007817 | 0.007817 | 0 | rated | team-search | " +
			"false | ",
		"msg_01Hq8Tieout2 | 0.017624 | 0.018374 | -0.00075 | rated | team-docs | true | " +
			"cache_write_ttl",
		"0f4a7c52-11d1-4a55-a0a1-7f6c5f7f9c10 | 0 | 0 | 0 | failed_attempt | team-docs | false | " +
			"attempt_rows",
		"chatcmpl-CAbc123_cache_hit1760515200.31 | 0 | 0 | 0 | gateway_cache_hit | team-search | " +
			"false | gateway_cache_hit",
		"7b6f0f3a-8c33-4e0f-9a3e-2f7f6a3c9d21 | 0.0000285 | 0.00003 | -0.0000015 | rated | " +
			"unattributed | true | unexplained",
	})
	evidence := one(t, first.db, "SELECT evidence FROM requests WHERE request_id LIKE 'msg_%'")
	if !strings.Contains(evidence, "500 tokens of 1 h cache write") {
		t.Errorf("evidence: %s", evidence)
	}
	for _, name := range []string{"gateways/litellm_spend_logs.jsonl",
		"gateways/litellm_spend_logs.csv", "gateways/litellm_spend_logs_v2.json"} {
		other := runSamples(t, name)
		sameButPlace(t, first, other)
		if other.Rows != first.Rows {
			t.Errorf("%s: rows %+v, want %+v", name, other.Rows, first.Rows)
		}
	}
	both := runSamples(t, "gateways/litellm_spend_logs.json", "gateways/litellm_spend_logs.csv")
	sameButPlace(t, first, both)
	if want := (RowCounts{Read: 10, Loaded: 5, Duplicate: 5}); both.Rows != want {
		t.Errorf("rows %+v, want %+v", both.Rows, want)
	}
	note := one(t, both.db, "SELECT cause, is_break, rows FROM breaks WHERE level = 'file'")
	if note != "row_duplicated | false | 5" {
		t.Errorf("the duplicates are reported as %s", note)
	}
}

// TestSampleOfLiteLLMSums: sums a day have no requests, so they are refused with the way out.
func TestSampleOfLiteLLMSums(t *testing.T) {
	t.Parallel()
	settings := settingsIn(t.TempDir(), samples(t,
		"gateways/litellm_spend_logs_summarized_REJECT.json")...)
	_, err := Run(t.Context(), settings)
	var input *InputError
	if !errors.As(err, &input) || !strings.Contains(input.Hint, "summarize=false") {
		t.Errorf("got %v, want an input error with the way to export rows", err)
	}
}

// realExports are exports as providers wrote them.
func realExports() []string {
	return []string{"providers/real/openai_completions_usage_2026-08_tail__pmutua.csv",
		"providers/real/openai_cost_2026-08_tail__pmutua.csv",
		"providers/real/anthropic_cost_real_schema__token-xray_fixture.csv",
		"providers/real/anthropic_usage_real_schema__token-xray_fixture.csv",
		"providers/real/anthropic_tokens_2026_04_daily__wellfleetmike_C.csv",
		"providers/real/anthropic_tokens_2026_04_02_hourly__wellfleetmike_C.csv"}
}

// TestSamplesOfProviders: every export loads whole, and amounts keep the value of their text.
func TestSamplesOfProviders(t *testing.T) {
	t.Parallel()
	own := []string{"providers/openai_completions_usage.csv", "providers/openai_cost.csv",
		"providers/anthropic_tokens.csv", "providers/anthropic_cost.csv"}
	run := runSamples(t, append(own, realExports()...)...)
	for _, source := range lines(t, run.db, `SELECT path FROM sources
		WHERE rows_rejected > 0 OR rows_loaded + rows_duplicate = 0 OR rounded_amounts > 0`) {
		t.Errorf("%s was not loaded whole", source)
	}
	if found := one(t, run.db, "SELECT COUNT(*) FROM sources"); found != "10" {
		t.Errorf("%s files, want 10", found)
	}
	mustExec(t, run.db, "ATTACH "+literal(run.settings.Store)+" AS store (READ_ONLY)")
	amounts := lines(t, run.db, "SELECT amount_usd, amount_text FROM store.raw.bill")
	for _, line := range amounts {
		amount, text, _ := strings.Cut(line, " | ")
		if mustUSD(t, amount).Cmp(mustUSD(t, text)) != 0 {
			t.Errorf("%s is stored as %s", text, amount)
		}
	}
	if len(amounts) < 20 {
		t.Errorf("only %d amounts were compared", len(amounts))
	}
	total := one(t, run.db, "SELECT SUM(bill_usd) FROM drift WHERE day = '2026-10-05'")
	if total != "8.3769" {
		t.Errorf("the two cost exports of 5 October come to %s, want 8.3769", total)
	}
}

// TestSamplesOfOneDayTwice: a day by hours and the same day whole are one day's use.
func TestSamplesOfOneDayTwice(t *testing.T) {
	t.Parallel()
	both := runSamples(t, realExports()[4], realExports()[5])
	differ(t, "days and hours", lines(t, both.db, `SELECT day, response_model, token_type,
		quantity_provider FROM drift WHERE quantity_provider > 0`), []string{
		"2026-04-02 | claude-haiku-4-5 | input | 749",
		"2026-04-02 | claude-haiku-4-5 | output | 30",
		"2026-04-02 | claude-sonnet-4-6 | cache_read | 18493129",
		"2026-04-02 | claude-sonnet-4-6 | cache_write_5m | 667763",
		"2026-04-02 | claude-sonnet-4-6 | input | 4676",
		"2026-04-02 | claude-sonnet-4-6 | output | 136799",
	})
	if note := one(t, both.db, `SELECT rows, source_file LIKE '%hourly%' FROM breaks
		WHERE cause = 'row_duplicated'`); note != "7 | true" {
		t.Errorf("the overlap is noted as %s", note)
	}
}

// TestSamplesOfTraces: the agent's span, which repeats the tokens of its calls, never counts;
// counts are read as numbers and as text.
func TestSamplesOfTraces(t *testing.T) {
	t.Parallel()
	run := runSamples(t, "traces/otlp_semconv_new.jsonl", "traces/otlp_semconv_old.jsonl")
	differ(t, "calls and prompt tokens", lines(t, run.db, `SELECT parse_filename(trace_file),
		COUNT(*), SUM(prompt_tokens) FROM requests GROUP BY trace_file`), []string{
		"otlp_semconv_new.jsonl | 5 | 29370", "otlp_semconv_old.jsonl | 4 | 3491"})
	if run.Rows.Rejected != 0 {
		t.Errorf("rows %+v", run.Rows)
	}
}
