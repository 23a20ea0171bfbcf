package loaders

import (
	"fmt"
	"strings"
	"testing"
)

// TestUndressed holds which text is JSON in another dress.
func TestUndressed(t *testing.T) {
	const plain = `{"a":{"b":["c",null]}}`
	for text, want := range map[string]string{
		asText(plain):                          plain,
		asText(asText(asText(plain))):          plain,
		`{'a': {'b': ['c', None]}}`:            `{"a": {"b": ["c", null]}}`,
		asText(`{'a': True}`):                  `{"a": true}`,
		`[{'a': "it's"}]`:                      `[{"a": "it's"}]`,
		plain:                                  "",
		`"hello"`:                              "",
		`"{cut off`:                            "",
		`"\\"\\""`:                             "",
		`{'a': datetime.datetime(2026, 1, 1)}`: "",
	} {
		if got := undressed(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// dressed are ways to write an object where a record has one.
func dressed(object, python string) map[string]string {
	return map[string]string{"plain": object, "text": asText(object),
		"text in text": asText(asText(object)), "Python": asText(python)}
}

func TestDressedColumns(t *testing.T) {
	const metadata = `{"user_api_key_team_id":"red","tenant":"red","usage_object":` +
		`{"prompt_tokens_details":{"cached_tokens":1}}}`
	const python = `{'user_api_key_team_id': 'red', 'tenant': 'red', 'usage_object': ` +
		`{'prompt_tokens_details': {'cached_tokens': 1}}, 'none': None}`
	const call = `{"proxy":{"meta":{"request_model":"gpt-5"},"usage":{"prompt_tokens":1,` +
		`"prompt_tokens_details":{"cached_tokens":1}}}}`
	const callInPython = `{'proxy': {'meta': {'request_model': 'gpt-5'}, 'usage': ` +
		`{'prompt_tokens': 1, 'prompt_tokens_details': {'cached_tokens': 1}}}}`
	for name, text := range dressed(metadata, python) {
		l := mustLoad(t, logged("one", `,"metadata":`+text))
		diffLines(t, "LiteLLM "+name, l.texts(TableRequest, "team_id", "cache_read"),
			[]string{"team_id=red cache_read=1"})
		l = mustLoad(t, `{"id":"a","created_at":"2026-10-05T08:00:00Z","tokens_in":1,`+
			`"tokens_out":2,"provider":"openai","model":"gpt-5","metadata":`+text+"}\n")
		diffLines(t, "a mapping "+name, l.texts(TableRequest, "tenant_tag"),
			[]string{"tenant_tag=red"})
	}
	for name, text := range dressed(call, callInPython) {
		l := mustLoad(t, `{"started_at":1791187200000,"request":`+asText(`{"id":"k"}`)+
			`,"latencies":"{}","ai":`+text+"}\n")
		diffLines(t, "Kong "+name, l.texts(TableRequest, "request_id", "cache_read"),
			[]string{"request_id=k cache_read=1"})
	}
	for name, cell := range map[string]string{"JSON": call, "Python": callInPython} {
		l := mustLoad(t, "started_at,request,latencies,ai\n1791187200000,{'id': 'k'},{},"+
			csvCell(cell)+"\n")
		diffLines(t, "Kong as CSV, "+name, l.texts(TableRequest, "request_id", "cache_read"),
			[]string{"request_id=k cache_read=1"})
		l = mustLoad(t, "request_id,spend,startTime,model,prompt_tokens,metadata\n"+
			"a,1,2026-10-05,gpt-5,1,"+csvCell(map[string]string{"JSON": metadata,
			"Python": python}[name])+"\n")
		diffLines(t, "LiteLLM as CSV, "+name, l.texts(TableRequest, "team_id", "cache_read"),
			[]string{"team_id=red cache_read=1"})
	}
}

func csvCell(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// TestUnreadColumns holds that text where an object belongs is told.
func TestUnreadColumns(t *testing.T) {
	for content, want := range map[string]string{
		logged("one", `,"metadata":"{'a': datetime.date(2026, 1, 1)}"`): "1 row, []",
		logged("one", `,"metadata":"\"{}\""`):                           "1 row, []",
		logged("one", `,"metadata":"None"`):                             "1 row, []",
		`{"started_at":1,"request":{"id":"k"},"latencies":{},"ai":"{cut off"}`: "0 rows, " +
			"[reason=ai: text that holds no JSON object]",
	} {
		l := mustLoad(t, content+"\n")
		got := fmt.Sprint(plural(len(l.rows[TableRequest]), "row"), ", ",
			l.texts(TableReject, "reason"))
		if got != want {
			t.Errorf("%s: got %s, want %s", content, got, want)
		}
	}
}

// TestCopied: what Postgres's COPY writes as text has each backslash twice. A row that is no JSON
// without them either is a reject.
func TestCopied(t *testing.T) {
	rows := []string{logged("one", ""), logged("two", `,"user":"a \\"b\\" \\\\ c"`),
		logged("three", `,"user":"a \\" b" c"`)}
	l, err := loadText(t, strings.Join(rows, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(len(l.rows[TableRequest]), l.rows[TableRequest][1]["user_id"],
		l.rows[TableReject][0]["line"])
	if got != `2a "b" \ c3` {
		t.Errorf("got %s", got)
	}
}
