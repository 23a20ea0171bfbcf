package reconcile

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tieout/pricing"
)

// runPriced runs files of a day with a price list of their own.
func runPriced(t *testing.T, prices string, files map[string]string) outcome {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, "in", name), []byte(text))
	}
	settings := settingsIn(dir, filepath.Join(dir, "in"))
	settings.Prices = nil
	if prices != "" {
		writeFile(t, filepath.Join(dir, "prices.csv"), []byte(prices))
		settings.Prices = []string{filepath.Join(dir, "prices.csv")}
	}
	return runWith(t, settings)
}

// TestCachedOnTopOfThePrompt: 2,422 prompt tokens of which 2,304 cached, 4 of the answer, logged
// at 0.0020073 (cloudflare/ai#550).
func TestCachedOnTopOfThePrompt(t *testing.T) {
	t.Parallel()
	entry := spendEntry{id: "call", model: "gpt-x", provider: "openai", day: "2026-10-05",
		spend: "0.0020073", prompt: 2422, cached: 2304, completion: 4, hasDetails: true}
	run := runPriced(t, "provider,model,token_type,usd_per_million\nopenai,gpt-x,input,0.75\n"+
		"openai,gpt-x,cache_read,0.075\nopenai,gpt-x,output,4.5\n",
		map[string]string{"gateway.jsonl": string(jsonLines(t, []map[string]any{entry.row()}))})
	differ(t, "cause", lines(t, run.db, `SELECT cause, spend_usd, charge_usd, drift_usd, evidence
		FROM breaks WHERE is_break`), []string{"cache_double_count | 0.0020073 | 0.0002793 | " +
		"0.001728 | 2304 cached tokens charged on top of the full prompt"})
}

// TestCachedUndercounted: 40 requests of which the gateway counts 49,563 cached tokens and the
// provider 65,304; 0.939487 against a bill of 0.865846 (litellm#34801).
func TestCachedUndercounted(t *testing.T) {
	t.Parallel()
	// Prices at which the two totals are what the issue tells, to its six decimals.
	prices := map[pricing.TokenType]string{pricing.Input: "5.1983", pricing.CacheRead: "0.52",
		pricing.Output: "38.5265"}
	list := "provider,model,token_type,usd_per_million\n"
	for kind, usd := range prices {
		list += "openai,gpt-x," + string(kind) + "," + usd + "\n"
	}
	cost := func(kind pricing.TokenType, n int64) pricing.USD {
		return mustUSD(t, prices[kind]).Times(n).Shift(-6)
	}
	var rows []map[string]any
	left := map[string]int64{"prompt": 73550, "cached": 49563, "output": 20480}
	for i := int64(40); i > 0; i-- {
		e := spendEntry{id: fmt.Sprint("call", i), model: "gpt-x", provider: "openai",
			day: "2026-10-05", prompt: left["prompt"] / i, cached: left["cached"] / i,
			completion: left["output"] / i, hasDetails: true}
		left["prompt"] -= e.prompt
		left["cached"] -= e.cached
		left["output"] -= e.completion
		e.spend = cost(pricing.Input, e.prompt-e.cached).Add(cost(pricing.CacheRead, e.cached)).
			Add(cost(pricing.Output, e.completion)).String()
		rows = append(rows, e.row())
	}
	day := "1791158400,1791244800,2026-10-05T00:00:00+00:00,2026-10-06T00:00:00+00:00,"
	bill := "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency," +
		"quantity,quantity_unit,line_item\n"
	for _, l := range []struct {
		kind pricing.TokenType
		item string
		n    int64
	}{{pricing.Input, "input", 73550 - 65304}, {pricing.CacheRead, "cached input", 65304},
		{pricing.Output, "output", 20480}} {
		bill += fmt.Sprintf("%s%s,usd,%d,tokens,\"gpt-x, %s\"\n", day, cost(l.kind, l.n), l.n,
			l.item)
	}
	run := runPriced(t, list, map[string]string{"gateway.jsonl": string(jsonLines(t, rows)),
		"cost.csv": bill, "usage.csv": "start_time,end_time,start_time_iso,end_time_iso," +
			"num_model_requests,model,input_tokens,output_tokens,input_cached_tokens," +
			"input_uncached_tokens\n" + day + "40.0,gpt-x,73550.0,20480.0,65304.0,8246.0\n"})
	differ(t, "bridge", lines(t, run.db, `SELECT cause, round(spend_usd, 6), round(amount_usd, 6),
		round(bill_usd, 6) FROM bridge`),
		[]string{"cache_read_undercount | 0.939487 | -0.073641 | 0.865846"})
	evidence := one(t, run.db, "SELECT evidence FROM breaks WHERE is_break")
	if !strings.Contains(evidence, "cache_read +15741") {
		t.Errorf("evidence: %s", evidence)
	}
	if run.UnexplainedUSD != "0" {
		t.Errorf("unexplained %s", run.UnexplainedUSD)
	}
	text, err := json.Marshal(run.Summary)
	if err != nil || !strings.Contains(string(text), "cache_read_undercount") {
		t.Errorf("summary: %s %v", text, err)
	}
}
