package loaders

import (
	"os"
	"strings"
	"testing"
)

// TestForeignRowsAreRejects: behind a row of one gateway, the rows of others are neither read as
// its own nor passed over as requests of other routes; its own requests of other routes are.
func TestForeignRowsAreRejects(t *testing.T) {
	first := func(path string) string {
		text, err := os.ReadFile("testdata/" + path)
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		return line
	}
	foreign := "\n" + first("bifrost/rows.jsonl") + "\n" + first("portkey/spellings.jsonl") + "\n" +
		first("helicone/answers.jsonl") + "\n"
	for _, c := range []struct{ own, route string }{
		{first("cloudflare/lines.jsonl"), ""},
		{first("tensorzero/rows.jsonl"), ""},
		{first("apisix/loggers.jsonl"), `{"start_time":1,"request":{"uri":"/health"}}`},
		{first("envoy/lines.jsonl"), `{"start_time":"2026-10-05T08:00:00Z","response_code":200}`},
		{first("higress/lines.jsonl"), `{"start_time":"2026-10-05T08:00:00Z","path":"/"}`},
		{first("kong/releases.jsonl"), `{"started_at":1,"request":{"id":"r"}}`},
		{first("mlflow/spans.jsonl"), `{"trace_id":"t","span_id":"s","attributes":{}}`},
		{first("truefoundry/text.jsonl"), `{"traceId":"t","spanId":"s"}`},
		{first("bedrock_log/records.jsonl"), `{"schemaType":"Other","requestId":"r"}`},
	} {
		own, err := loadText(t, c.own+"\n")
		if err != nil {
			t.Fatal(err)
		}
		mixed, err := loadText(t, c.own+foreign+c.route+"\n")
		if err != nil {
			t.Fatal(err)
		}
		got := mixed.texts(TableReject, "line", "reason")
		diffLines(t, mixed.Format, got, []string{
			"line=2 reason=not a row of " + mixed.Format + " but of bifrost.logs",
			"line=3 reason=not a row of " + mixed.Format + " but of portkey.logs",
			"line=4 reason=not a row of " + mixed.Format + " but of helicone.requests"})
		if mixed.Loaded != own.Loaded || (c.route != "" && mixed.Ignored != own.Ignored+1) {
			t.Errorf("%s: loaded %d, ignored %d", mixed.Format, mixed.Loaded, mixed.Ignored)
		}
	}
}
