package loaders

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// request writes an export request of one span.
func request(span string) string {
	return `{"resourceSpans":[{"scopeSpans":[{"spans":[` + span + `]}]}]}`
}

// call writes a span with the given attributes.
func call(attributes ...string) string {
	return `{"traceId":"` + strings.Repeat("a", 32) + `","spanId":"` + strings.Repeat("b", 16) +
		`","name":"chat","startTimeUnixNano":"1790812800000000000","attributes":[` +
		strings.Join(attributes, ",") + `]}`
}

func TestAttributeNamesMeanOneThing(t *testing.T) {
	seen := map[string]fact{}
	for _, list := range [][]spelling{countSpellings(), callSpellings(), ownerSpellings(),
		{{factKept, keptAttributes()}}} {
		for _, row := range list {
			for _, name := range row.names {
				if other, twice := seen[name]; twice {
					t.Errorf("%s means both %d and %d", name, other, row.of)
				}
				seen[name] = row.of
			}
		}
	}
	if kept := newAttributeNames().kept; len(kept) > keptMax {
		t.Errorf("%d attributes are kept, room is for %d", len(kept), keptMax)
	}
}

func TestFirstNameOfEachFactWinsAndNamesNeverAddUp(t *testing.T) {
	for _, row := range countSpellings() {
		var attributes []string
		for i, name := range row.names {
			attributes = append(attributes, attribute(name, fmt.Sprintf(`"intValue":"%d"`, 5+i)))
		}
		facts := facts{}
		reader := newOTLPReader(&tracer{w: &worker{job: &Job{}}, names: newAttributeNames()})
		rand.Shuffle(len(attributes), func(i, k int) {
			attributes[i], attributes[k] = attributes[k], attributes[i]
		})
		if !reader.w.tape.parse([]byte("[" + strings.Join(attributes, ",") + "]")) {
			t.Fatal("not JSON")
		}
		reader.collect(reader.w.tape.top(), &facts)
		if got := facts.counts[row.of]; got != Counted(5) {
			t.Errorf("%s: got %v, want the first name's 5", row.names[0], got)
		}
		if facts.conflict != (len(row.names) > 1) {
			t.Errorf("%s: conflict is %v with %d names", row.names[0], facts.conflict,
				len(row.names))
		}
	}
}

func TestOrderOfAttributesDoesNotMatter(t *testing.T) {
	attributes := []string{
		attribute("gen_ai.operation.name", `"stringValue":"chat"`),
		attribute("gen_ai.system", `"stringValue":"openai"`),
		attribute("gen_ai.provider.name", `"stringValue":"azure.ai.openai"`),
		attribute("gen_ai.request.model", `"stringValue":"prod"`),
		attribute("llm.model_name", `"stringValue":"weak"`),
		attribute("gen_ai.response.model", `"stringValue":"gpt-4o-2024-08-06"`),
		attribute("gen_ai.usage.prompt_tokens", `"intValue":70`),
		attribute("gen_ai.usage.input_tokens", `"intValue":"70"`),
		attribute("gen_ai.usage.output_tokens", `"doubleValue":9.0`),
		attribute("litellm.team.id", `"stringValue":"t1"`),
		attribute("metadata.user_api_key_team_id", `"stringValue":"t2"`),
	}
	want := mustLoad(t, request(call(attributes...))).describe()
	for range 50 {
		rand.Shuffle(len(attributes), func(i, k int) {
			attributes[i], attributes[k] = attributes[k], attributes[i]
		})
		got := mustLoad(t, request(call(attributes...))).describe()
		diffLines(t, "shuffled", strings.Split(got, "\n"), strings.Split(want, "\n"))
	}
}

func TestNoTextOfPromptsIsLoaded(t *testing.T) {
	const secret = "the patient's name"
	quoted := fmt.Sprintf(`"stringValue":%q`, secret)
	said := []string{attribute("gen_ai.request.model", `"stringValue":"m"`)}
	for _, name := range []string{"gen_ai.input.messages", "gen_ai.output.messages",
		"gen_ai.prompt.0.content", "gen_ai.tool.call.arguments", "input.value", "output.value",
		"ai.prompt.messages", "ai.response.text", "traceloop.entity.input", "llm.prompts",
		"langfuse.observation.input", "metadata.requester_ip_address", "http.request.body"} {
		said = append(said, attribute(name, quoted))
	}
	event := `,"events":[{"name":"gen_ai.choice","attributes":[` + attribute("message", quoted) +
		`]}],"status":{"message":"` + secret + `"}}`
	good := strings.TrimSuffix(call(said...), "}") + event
	bad := strings.Replace(good, `"spanId":"b`, `"spanId":"x`, 1)
	for _, text := range []string{request(good), request(bad), request(good)[:900]} {
		l := mustLoad(t, text)
		if l.Read != 1 {
			t.Fatalf("read %d records, want 1", l.Read)
		}
		if strings.Contains(l.describe(), "patient") {
			t.Errorf("text of a prompt was loaded:\n%s", l.describe())
		}
	}
}

func TestIDsAreLowerCaseHex(t *testing.T) {
	for _, c := range []struct {
		text       string
		bytes      int
		want, fail string
	}{
		{"", 8, "", ""},
		{"0000000000000000", 8, "", ""},
		{"00ABCDEF01234567", 8, "00abcdef01234567", ""},
		{"AQIDBAUGBwg=", 8, "0102030405060708", ""},
		{"AAAAAAAAAAA=", 8, "", ""},
		{"abc", 8, "0000000000000abc", ""},
		{"00abcdef0123456g", 8, "", "spanId is not hexadecimal"},
		{"\x10\x11\x12\x13\x14\x15\x16\x17\x10\x11\x12\x13\x14\x15\x16\x17", 8, "",
			"spanId is not hexadecimal"},
		{"00abcdef0123456789", 8, "", "spanId is not an id of 8 bytes"},
	} {
		got, err := hexID("spanId", c.text, c.bytes)
		if fail := errorText(err); got != c.want || fail != c.fail {
			t.Errorf("%q: got %q, %q, want %q, %q", c.text, got, fail, c.want, c.fail)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestNanosecondsBecomeMicroseconds(t *testing.T) {
	for _, c := range []struct {
		text string
		want Count
		fail string
	}{
		{"", Count{}, ""},
		{"0", Count{}, ""},
		{"1790812800000000999", Counted(1790812800000000), ""},
		{"-5", Count{}, `start "-5": not a plausible time`},
		{"1.7e18", Count{}, `start "1.7e18": not nanoseconds`},
		{"99999999999999999999", Count{}, `start "99999999999999999999": not nanoseconds`},
	} {
		got, err := parseNanos("start", c.text)
		if got != c.want || errorText(err) != c.fail {
			t.Errorf("%q: got %v, %q, want %v, %q", c.text, got, errorText(err), c.want, c.fail)
		}
	}
}

func TestKeptAttributesAreBoundedJSON(t *testing.T) {
	l := mustLoad(t, request(call(
		attribute("gen_ai.request.model", `"stringValue":"m"`),
		attribute("server.address", `"stringValue":"a\"b\\c\nd\u00e9"`),
		attribute("gen_ai.tool.name", `"stringValue":"`+strings.Repeat("x", keptBytesMax+1)+`"`),
		attribute("http.response.status_code", `"intValue":"200"`))))
	want := `{"server.address":"a\"b\\c\u000adé","http.response.status_code":"200"}`
	if got := l.rows[TableSpan][0]["attrs"]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
