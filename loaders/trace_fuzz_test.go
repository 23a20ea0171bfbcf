package loaders

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

func FuzzOTLPFrames(f *testing.F) { fuzzFormat(f, otlpFrames(), "otlp_frames") }
func FuzzOTLPProto(f *testing.F)  { fuzzFormat(f, otlpProto(), "otlp_proto") }
func FuzzJaeger(f *testing.F)     { fuzzFormat(f, jaegerJSON(), "jaeger") }
func FuzzZipkin(f *testing.F)     { fuzzFormat(f, zipkinJSON(), "zipkin") }
func FuzzClickHouse(f *testing.F) { fuzzFormat(f, clickhouseJSON(), "clickhouse") }
func FuzzLangfuse(f *testing.F)   { fuzzFormat(f, langfuseObservations(), "langfuse") }
func FuzzSDKSpans(f *testing.F)   { fuzzFormat(f, sdkSpans(), "sdk_spans") }

// FuzzPythonText holds the rewriting of Python's text to its promise: it ends, in no more than a
// few bytes for each.
func FuzzPythonText(f *testing.F) {
	for _, text := range []string{"{'a': 1}", `{'it\'s': "x", 'n': None, 't': (True,)}`,
		`{'\x41\u00e9\n`, "{'", "{'a': Usage(b=1)}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := pythonJSON(text, nil); len(got) > 6*len(text)+2 {
			t.Errorf("%d bytes of %d", len(got), len(text))
		}
	})
}

func FuzzClickHouseColumns(f *testing.F) {
	fuzzFormat(f, clickhouseRows(), "clickhouse_columns")
}

func FuzzLangfuseColumns(f *testing.F) { fuzzFormat(f, langfuseRows(), "langfuse_columns") }

// FuzzInspected holds the reading of what JavaScript's console prints to its promise: it ends, in
// no more than a few bytes for each.
func FuzzInspected(f *testing.F) {
	for _, text := range []string{"{ a: 'it\\'s', b: [ 1, -2.5, 3n ] }", "{ a: 'one' +\n 'two' }",
		"<ref *1> { a: [Circular *1], b: 'on'... 12 more characters }",
		"{ m: Map(1) { 'k' => 1 } }",
		"{ d: 2026-11-17T08:00:00.000Z, e: [Object: null prototype] {} }",
		"up\n{ a: '\\u00e9\\x41"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		reader := &inspectedReader{from: bufio.NewReader(strings.NewReader(text))}
		got, err := io.ReadAll(io.LimitReader(reader, int64(8*len(text)+100)))
		if err != nil && !errors.Is(err, errNoEnd) || len(got) > 6*len(text)+20 {
			t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
		}
	})
}
