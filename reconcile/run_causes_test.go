package reconcile

import (
	"fmt"
	"path/filepath"
	"testing"
)

// Causes that tell of a run and not of a call, each by files on disk and with its exact amount.
// gpt-5 costs 1.25 and 10 USD a million, so that 1,000 and 100 tokens are 0.00225.

const (
	usageHead = "start_time,end_time,start_time_iso,end_time_iso,num_model_requests,model," +
		"batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens\n"
	costHead   = "start_time,end_time,amount_value,amount_currency,line_item,organization_id\n"
	routerHead = "generation_id,created_at,cost_total,tokens_prompt,tokens_completion," +
		"tokens_reasoning,tokens_cached,model_permaslug,provider_name,cancelled,streamed\n"
	fifth    = "1791158400,1791244800," // 5 October
	answered = "gpt-5-2025-08-07"
)

// runCauseFiles are the files of the cases, by name.
func runCauseFiles() map[string]string {
	row := func(id, day, model, provider, spend string, prompt, answer int, more string) string {
		return fmt.Sprintf(`{"request_id":%q,"startTime":"%sT10:00:00Z","endTime":"%sT10:00:01Z",`+
			`"model":%q,"model_group":%q,"custom_llm_provider":%q,"spend":%s,"team_id":"red",`+
			`"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,"status":"success",`+
			`"metadata":{"usage_object":{"prompt_tokens":%d,"completion_tokens":%d,`+
			`"completion_tokens_details":{"reasoning_tokens":0}%s}}}`+"\n", id, day, day, model,
			model, provider, spend, prompt, answer, prompt+answer, prompt, answer, more)
	}
	one := row("a", "2026-10-05", "gpt-5", "openai", "0.00225", 1000, 100, "")
	return map[string]string{
		"one.jsonl": one,
		"two.jsonl": one + row("b", "2026-10-06", "gpt-5", "openai", "0.0045", 2000, 200, ""),
		"three.jsonl": one + row("b", "2026-10-06", "gpt-5", "openai", "0.0045", 2000, 200, "") +
			row("c", "2026-10-09", "gpt-5", "openai", "0.00225", 1000, 100, ""),
		"unsaid.jsonl": row("w", "2026-10-05", "claude-sonnet-5", "anthropic", "0.006", 2000, 100,
			`,"cache_creation_input_tokens":1000`),
		"routed.jsonl": row("gen-1", "2026-10-05", "openai/gpt-5", "openrouter", "0.0019", 1000,
			100, "") + row("gen-2", "2026-10-05", "openai/gpt-5", "openrouter", "0.00225", 1000,
			100, ""),
		"usage.csv": usageHead + fifth + "2026-10-05T00:00:00+00:00,2026-10-06T00:00:00+00:00,1," +
			answered + ",False,default,1000,100,0,1000\n",
		"cost.csv": costHead + fifth + "0.00125,usd,\"" + answered + ", input\",org\n" +
			fifth + "0.001,usd,\"" + answered + ", output\",org\n",
		"dear.csv": costHead + fifth + "0.00175,usd,\"" + answered + ", input\",org\n" +
			fifth + "0.001,usd,\"" + answered + ", output\",org\n",
		"router.csv": routerHead +
			"gen-1,2026-10-05 10:00:00.000,0.0019,1000,100,0,0,openai/gpt-5,OpenAI,false,false\n" +
			"gen-2,2026-10-05 10:00:00.000,0.00225,1000,100,0,0,openai/gpt-5,OpenAI,false,false\n",
		"trace.jsonl": `{"resourceSpans":[{"scopeSpans":[{"spans":[{` +
			`"traceId":"00000000000000000000000000000001","spanId":"0000000000000001",` +
			`"name":"chat","startTimeUnixNano":"1791194400000000000",` +
			`"endTimeUnixNano":"1791194401000000000","attributes":[` +
			`{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},` +
			`{"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},` +
			`{"key":"gen_ai.request.model","value":{"stringValue":"gpt-5"}},` +
			`{"key":"gen_ai.response.model","value":{"stringValue":"` + answered + `"}},` +
			`{"key":"gen_ai.usage.input_tokens","value":{"intValue":"1000"}},` +
			`{"key":"gen_ai.usage.output_tokens","value":{"intValue":"100"}},` +
			`{"key":"tenant.id","value":{"stringValue":"red"}}]}]}]}]}` + "\n",
	}
}

// runCause is a run and what it must find: breaks and notes, the steps of its bridge, and days that
// a bill should cover.
type runCause struct {
	name, tolerance        string
	files                  []string
	found, steps, unbilled []string
}

func runCauses() []runCause {
	return []runCause{
		{name: "requests_not_loaded", files: []string{"usage.csv", "cost.csv"},
			found: []string{"requests_not_loaded | false | -0.00225"},
			steps: []string{"requests_not_loaded | 0.00225"}},
		{name: "gateway_not_loaded", files: []string{"trace.jsonl", "usage.csv", "cost.csv"},
			steps: []string{"gateway_not_loaded | 0.00225"}},
		{name: "bill_not_loaded", files: []string{"two.jsonl", "usage.csv", "cost.csv"},
			found:    []string{"bill_not_loaded | false | 0.0045"},
			steps:    []string{"bill_not_loaded | -0.0045"},
			unbilled: []string{"openai, day 2026-10-06, 0.0045 USD"}},
		{name: "bill_not_loaded of days", files: []string{"three.jsonl", "usage.csv", "cost.csv"},
			found: []string{"bill_not_loaded | false | 0.0045",
				"bill_not_loaded | false | 0.00225"},
			steps: []string{"bill_not_loaded | -0.00675"},
			unbilled: []string{
				"openai, 2 days from 2026-10-06 to 2026-10-09, 0.00675 USD"}},
		{name: "within_tolerance, just", files: []string{"one.jsonl", "usage.csv", "dear.csv"},
			tolerance: "0.0005", found: []string{"within_tolerance | false | -0.0005"},
			steps: []string{"within_tolerance | 0.0005"}},
		{name: "above the tolerance by a hair", tolerance: "0.000499999",
			files: []string{"one.jsonl", "usage.csv", "dear.csv"},
			found: []string{"bill_price_differs | true | -0.0005"},
			steps: []string{"bill_price_differs | 0.0005"}},
		// 1,000 input, 1,000 written for 5 minutes or for an hour, 100 answered: 0.0055 to 0.007.
		{name: "charge_uncertain", files: []string{"unsaid.jsonl"},
			found: []string{"charge_uncertain | false | 0.0005"},
			steps: []string{"charge_uncertain | -0.0005"}},
		{name: "provider_reported_cost", files: []string{"routed.jsonl", "router.csv"},
			found: []string{"bill_price_differs | true | 0.00035",
				"provider_reported_cost | true | -0.00035"},
			steps: []string{"bill_price_differs | -0.00035", "provider_reported_cost | 0.00035"}},
	}
}

func TestCausesOfRuns(t *testing.T) {
	t.Parallel()
	for _, c := range runCauses() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			settings := settingsIn(dir)
			settings.Prices = nil
			if c.tolerance != "" {
				settings.ToleranceUSD = c.tolerance
			}
			for _, name := range c.files {
				path := filepath.Join(dir, name)
				writeFile(t, path, []byte(runCauseFiles()[name]))
				settings.Inputs = append(settings.Inputs, path)
			}
			run := runWith(t, settings)
			differ(t, "breaks and notes", lines(t, run.db,
				"SELECT cause, is_break, drift_usd FROM breaks ORDER BY ALL"), c.found)
			differ(t, "bridge", lines(t, run.db,
				"SELECT cause, amount_usd FROM bridge ORDER BY cause"), c.steps)
			var unbilled []string
			for _, u := range run.Unbilled {
				unbilled = append(unbilled, u.Words())
			}
			differ(t, "days without a bill", unbilled, c.unbilled)
		})
	}
}
