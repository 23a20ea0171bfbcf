package reconcile

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// payload is what LiteLLM's loggers for object stores write of one call.
const payload = `{"id": "chatcmpl-%[1]d", "trace_id": "wf-%[2]d", "call_type": "acompletion", ` +
	`"stream": true, "response_cost": 0.007817, "cost_breakdown": {"input_cost": 0.001417, ` +
	`"output_cost": 0.0064, "total_cost": 0.007817, "original_cost": 0.007817}, "status": ` +
	`"success", "custom_llm_provider": "openai", "total_tokens": 5460, "prompt_tokens": 4820, ` +
	`"completion_tokens": 640, "startTime": %[3]d.12, "endTime": %[3]d.901, "model": ` +
	`"gpt-5-2025-08-07", "model_id": "e0f3c1", "model_group": "gpt-5", "api_base": ` +
	`"https://api.openai.com/v1/", "metadata": {"user_api_key_hash": "88dc28d0f030c55e", ` +
	`"user_api_key_alias": "search-prod", "user_api_key_team_id": "team-%[4]d", ` +
	`"user_api_key_team_alias": "Search", "user_api_key_org_id": null, "user_api_key_user_id": ` +
	`"u-17", "user_api_key_end_user_id": "acme", "spend_logs_metadata": {"workflow_id": ` +
	`"wf-%[2]d"}, "usage_object": {"prompt_tokens": 4820, "completion_tokens": 640, ` +
	`"total_tokens": 5460, "prompt_tokens_details": {"cached_tokens": 4096, "audio_tokens": 0}, ` +
	`"completion_tokens_details": {"reasoning_tokens": 384, "audio_tokens": 0}}}, "cache_hit": ` +
	`null, "saved_cache_cost": 0.0, "request_tags": [], "end_user": "acme", "messages": null, ` +
	`"response": {"id": "chatcmpl-%[1]d", "model": "gpt-5-2025-08-07", "usage": {"prompt_tokens"` +
	`: 4820, "completion_tokens": 640, "total_tokens": 5460, "prompt_tokens_details": ` +
	`{"cached_tokens": 4096, "audio_tokens": 0}, "completion_tokens_details": ` +
	`{"reasoning_tokens": 384, "audio_tokens": 0}}}, "error_str": null, "model_parameters": {}, ` +
	`"hidden_params": {"model_id": "e0f3c1", "response_cost": "0.007817", ` +
	`"litellm_overhead_time_ms": 3.1, "additional_headers": {"llm_provider-x-request-id": ` +
	`"req_%[1]d"}}}`

// BenchmarkLoadFolder loads a folder of one-object files (BENCH_FILES of them) into the store, and
// the same rows as one file of JSON lines. The rate of the folder must be no less than a third.
func BenchmarkLoadFolder(b *testing.B) {
	files, err := strconv.Atoi(os.Getenv("BENCH_FILES"))
	if err != nil {
		files = 10_000
	}
	folder, lines := writePayloads(b, files)
	rate := map[string]float64{}
	for _, of := range []struct {
		name   string
		inputs []string
	}{{"lines", []string{lines}}, {"folder", []string{folder}}} {
		b.Run(of.name, func(b *testing.B) {
			ctx := context.Background()
			b.StopTimer()
			for range b.N {
				r := benchRun(b, ctx)
				r.settings.Inputs = of.inputs
				b.StartTimer()
				if r.files, err = findInputs(r.settings); err != nil {
					b.Fatal(err)
				}
				change, err := r.takeIn(ctx)
				b.StopTimer()
				if err != nil || change.contents[0].delivered == 0 {
					b.Fatal(err)
				}
				r.store.discard()
			}
			rate[of.name] = float64(files) * float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate[of.name], "rows/s")
			if of.name == "folder" {
				b.ReportMetric(rate["folder"]/rate["lines"], "of-lines")
			}
		})
	}
}

// writePayloads writes calls as a folder of files by day and as one file of JSON lines.
func writePayloads(b *testing.B, files int) (folder, lines string) {
	b.Helper()
	dir := b.TempDir()
	folder, lines = filepath.Join(dir, "calls"), filepath.Join(dir, "calls.jsonl")
	file, err := os.Create(lines)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriter(file)
	for i := range files {
		text := fmt.Sprintf(payload, i, i/10, 1791000000+i*40, i%20)
		fmt.Fprintln(out, text)
		writeFile(b, filepath.Join(folder, fmt.Sprintf("2026-10-%02d", i%31+1),
			fmt.Sprintf("time-%d_chatcmpl-%d.json", i, i)), []byte(text))
	}
	if out.Flush() != nil || file.Close() != nil {
		b.Fatal("the lines cannot be written")
	}
	return folder, lines
}
