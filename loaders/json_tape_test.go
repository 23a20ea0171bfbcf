package loaders

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// FuzzTape holds the tape to fastjson: it takes the same texts and says the same of them.
func FuzzTape(f *testing.F) {
	for _, text := range tapeTexts() {
		f.Add([]byte(text))
	}
	for _, folder := range []string{"otlp", "jaeger", "zipkin", "langfuse"} {
		paths, _ := filepath.Glob(filepath.Join("testdata", folder, "*"))
		for _, path := range paths {
			if text, err := os.ReadFile(path); err == nil {
				f.Add(text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) { compareTape(t, text) })
}

func TestTape(t *testing.T) {
	for _, text := range tapeTexts() {
		compareTape(t, []byte(text))
	}
}

// tapeTexts are JSON and what nearly is.
func tapeTexts() []string {
	deep := func(n int, open, inside, end string) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(end, n)
	}
	return []string{
		``, ` `, `{}`, ` { } `, `[]`, "\t[\r\n]\n", `{"a":1}`, `{"a":1,}`, `{"a":1 "b":2}`,
		`{"a"}`, `{"a":}`, `{,}`, `{"a":1`, `[1,2`, `[1,,2]`, `[1 2]`, `]`, `{]`, `[}`, `{}}`,
		`{}x`, `"`, `""`, `"a`, `"\"`, `"\\"`, `"\\\""`, `"a\\\\" `, `"\u00e9\ud83d\ude00\ud83d\u"`,
		`"a longer text that needs more than three words"`, `"with \"quotes\" in it and more"`,
		`{"k\u0065y":"v","key":"w"}`, `{"a":{"b":[1,{"c":"d"},null,true,false]},"a":2}`,
		`true`, `truth`, `fals`, `null`, `nul`, `nan`, `NaN`, `-Inf`, `+inf`, `+-inf`, `infinity`,
		`-`, `[-]`, `[-,1]`, `[.]`, `1e5`, `1.2.3-4`, `[01,-0,1E+2]`, `x`, `[x]`, "[\x00]",
		"[1\x0b]", "{\"a\x01\":\"\x00\xff\"}", `{"a":"` + strings.Repeat("x",
			99) + `\\","b":[[],{},[{}]]}`,
		`{"key":"a","value":{"stringValue":"b"}}`, `[{"key":"a","value":{"intValue":"1"}},{}]`,
		`{"key":"\\"","value":{"boolValue":true}}`, `{"key":"a","value":{"doubleValue":1.5}}`,
		`{"key":"a","value":{"stringValue":"\u00e9\\"}}`, `{"key":"a","value":{"x\ty":null}}`,
		`{"key":"a","value":{"stringValue":"b"},"more":1}`, `{"key":"a","value":{"intValue":1 }}`,
		`{"key":"a","value":{"stringValue":"b","intValue":"1"}}`, `{"key":"","value":{"":""}}`,
		`{"key":"a","value":{"arrayValue":{"values":[{"stringValue":"b"}]}}}`,
		`{"key":"a","value":{"stringValue" :"b"}}`, `{"key":"a","value":{}}`, `{"key":"a"}`,
		`{"key":"a","value":{"intValue":`, `{"key":"a","value":{"stringValue":"b"}`,
		`{"key":"a","value":{"stringValue":"b`, `{"key":"a`, `{"key":"a","value":{"x`,
		`{"key":"a","value":{"x":1}}}`, `{"key":"a","value":{"x":tru}}`,
		`{"key":"a","value":{"x":]}}`, `{"key":"a","value":{"x":NaN}}`,
		deep(297, "[", `{"key":"a","value":{"x":1}}`, "]"),
		deep(298, "[", `{"key":"a","value":{"x":1}}`, "]"),
		deep(299, "[", "1", "]"), deep(300, "[", "", "]"), deep(300, "[", "1", "]"),
		deep(301, "[", "", "]"), deep(298, `{"a":`, "[]", "}"), deep(300, `{"a":`, "1", "}"),
	}
}

func compareTape(t testing.TB, text []byte) {
	t.Helper()
	var parser fastjson.Parser
	want, err := parser.ParseBytes(text)
	mine := &tape{}
	if got := mine.parse(bytes.Clone(text)); got != (err == nil) {
		t.Fatalf("tape takes it: %v, fastjson: %v, in %q", got, err, text)
	}
	if err != nil {
		return
	}
	if got := string(mine.top().compact(nil)); got != string(want.MarshalTo(nil)) {
		t.Fatalf("compact %q, want %q", got, want.MarshalTo(nil))
	}
	compareValue(t, mine.top(), want)
}

func compareValue(t testing.TB, got value, want *fastjson.Value) {
	t.Helper()
	kinds := map[fastjson.Type]jsonKind{fastjson.TypeNull: jsonNull,
		fastjson.TypeObject: jsonObject, fastjson.TypeArray: jsonArray,
		fastjson.TypeString: jsonText, fastjson.TypeNumber: jsonNumber,
		fastjson.TypeTrue: jsonTrue, fastjson.TypeFalse: jsonFalse}
	if got.kind() != kinds[want.Type()] {
		t.Fatalf("kind %d, want %s", got.kind(), want.Type())
	}
	if got.text() != textOf(want) {
		t.Fatalf("text %q, want %q", got.text(), textOf(want))
	}
	e := got.list()
	for _, element := range want.GetArray() {
		compareValue(t, e.value(), element)
		e = e.next()
	}
	m := got.inside()
	want.GetObject().Visit(func(key []byte, member *fastjson.Value) {
		if m.key() != string(key) || !m.isNamed(string(key)) {
			t.Fatalf("key %q, want %q", m.key(), key)
		}
		compareValue(t, m.value(), member)
		m = m.next()
	})
	isEmpty := len(want.GetArray()) == 0 && (want.GetObject() == nil || want.GetObject().Len() == 0)
	if e.isThere() || m.isThere() || got.isEmpty() != isEmpty {
		t.Fatal("more or less inside than fastjson finds")
	}
}
