package loaders

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"tieout/pricing"
)

// samples are shared beside the repository and not part of it; without them these tests skip.
const samples = "../../shared/samples"

func sample(t *testing.T, name string) loaded {
	t.Helper()
	path := filepath.Join(samples, name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no shared samples")
	}
	l, err := loadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if l.Rejected != 0 || l.Loaded == 0 || l.RoundedAmounts != 0 {
		t.Fatalf("%s: read %d, loaded %d, rejected %d, rounded %d: %v", name, l.Read, l.Loaded,
			l.Rejected, l.RoundedAmounts, l.texts(TableReject, "line", "reason"))
	}
	return l
}

// sums adds up a count column, apart for each value of a text column.
func sums(t *testing.T, rows []row, of, by string) []string {
	t.Helper()
	total := map[string]int64{}
	for _, r := range rows {
		if r[of] == "" {
			continue
		}
		n, err := strconv.ParseInt(r[of], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		total[r[by]] += n
	}
	lines := make([]string, 0, len(total))
	for key, n := range total {
		lines = append(lines, fmt.Sprintf("%s=%d", key, n))
	}
	slices.Sort(lines)
	return lines
}

func sumUSD(t *testing.T, rows []row) string {
	t.Helper()
	var total pricing.USD
	for _, r := range rows {
		amount, err := pricing.ParseUSD(r["amount_usd"])
		if err != nil {
			t.Fatal(err)
		}
		total = total.Add(amount)
	}
	return total.String()
}

func TestSamplesOfProviderUsage(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"providers/openai_completions_usage.csv", []string{"cache_read=170000",
			"cache_write=0", "input=3070000", "output=391000"}},
		{"providers/anthropic_tokens.csv", []string{"cache_read=3100000",
			"cache_write_1h=60000", "cache_write_5m=240000", "input=2312000", "output=233000",
			"web_search=4"}},
		{"providers/real/openai_completions_usage_2026-08_tail__pmutua.csv",
			[]string{"cache_read=0", "cache_write=0", "input=31422", "output=29"}},
		{"providers/real/anthropic_usage_real_schema__token-xray_fixture.csv",
			[]string{"cache_read=50000", "cache_write_1h=1000", "cache_write_5m=0",
				"input=208671", "output=39451"}},
	} {
		l := sample(t, c.name)
		diffLines(t, c.name, sums(t, l.rows[TableUsage], "quantity", "token_type"), c.want)
	}
}

func TestSamplesOfOneDayByHourAndByDayAgree(t *testing.T) {
	days := sample(t, "providers/real/anthropic_tokens_2026_04_daily__wellfleetmike_C.csv")
	hours := sample(t, "providers/real/anthropic_tokens_2026_04_02_hourly__wellfleetmike_C.csv")
	diffLines(t, "hours against days", sums(t, hours.rows[TableUsage], "quantity", "token_type"),
		sums(t, days.rows[TableUsage], "quantity", "token_type"))
}

func TestSamplesOfProviderCost(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"providers/openai_cost.csv", "0.8269"},
		{"providers/anthropic_cost.csv", "7.55"},
		{"providers/real/openai_cost_2026-08_tail__pmutua.csv", "0.0034"},
		{"providers/real/anthropic_cost_real_schema__token-xray_fixture.csv", "14"},
	} {
		l := sample(t, c.name)
		if got := sumUSD(t, l.rows[TableBill]); got != c.want {
			t.Errorf("%s: bills %s USD, want %s", c.name, got, c.want)
		}
	}
}

func TestSamplesOfTraces(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string // prompt tokens by role
	}{
		{"traces/otlp_semconv_new.jsonl", []string{"container=29040", "llm_call=29370"}},
		{"traces/otlp_semconv_old.jsonl", []string{"llm_call=3491"}},
		{"traces/fileexporter_native_json.jsonl.zst",
			[]string{"container=29040", "llm_call=29370"}},
		{"traces/litellm_otel_v1.jsonl", []string{"gateway=28460"}},
		{"traces/litellm_otel_v2.jsonl", []string{"gateway=14230"}},
		{"traces/openinference.jsonl", []string{"container=7600", "llm_call=7700"}},
		{"traces/openllmetry.jsonl", []string{"llm_call=13506"}},
		{"traces/pydantic_ai.jsonl", []string{"container=113", "llm_call=113"}},
		{"traces/portkey_kong.jsonl", []string{"gateway=1720"}},
		{"traces/anthropic_native_otel.jsonl", []string{"llm_call=14230"}},
		{"traces/tempo.jsonl", []string{"llm_call=4648"}},
	} {
		l := sample(t, c.name)
		diffLines(t, c.name, sums(t, l.rows[TableSpan], "prompt_tokens", "role"), c.want)
	}
}
