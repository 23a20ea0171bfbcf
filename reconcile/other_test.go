package reconcile

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// otherGateway is a log of calls that are billed by other units than tokens, beside one that is
// billed by tokens and web searches.
const otherGateway = `
{"request_id":"talk","call_type":"atranscription","spend":0.012,"prompt_tokens":0,
 "completion_tokens":0,"total_tokens":0,"startTime":"2026-10-05T10:00:00.000+00:00",
 "endTime":"2026-10-05T10:00:03.000+00:00","model":"whisper-1","custom_llm_provider":"openai",
 "team_id":"t1","status":"success","metadata":{"usage_object":{"prompt_tokens":0,
 "completion_tokens":0,"prompt_tokens_details":{"audio_length_seconds":120}}}}
{"request_id":"paint","call_type":"aimage_generation","spend":0.08,"prompt_tokens":0,
 "completion_tokens":0,"total_tokens":0,"startTime":"2026-10-05T10:01:00.000+00:00",
 "endTime":"2026-10-05T10:01:03.000+00:00","model":"whisper-1","custom_llm_provider":"openai",
 "team_id":"t1","status":"success","metadata":{"usage_object":{"prompt_tokens":0,
 "completion_tokens":0,"prompt_tokens_details":{"image_count":2}}}}
{"request_id":"mute","call_type":"aspeech","spend":0.03,"prompt_tokens":0,
 "completion_tokens":0,"total_tokens":0,"startTime":"2026-10-05T10:02:00.000+00:00",
 "endTime":"2026-10-05T10:02:03.000+00:00","model":"gpt-4.1","custom_llm_provider":"openai",
 "team_id":"t1","status":"success","metadata":{}}
{"request_id":"chat","call_type":"acompletion","spend":0.0228,"prompt_tokens":1000,
 "completion_tokens":100,"total_tokens":1100,"startTime":"2026-10-05T10:03:00.000+00:00",
 "endTime":"2026-10-05T10:03:03.000+00:00","model":"gpt-4.1","custom_llm_provider":"openai",
 "team_id":"t1","status":"success","metadata":{"usage_object":{"prompt_tokens":1000,
 "completion_tokens":100,"prompt_tokens_details":{"web_search_requests":2,"image_count":1}}}}`

// otherBill is what the provider bills: the seconds of audio by model, tools by no model.
const otherBill = `start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,` +
	`quantity,quantity_unit,line_item,user_id,api_key_id,project_id,organization_id
1791158400,1791244800,2026-10-05,2026-10-06,0.002,usd,1000,tokens,"gpt-4.1, input",,,p,o
1791158400,1791244800,2026-10-05,2026-10-06,0.0008,usd,100,tokens,"gpt-4.1, output",,,p,o
1791158400,1791244800,2026-10-05,2026-10-06,0.02,usd,,,web search tool calls,,,p,o
1791158400,1791244800,2026-10-05,2026-10-06,0.012,usd,2,duration_minutes,whisper-1,,,p,o
1791158400,1791244800,2026-10-05,2026-10-06,0.06,usd,2,,code interpreter sessions,,,p,o
`

// TestOtherChargesAreRatedOrInSight: seconds of audio are charged where the gateway counts them
// and met with the bill; images without a price, and calls without any count, are not charged 0
// but said to be unpriced; a tool's bill without a model is a tool's fee, and nothing is left
// unexplained.
func TestOtherChargesAreRatedOrInSight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := strings.ReplaceAll(strings.ReplaceAll(otherGateway, "\n{", "\x00{"), "\n", "")
	writeFile(t, filepath.Join(dir, "in", "log.jsonl"),
		[]byte(strings.TrimPrefix(strings.ReplaceAll(log, "\x00", "\n"), "\n")+"\n"))
	writeFile(t, filepath.Join(dir, "in", "costs.csv"), []byte(otherBill))
	settings := settingsIn(dir, filepath.Join(dir, "in"))
	settings.Prices = nil
	got := runWith(t, settings)
	requests := lines(t, got.db, `SELECT request_id, charge_status, charge_usd, other_charges
		FROM requests ORDER BY request_id`)
	want := []string{
		"chat rated 0.0228", "mute no_usage", "paint unpriced other_input_image=2",
		"talk rated 0.012 other_input_audio_per_second=120",
	}
	if !slices.Equal(plainLines(requests), want) {
		t.Errorf("requests: %q", plainLines(requests))
	}
	met := one(t, got.db, `SELECT quantity_charged || ' ' || charge_usd || ' ' || bill_usd
		FROM drift 		WHERE token_type = 'other_input_audio_per_second'`)
	if met != "120 0.012000000000000 0.012000000000000" {
		t.Errorf("audio in the drift report: %s", met)
	}
	fees := one(t, got.db, `SELECT string_agg(bill_usd || ' ' || evidence) FROM breaks
		WHERE cause = 'tool_fee'`)
	if !strings.HasPrefix(fees, "0.060000000000000 ") ||
		!strings.Contains(fees, "code interpreter sessions") {
		t.Errorf("tools: %s", fees)
	}
	if got.UnexplainedUSD != "0" {
		t.Errorf("unexplained: %s", got.UnexplainedUSD)
	}
}

// plainLines writes the columns of each line with blanks between.
func plainLines(rows []string) []string {
	var plain []string
	for _, row := range rows {
		plain = append(plain, strings.Join(strings.Fields(strings.ReplaceAll(row, "|", " ")), " "))
	}
	return plain
}
