package reconcile

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// normalisedChecks are the queries over the row in question, r of the ledger with what was loaded
// of it, g by a gateway and s by a trace, that give what the shared expectations state by name.
func normalisedChecks() map[string]string {
	return map[string]string{
		"request_id":              "r.request_id",
		"requested_model":         "r.requested_model",
		"response_model":          "r.response_model",
		"input_uncached":          "r.input",
		"cache_read":              "r.cache_read",
		"cache_write_unspecified": "r.cache_write",
		"output_total":            "r.output + COALESCE(r.reasoning, 0)",
		"reasoning":               "r.reasoning",
		"gateway_cost":            "COALESCE(r.spend_usd, s.cost_usd)",
		"currency":                "CASE g.spend_unit WHEN 'cents' THEN 'USD' END",
		"recomputed":              "r.charge_usd",
		"recomputed_if_all_5m":    "r.charge_low_usd",
		"recomputed_if_all_1h":    "r.charge_high_usd",
		"true_cost":               "r.charge_usd",
		"drift":                   "r.cause",
		"retry_count":             "g.attempt - 1",
		"attempt_no":              "g.attempt",
		"is_fallback":             "g.attempt > 1",
		"cost_status":             "g.spend_status",
		"status":                  "r.status",
		"tenant_id":               "NULLIF(r.tenant_id, 'unattributed')",
		"parent":                  "g.parent_request_id",
		"gateway_cache_hit":       "r.gateway_cache",
		"billable":                "r.charge_usd <> 0",
	}
}

// normalisedWords are what the expectations call otherwise.
func normalisedWords() map[string]string {
	return map[string]string{
		"under: cache tokens absent before 3.14.0.8":                 "cache_read_undercount",
		"over: cached tokens charged at full rate AND at cache rate": "cache_double_count",
		"over by cache_write*input rate = 2000*2/1e6":                "cache_write_double_count",
		"over: cached input priced at full rate":                     "cache_at_full_price",
		"semantic":                                                   "hit",
		"error_zero":                                                 "zero_error",
		"<nil>":                                                      "",
	}
}

// TestSamplesAreNormalisedAsExpected holds each line of the shared expectations, all that it
// states, to what a run makes of the row that it names.
func TestSamplesAreNormalisedAsExpected(t *testing.T) {
	t.Parallel()
	path := samples(t, "gateways/_expected_normalised.jsonl")[0]
	expected := strings.Split(strings.TrimSpace(string(readFile(t, path))), "\n")
	runs := map[string]*sql.DB{}
	for _, line := range expected {
		want := map[string]any{}
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		file := want["file"].(string)
		if _, known := runs[file]; !known {
			runs[file] = runNormalised(t, file)
		}
		for name, value := range want {
			switch {
			case name == "file" || name == "row" || name == "note":
			case file == "openrouter_activity.csv":
				checkOpenRouter(t, runs[file], name, value)
			case file == "langfuse.jsonl" && (name == "recomputed" || name == "drift"):
				checkLangfuseRange(t, runs[file], want)
			default:
				checkNormalised(t, runs[file], want, name)
			}
		}
	}
}

// checkNormalised compares one value that an expectation states.
func checkNormalised(t *testing.T, db *sql.DB, want map[string]any, name string) {
	t.Helper()
	query, known := normalisedChecks()[name]
	if !known {
		t.Errorf("nothing checks %s", name)
		return
	}
	text := fmt.Sprint(want[name])
	if word, isWord := normalisedWords()[text]; isWord {
		text = word
	}
	got := one(t, db, "SELECT "+query+` FROM report.requests AS r
		LEFT JOIN store.raw.request AS g ON r.request_id = g.request_id
		LEFT JOIN store.raw.span AS s ON r.span_id = s.span_id AND g.row_id IS NULL
		WHERE r.source_file LIKE '%/' || ? AND r.source_line = ?`, want["file"], want["row"])
	if got != text {
		t.Errorf("%s row %s: %s is %q, want %q", want["file"], want["row"], name, got, text)
	}
}

// checkOpenRouter looks at the bill that OpenRouter's export is.
func checkOpenRouter(t *testing.T, db *sql.DB, name string, value any) {
	t.Helper()
	got := one(t, db, `SELECT amount_usd, charge_category, line_item
		FROM store.raw.bill WHERE service_tier = 'byok'`)
	if !strings.Contains(got, fmt.Sprint(value)) || !strings.Contains(got, " | fee | ") {
		t.Errorf("the row with a key of one's own is billed as %s, want %s %s", got, name, value)
	}
}

// checkLangfuseRange: nothing in the row says whether its input holds the cached tokens, so that
// its charge is a range, which begins with the expected one and holds it whole.
func checkLangfuseRange(t *testing.T, db *sql.DB, want map[string]any) {
	t.Helper()
	low, high, _ := strings.Cut(want["recomputed"].(string), "..")
	got := one(t, db, `SELECT usage_convention, CAST(charge_low_usd AS VARCHAR) =
		rpad(?, 17, '0'), charge_high_usd > CAST(? AS DECIMAL(38,15)), charge_high_usd
		FROM report.requests WHERE span_id = 'obs-2'`, low, high)
	if got != "unknown | true | true | 0.060624" {
		t.Errorf("the charge of Langfuse's observation is %s", got)
	}
}

// runNormalised runs a sample, with a trace of the calls that their gateway does not tell in full.
func runNormalised(t *testing.T, file string) *sql.DB {
	t.Helper()
	dir := t.TempDir()
	inputs := samples(t, "gateways/"+file)
	untold := map[string][]string{
		"cloudflare.jsonl":     {"01KDX4W2B7Q6ZC8R9T0V1W2X3Y", "gpt-5-2025-08-07"},
		"mlflow_gateway.jsonl": {"a1b2c3d4e5f60718", "gpt-5-2025-08-07"},
		"kong.jsonl":           {"6d2f9b8e40a153c7b2e5f801d3c6a947", "claude-sonnet-5"},
	}
	if call := untold[file]; call != nil {
		trace := filepath.Join(dir, "trace.json")
		writeFile(t, trace, []byte(tracedCall(call[0], call[1])))
		inputs = append(inputs, trace)
	}
	settings := settingsIn(dir, inputs...)
	settings.From, settings.To, settings.Prices = day("2026-01-01"), day("2027-01-01"), nil
	return neededOf(t, settings, "report.requests").store.db
}

// tracedCall is a span of a call as its provider counted it, with the gateway's id for it.
func tracedCall(requestID, model string) string {
	provider, counts := "openai", map[string]int{"input_tokens": 4820, "output_tokens": 640,
		"cache_read.input_tokens": 4096, "reasoning.output_tokens": 384}
	if strings.HasPrefix(model, "claude") {
		provider, counts = "anthropic", map[string]int{"input_tokens": 20012,
			"output_tokens": 900, "cache_read.input_tokens": 18000,
			"cache_creation.input_tokens":    2000,
			"cache_creation_5m.input_tokens": 1500, "cache_creation_1h.input_tokens": 500}
	}
	attributes := make([]string, 0, 10)
	for name, text := range map[string]string{"gen_ai.operation.name": "chat",
		"gen_ai.provider.name": provider, "gen_ai.request.id": requestID,
		"gen_ai.response.model": model} {
		attributes = append(attributes,
			fmt.Sprintf(`{"key":%q,"value":{"stringValue":%q}}`, name, text))
	}
	for name, n := range counts {
		attributes = append(attributes,
			fmt.Sprintf(`{"key":"gen_ai.usage.%s","value":{"intValue":"%d"}}`, name, n))
	}
	return fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":%q,"spanId":%q,`+
		`"name":"chat","startTimeUnixNano":"1793610843412000000","attributes":[%s]}]}]}]}`,
		strings.Repeat("ab", 16), strings.Repeat("cd", 8), strings.Join(attributes, ","))
}
