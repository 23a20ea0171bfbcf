package reconcile

import (
	"fmt"
	"os"
	"testing"
)

// The shared samples of traces stand beside the repository; without them these tests skip.
const traceSamples = "../shared/samples/traces/"

// TestTracedCallCountsOnce loads what several parties wrote of the same calls.
func TestTracedCallCountsOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		inputs   []string
		of, want string // a query over the reports, and its rows
	}{
		{"three nested spans of each call, as a framework and its instrumentation write them",
			[]string{"real/agentevals_tempo_batches_trimmed.json"},
			`SELECT count(*), sum(prompt_tokens), sum(output) FROM requests`, "[2 4648 129]"},
		{"a client, its gateway and the provider's platform",
			[]string{"otlp_semconv_new.jsonl", "litellm_otel_v2.jsonl",
				"anthropic_native_otel.jsonl"},
			`SELECT count(*), any_value(request_id), any_value(tenant_id),
				any_value(workflow_id), sum(prompt_tokens), sum(cache_read),
				sum(cache_write), sum(output), sum(reasoning)
			FROM requests WHERE prompt_tokens = 14230`,
			"[1 b980db26-9512-45cc-b1da-c511a363b83f team-claims conv_8842 14230 12000 2048 " +
				"256 256]"},
		{"the same spans as JSON and in both forms of the file exporter",
			[]string{"otlp_semconv_new.jsonl", "fileexporter_legacy_json_zstd.bin",
				"fileexporter_native_json.jsonl.zst"},
			`SELECT count(*), sum(prompt_tokens) FROM requests`, "[5 29370]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var inputs []string
			for _, name := range c.inputs {
				if _, err := os.Stat(traceSamples + name); err != nil {
					t.Skip("no shared samples")
				}
				inputs = append(inputs, traceSamples+name)
			}
			settings := settingsIn(t.TempDir(), inputs...)
			settings.From, settings.To = day("2026-04-01"), day("2027-01-01")
			run := runWith(t, settings)
			if got := firstRow(t, run, c.of); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// firstRow is the first row that a query gives, as text.
func firstRow(t *testing.T, run outcome, query string) string {
	t.Helper()
	rows, err := run.db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		t.Fatal("no row: ", err)
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	if err := rows.Scan(values...); err != nil {
		t.Fatal(err)
	}
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprint(*value.(*any))
	}
	return fmt.Sprint(texts)
}
