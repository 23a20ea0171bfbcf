package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reportedFigure is a figure that somebody found wrong in a gateway, with what is known of it.
type reportedFigure struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Spend string `json:"litellm_value"`
	Facts struct {
		Model       string `json:"model"`
		Prompt      int64  `json:"prompt_tokens"`
		Cached      int64  `json:"cached_tokens"`
		Completion  int64  `json:"completion_tokens"`
		ServiceTier string `json:"service_tier"`
		TrafficType string `json:"trafficType"`
		Buffered    struct {
			Prompt int64 `json:"prompt_tokens"`
			Cached int64 `json:"cached_tokens"`
		} `json:"buffered"`
		Streamed struct {
			Prompt int64 `json:"prompt_tokens"`
		} `json:"streamed"`
	} `json:"facts"`
}

// figureCase says how a figure comes into a run and which of our causes its label means; undecided
// says why the facts are too few.
type figureCase struct {
	cause, undecided string
	provider, base   string // LiteLLM's provider, and the host that it called
	day              string
	spend            string            // where the figure is no amount
	more             func(*spendEntry) // what the facts say beside tokens
}

// figureCases maps every figure by its id.
func figureCases() map[string]figureCase {
	return map[string]figureCase{
		"gemini_cached_double": {cause: "cache_double_count", provider: "gemini",
			day: "2025-09-24"},
		"stream_usage_dropped": {cause: "usage_estimated", provider: "deepseek",
			day: "2026-09-01", more: func(e *spendEntry) {
				e.prompt, e.isStreamed, e.hasDetails = e.figure.Facts.Streamed.Prompt, true, false
			}},
		"anthropic_server_fallback": {undecided: "no tokens of either attempt are told"},
		"vertex_flex": {cause: "service_tier", provider: "vertex_ai",
			base: "https://aiplatform.googleapis.com/v1", day: "2026-08-05"},
		"gpt4o_mini_priority": {cause: "service_tier", provider: "openai", day: "2026-08-25"},
		"gpt41_priority":      {cause: "service_tier", provider: "openai", day: "2026-08-25"},
		"gpt_image_output": {cause: "modality_rate", provider: "openai", day: "2026-10-05",
			spend: "0.0105", more: func(e *spendEntry) {
				e.prompt, e.completion, e.imageOut = 100, 1000, 1000
			}},
		"bedrock_in_region": {cause: "region_uplift", provider: "bedrock",
			base: "https://bedrock-runtime.eu-central-1.amazonaws.com", day: "2026-10-05",
			spend: "0.0045", more: func(e *spendEntry) { e.prompt, e.completion = 1000, 100 }},
		"web_search_fee": {cause: "tool_fee", provider: "openai", day: "2026-10-05",
			spend: "0.00225", more: func(e *spendEntry) {
				e.model, e.prompt, e.completion, e.searches = "gpt-5", 1000, 100, 1
			}},
		"missing_rows": {cause: "row_missing_gateway", provider: "openai", day: "2026-10-07"},
		"tz_sum_of_days": {undecided: "two sums of a dashboard: no rows, and rows exported twice " +
			"are counted once anyway"},
		"bedrock_gpt55_300k": {cause: "long_context_tier", provider: "bedrock",
			base: "https://bedrock-runtime.us-east-1.amazonaws.com", day: "2026-10-05",
			spend: "1.189309", more: func(e *spendEntry) { e.model = "openai.gpt-5.5" }},
	}
}

// figurePrices are prices that our list has otherwise, as the figures have them.
const figurePrices = `provider,model,token_type,min_input_tokens,usd_per_million
openai,gpt-image-2,input,0,5
openai,gpt-image-2,output,0,10
openai,gpt-image-2,image_out,0,30
`

// spendEntry is a row of LiteLLM's spend log in the making.
type spendEntry struct {
	figure                               reportedFigure
	id, model, provider, base, day, tier string
	spend                                string
	prompt, cached, completion           int64
	imageOut, searches                   int64
	isStreamed, hasDetails               bool
}

// row writes the entry as LiteLLM logs it.
func (e *spendEntry) row() map[string]any {
	usage := map[string]any{"prompt_tokens": e.prompt, "completion_tokens": e.completion,
		"total_tokens": e.prompt + e.completion, "service_tier": e.tier}
	if e.hasDetails {
		usage["prompt_tokens_details"] = map[string]any{"cached_tokens": e.cached}
	}
	if e.imageOut > 0 {
		usage["completion_tokens_details"] = map[string]any{"image_tokens": e.imageOut}
	}
	if e.searches > 0 {
		usage["server_tool_use"] = map[string]any{"web_search_requests": e.searches}
	}
	row := map[string]any{"request_id": e.id, "call_type": "acompletion", "spend": "",
		"prompt_tokens": e.prompt, "completion_tokens": e.completion,
		"total_tokens": e.prompt + e.completion, "startTime": e.day + "T10:00:00.000Z",
		"endTime": e.day + "T10:00:01.000Z", "model": e.model, "custom_llm_provider": e.provider,
		"api_base": e.base, "team_id": "team", "cache_hit": "False", "status": "success",
		"metadata": map[string]any{"usage_object": usage, "litellm_call_id": e.id}}
	row["spend"] = json.Number(e.spend)
	if e.isStreamed {
		row["completionStartTime"] = e.day + "T10:00:00.500Z"
	}
	return row
}

// entries are the rows of a figure: one, or as many as the gateway logged.
func (c figureCase) entries(f reportedFigure) []*spendEntry {
	if f.ID == "missing_rows" {
		rows := make([]*spendEntry, 8)
		for i := range rows {
			rows[i] = &spendEntry{id: fmt.Sprint(f.ID, i), model: "gpt-4o-2024-08-06",
				provider: c.provider, day: c.day, spend: "0.0035", prompt: 1000, completion: 100}
		}
		return rows
	}
	e := &spendEntry{figure: f, id: f.ID, model: f.Facts.Model, provider: c.provider, base: c.base,
		day: c.day, spend: c.spend, prompt: f.Facts.Prompt, cached: f.Facts.Cached,
		completion: f.Facts.Completion, hasDetails: true}
	e.tier = f.Facts.ServiceTier + f.Facts.TrafficType
	if e.spend == "" {
		e.spend = f.Spend
	}
	if c.more != nil {
		c.more(e)
	}
	return []*spendEntry{e}
}

// TestReportedFigures: figures that people found wrong get the cause that their label means.
func TestReportedFigures(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../shared/data/litellm/drift_fixtures.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no shared figures")
	}
	var figures []reportedFigure
	if err != nil || json.Unmarshal(text, &figures) != nil {
		t.Fatal("the figures cannot be read")
	}
	dir := t.TempDir()
	var rows []map[string]any
	cases := figureCases()
	for _, f := range figures {
		c, known := cases[f.ID]
		if !known {
			t.Errorf("%s (%s) has no case", f.ID, f.Label)
		}
		if c.undecided == "" {
			for _, e := range c.entries(f) {
				rows = append(rows, e.row())
			}
		}
	}
	writeFile(t, filepath.Join(dir, "in/gateway.jsonl"), jsonLines(t, rows))
	writeFile(t, filepath.Join(dir, "in/trace.jsonl"), []byte(bufferedSpan))
	writeFile(t, filepath.Join(dir, "in/usage.csv"), []byte(nineRequests))
	writeFile(t, filepath.Join(dir, "prices.csv"), []byte(figurePrices))
	settings := settingsIn(dir, filepath.Join(dir, "in"))
	settings.From, settings.To = day("2025-09-01"), day("2026-11-01")
	settings.Prices = []string{filepath.Join(dir, "prices.csv")}
	checkFigures(t, runWith(t, settings), cases)
}

// checkFigures compares causes; a figure that is a sum of calls is found on its day.
func checkFigures(t *testing.T, run outcome, cases map[string]figureCase) {
	t.Helper()
	for id, c := range cases {
		if c.undecided != "" {
			t.Logf("%s is not decided: %s", id, c.undecided)
			continue
		}
		found := lines(t, run.db, `SELECT cause || ': ' || evidence FROM breaks WHERE is_break
			AND cause <> 'row_missing_trace' AND (request_id = ? OR level = 'bucket'
			AND day = ? AND ? = 'missing_rows')`, id, c.day, id)
		if len(found) == 0 || !strings.Contains(strings.Join(found, "\n"), c.cause) {
			t.Errorf("%s: want %s, got %q", id, c.cause, found)
		} else {
			t.Logf("%s: %q", id, found)
		}
	}
}

// bufferedSpan is what the caller of stream_usage_dropped was answered.
const bufferedSpan = `{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"scope":` +
	`{"name":"x"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":` +
	`"b7ad6b7169203331","name":"chat","kind":3,"startTimeUnixNano":"1788256800000000000",` +
	`"endTimeUnixNano":"1788256801000000000","attributes":[` +
	`{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},` +
	`{"key":"gen_ai.provider.name","value":{"stringValue":"deepseek"}},` +
	`{"key":"gen_ai.response.model","value":{"stringValue":"deepseek-v4-flash"}},` +
	`{"key":"litellm.call_id","value":{"stringValue":"stream_usage_dropped"}},` +
	`{"key":"gen_ai.usage.input_tokens","value":{"intValue":"16111"}},` +
	`{"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":"15872"}},` +
	`{"key":"gen_ai.usage.output_tokens","value":{"intValue":"0"}}],"status":{}}]}]}]}` + "\n"

// nineRequests is the day of missing_rows as OpenAI's usage export has it.
const nineRequests = `start_time,end_time,start_time_iso,end_time_iso,num_model_requests,model,` +
	`input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens
1791331200,1791417600,2026-10-07T00:00:00+00:00,2026-10-08T00:00:00+00:00,9.0,` +
	`gpt-4o-2024-08-06,9000.0,900.0,0.0,9000.0
`
