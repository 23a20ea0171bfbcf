package pricing

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestUsageVectors runs testdata/usage.txt: provider | raw usage | wanted counts | shape.
func TestUsageVectors(t *testing.T) {
	file, err := os.Open("testdata/usage.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, " | ")
		if len(fields) != 4 {
			t.Fatalf("usage.txt:%d: %d fields, want 4", number, len(fields))
		}
		usage, err := ReadUsage(fields[0], []byte(fields[1]))
		if fields[3] == "impossible" {
			if !errors.Is(err, ErrImpossible) {
				t.Errorf("usage.txt:%d: %v, %v, want impossible", number, usage.Counts, err)
			}
			continue
		}
		if got := writeUsage(usage); err != nil || got != fields[2] || usage.Shape != fields[3] {
			t.Errorf("usage.txt:%d: got %s (%s, %v), want %s (%s)",
				number, got, usage.Shape, err, fields[2], fields[3])
		}
	}
}

func writeUsage(usage Usage) string {
	var words []string
	for t, n := range usage.Counts {
		words = append(words, fmt.Sprintf("%s=%d", t, n))
	}
	slices.Sort(words)
	return strings.Join(append(words, fmt.Sprintf("prompt=%d", usage.PromptTokens)), " ")
}

func TestUsageStatesItsConditions(t *testing.T) {
	usage, err := ReadUsage("anthropic", []byte(`{"input_tokens":5,"output_tokens":4,
		"speed":"fast","inference_geo":"us","service_tier":"standard"}`))
	if err != nil || usage.ServiceTier != "fast" || usage.Region != "us" ||
		usage.Convention != "excludes_cache" {
		t.Errorf("%+v, %v", usage, err)
	}
}

// TestResponsesTellMoreThanUsage: a whole response tells the tier that served and the calls of
// tools that its usage object does not count.
func TestResponsesTellMoreThanUsage(t *testing.T) {
	usage, err := ReadUsage("openai", []byte(`{"service_tier":"flex","output":[
		{"type":"web_search_call"},{"type":"web_search_call"},{"type":"file_search_call"},
		{"type":"message"}],"usage":{"input_tokens":5,"output_tokens":4}}`))
	if err != nil || usage.ServiceTier != "flex" || usage.Counts[WebSearch] != 2 ||
		usage.Other["file_search_call"] != 1 || len(usage.Other) != 1 {
		t.Errorf("%+v, %v", usage, err)
	}
}

// TestConverseTellsItsTier: Bedrock's Converse says beside its usage at which latency and in which
// tier it served.
func TestConverseTellsItsTier(t *testing.T) {
	for _, test := range [][2]string{
		{`"performanceConfig":{"latency":"optimized"}`, "latency_optimized"},
		{`"performanceConfig":{"latency":"optimized"},"serviceTier":{}`, "latency_optimized"},
		{`"performanceConfig":{"latency":"standard"},"serviceTier":{"type":"flex"}`, "flex"},
		{`"performanceConfig":{"latency":"standard"}`, ""},
	} {
		usage, err := ReadUsage("bedrock",
			[]byte(`{"usage":{"inputTokens":1000,"outputTokens":1000},`+test[0]+`}`))
		if err != nil || usage.ServiceTier != test[1] {
			t.Errorf("%s: %q, %v, want %q", test[0], usage.ServiceTier, err, test[1])
		}
	}
}

// TestTheLongestOfSeveralPrompts: where a usage object sums up several calls and tells them apart,
// the longest prompt is told, which is what a price of long prompts goes by.
func TestTheLongestOfSeveralPrompts(t *testing.T) {
	const message = `{"type":"message","input_tokens":%s,"output_tokens":1}`
	for _, test := range []struct {
		top, iterations string
		whole, longest  int64
	}{
		{"160000", fmt.Sprintf(message+","+message, "70000", "90000"), 160000, 90000},
		{"30000", `{"type":"compaction","input_tokens":80000,"output_tokens":500},` +
			fmt.Sprintf(message, "30000"), 110000, 80000},
		{"30000", `{"type":"compaction","input_tokens":20000,"cache_read_input_tokens":15000}`,
			65000, 35000},
		{"30000", fmt.Sprintf(message, "30000"), 30000, 0},
		{"160000", fmt.Sprintf(message+","+message, "70000", "80000"), 160000, 0},
		{"160000", `{"type":"advisor_message","input_tokens":90000},null`, 160000, 0},
	} {
		usage, err := ReadUsage("anthropic", []byte(`{"input_tokens":`+test.top+
			`,"output_tokens":2,"iterations":[`+test.iterations+`]}`))
		if err != nil || usage.PromptTokens != test.whole || usage.LongestPrompt != test.longest {
			t.Errorf("%s: %d, longest %d, %v, want %d and %d", test.iterations,
				usage.PromptTokens, usage.LongestPrompt, err, test.whole, test.longest)
		}
	}
}

// TestToolsWithoutAFeeByTheCallAreNoted: the web is searched for a fee, and fetched for none.
func TestToolsWithoutAFeeByTheCallAreNoted(t *testing.T) {
	usage, err := ReadUsage("anthropic", []byte(`{"input_tokens":5,"output_tokens":4,
		"server_tool_use":{"web_search_requests":1,"web_fetch_requests":2,
		"code_execution_requests":3,"other_requests":0}}`))
	if err != nil || usage.Counts[WebSearch] != 1 || len(usage.Notes) != 1 ||
		!strings.Contains(usage.Notes[0], "code_execution_requests 3") {
		t.Errorf("%+v, %v", usage, err)
	}
}

// TestTotalsThatDisagreeAreNoted: a total that is no sum of the counts is said.
func TestTotalsThatDisagreeAreNoted(t *testing.T) {
	for _, test := range []struct {
		provider, text, note string
	}{
		{"openai", `{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}`, ""},
		{"openai", `{"prompt_tokens":100,"completion_tokens":10,"total_tokens":500}`, "500"},
		{"openai", `{"prompt_tokens":100,"total_tokens":150}`, "150"},
		{"openai", `{"prompt_tokens":100,"total_tokens":100}`, ""},
		{"openai", `{"input_tokens":100,"output_tokens":10,"total_tokens":111}`, "111"},
		{"xai", `{"prompt_tokens":12,"completion_tokens":125,"total_tokens":1086,
			"completion_tokens_details":{"reasoning_tokens":949}}`, "reasoning is not part"},
		{"google", `{"promptTokenCount":100,"candidatesTokenCount":50,"totalTokenCount":150}`, ""},
		{"google", `{"promptTokenCount":100,"candidatesTokenCount":50,"totalTokenCount":999}`,
			"999"},
		{"anthropic", `{"input_tokens":5,"output_tokens":4,"cache_read_input_tokens":8,
			"total_tokens":9}`, ""},
		{"anthropic", `{"input_tokens":5,"output_tokens":4,"cache_read_input_tokens":8,
			"total_tokens":17}`, ""},
		{"anthropic", `{"input_tokens":5,"output_tokens":4,"cache_read_input_tokens":8,
			"total_tokens":12}`, "12"},
		{"openai", `{"prompt_tokens":0,"completion_tokens":0}`, "counts nothing"},
	} {
		usage, err := ReadUsage(test.provider, []byte(test.text))
		notes := strings.Join(usage.Notes, "; ")
		if err != nil || (notes == "") != (test.note == "") || !strings.Contains(notes, test.note) {
			t.Errorf("%s: notes %q, %v, want one with %q", test.text, notes, err, test.note)
		}
	}
}

// TestSoundIsCountedInWholeSeconds: a part of a second is rounded, and said.
func TestSoundIsCountedInWholeSeconds(t *testing.T) {
	for _, test := range []struct {
		text string
		want int64
		note string
	}{
		{`{"type":"duration","seconds":61}`, 61, ""},
		{`{"type":"duration","seconds":61.4}`, 61, "seconds 61.4 is counted as 61"},
		{`{"seconds":"8.5"}`, 9, "seconds 8.5 is counted as 9"},
		{`{"seconds":0.04}`, 1, "seconds 0.04 is counted as 1"},
		{`{"input":1,"other_input_audio_per_second":1e-400}`, 0, "second 1e-400 is not counted"},
		{`{"input":1,"other_input_audio_per_second":-0.04}`, 0, "second -0.04 is not counted"},
		{`{"prompt_tokens":0,"prompt_audio_seconds":7.2}`, 7, "7.2 is counted as 7"},
		{`{"prompt_tokens":0,"prompt_tokens_details":{"audio_length_seconds":2.5}}`, 3, "as 3"},
		{`{"other_input_audio_per_second":2}`, 2, ""},
		{`{"input":0,"other_input_audio_per_second":2.4}`, 2, "as 2"},
	} {
		usage, err := ReadUsage("openai", []byte(test.text))
		notes := strings.Join(usage.Notes, "; ")
		if err != nil || usage.Other[audioSecond] != test.want ||
			(notes == "") != (test.note == "") || !strings.Contains(notes, test.note) {
			t.Errorf("%s: %v, %q, %v, want %d", test.text, usage.Other, notes, err, test.want)
		}
	}
}

func TestUsageThatIsNoneIsAnError(t *testing.T) {
	for _, text := range []string{
		"", "null", "[]", "{}", `{"cost":1}`, `{"prompt_tokens":"many"}`, `{"prompt_tokens":1.5}`,
		`{"prompt_tokens":{}}`, `{"prompt_tokens":15e-1}`, `{"seconds":1e-400}`,
		`{"seconds":-0.04}`, `{"pages_processed":2.5}`, `{"billed_units":{"search_units":-1}}`,
		`{"prompt_tokens":1}{"prompt_tokens":2}`, `{"prompt_tokens":1} and more`,
	} {
		if usage, err := ReadUsage("openai", []byte(text)); err == nil {
			t.Errorf("%s: %+v, want an error", text, usage)
		}
	}
}

// FuzzReadUsage: any text is an error or counts that are not negative and, on the prompt side,
// not more than the prompt.
func FuzzReadUsage(f *testing.F) {
	f.Add("openai", `{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":4}}`)
	f.Add("xai", `{"prompt_tokens":1,"completion_tokens":2,"total_tokens":9}`)
	f.Add("google", `{"promptTokenCount":3,"cachedContentTokenCount":2}`)
	f.Add("bedrock", `{"inputTokens":1,"cacheDetails":[{"ttl":"1h","inputTokens":2}]}`)
	f.Add("anthropic", `{"input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":9}}`)
	f.Add("anthropic", `{"input_tokens":1,"iterations":[{"type":"compaction","input_tokens":2}]}`)
	f.Add("xai", `{"input_tokens":1,"server_side_tool_usage_details":{"x_search_calls":3}}`)
	f.Add("openai", `{"usage":{"input_tokens":1},"output":[{"type":"web_search_call"}]}`)
	f.Fuzz(func(t *testing.T, provider, text string) {
		usage, err := ReadUsage(provider, []byte(text))
		if err != nil {
			return
		}
		sum := int64(0)
		for name, n := range usage.Counts {
			if n < 0 {
				t.Fatalf("%s: %s is %d", text, name, n)
			}
			if name.isPrompt() {
				sum += n
			}
		}
		if sum > usage.PromptTokens {
			t.Fatalf("%s: prompt types add up to %d of %d", text, sum, usage.PromptTokens)
		}
	})
}
