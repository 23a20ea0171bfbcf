package loaders

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// BenchmarkOTLP loads export requests of 50 calls a line on one thread, as a gateway's Collector
// writes them.
func BenchmarkOTLP(b *testing.B) {
	const lines, spans = 400, 50
	path := filepath.Join(b.TempDir(), "traces.jsonl")
	var text strings.Builder
	for line := range lines {
		text.WriteString(benchRequest(line, spans))
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		result, err := Load(context.Background(), path, 1, Options{Threads: 1},
			func(_ Table, record arrow.Record) error { record.Release(); return nil })
		if err != nil || result.Loaded != lines*spans {
			b.Fatal(result.Tally, err)
		}
	}
	b.ReportMetric(float64(lines*spans*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// benchRequest is one export request of a LiteLLM gateway.
func benchRequest(line, spans int) string {
	list := make([]string, spans)
	for i := range list {
		n := line*spans + i
		list[i] = fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x","parentSpanId":"%016x",`+
			`"flags":257,"name":"chat gpt-4o-mini","kind":3,`+
			`"startTimeUnixNano":"%d000","endTimeUnixNano":"%d000","attributes":[%s],"status":{}}`,
			n+1, n+1, n+2, 1790812800000000+n, 1790812801000000+n, strings.Join([]string{
				attribute("litellm.team.id", `"stringValue":"team-claims"`),
				attribute("gen_ai.operation.name", `"stringValue":"chat"`),
				attribute("gen_ai.provider.name", `"stringValue":"openai"`),
				attribute("gen_ai.request.model", `"stringValue":"gpt-4o-mini"`),
				attribute("gen_ai.response.model", `"stringValue":"gpt-4o-mini-2024-07-18"`),
				attribute("gen_ai.response.id", fmt.Sprintf(`"stringValue":"chatcmpl-%d"`, n)),
				attribute("litellm.call_id", fmt.Sprintf(`"stringValue":"call-%d"`, n)),
				attribute("gen_ai.usage.input_tokens", fmt.Sprintf(`"intValue":"%d"`, 2000+n%99)),
				attribute("gen_ai.usage.output_tokens", `"intValue":"210"`),
				attribute("gen_ai.usage.cache_read.input_tokens", `"intValue":"1024"`),
				attribute("gen_ai.response.finish_reasons",
					`"arrayValue":{"values":[{"stringValue":"stop"}]}`),
			}, ","))
	}
	return `{"resourceSpans":[{"resource":{"attributes":[` +
		attribute("service.name", `"stringValue":"litellm"`) +
		`]},"scopeSpans":[{"scope":{"name":"litellm"},"spans":[` + strings.Join(list, ",") +
		"]}]}]}\n"
}

// attribute writes one OTLP attribute; value is the inside of its AnyValue.
func attribute(name, value string) string {
	return fmt.Sprintf(`{"key":%q,"value":{%s}}`, name, value)
}
