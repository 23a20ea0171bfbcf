package loaders

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// lineageFile writes three calls, and the agent of each among the calls that follow: at once, in
// the next stretch of the file, and too far behind.
func lineageFile(t *testing.T) string {
	t.Helper()
	const perLine = 64
	agents := map[int]int{100: 0, stretchRowsMax + 100: 1, 3*stretchRowsMax + 100: 2}
	var text strings.Builder
	for n := 0; n < 4*stretchRowsMax; n += perLine {
		spans := make([]string, perLine)
		for i := range spans {
			id, parent, name := n+i, 0, "chat"
			if id < 3 {
				name, parent = "child", 1_000_000+id
			}
			if of, isAgent := agents[id]; isAgent {
				name, id = "agent", 1_000_000+of
			}
			spans[i] = lineageSpan(name, id, parent)
		}
		text.WriteString(request(strings.Join(spans, ",")) + "\n")
	}
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func lineageSpan(name string, id, parent int) string {
	parentID, agent := "", ""
	if name == "agent" {
		agent = "helper"
	}
	if parent > 0 {
		parentID = fmt.Sprintf(`"parentSpanId":"%016x",`, parent+1)
	}
	return fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x",%s"name":%q,"startTimeUnixNano":`+
		`"1790812800000000000","attributes":[{"key":"gen_ai.agent.name","value":`+
		`{"stringValue":%q}}]}`, 1, id+1, parentID, name, agent)
}

func TestWhatASpanInheritsDependsOnTheFileAlone(t *testing.T) {
	path := lineageFile(t)
	var want []string
	for _, threads := range []int{1, 4} {
		l, err := loadWith(path, Options{Threads: threads})
		if err != nil || l.Rejected != 0 || l.Loaded != 4*stretchRowsMax {
			t.Fatal(err, l.Tally)
		}
		agents := map[string]string{}
		for _, r := range l.rows[TableSpan] {
			if r["span_name"] == "child" {
				agents[r["span_id"]] = r["agent_name"]
			}
		}
		if fmt.Sprint(agents) != "map[0000000000000001:helper 0000000000000002:helper "+
			"0000000000000003:]" {
			t.Errorf("%d threads: the agents of the children are %v", threads, agents)
		}
		got := l.texts(TableSpan, "line", "item", "span_id", "parent_span_id", "agent_name")
		slices.Sort(got)
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d threads give other rows", threads)
		}
	}
}

func TestSpansInACircleEnd(t *testing.T) {
	circle := lineageSpan("chat", 1, 2) + "," + lineageSpan("chat", 2, 1) + "," +
		lineageSpan("chat", 3, 3)
	l := mustLoad(t, request(circle))
	want := []string{"span_id=0000000000000002 parent_span_id=0000000000000003",
		"span_id=0000000000000003 parent_span_id=0000000000000002", "span_id=0000000000000004"}
	diffLines(t, "circle", l.texts(TableSpan, "span_id", "parent_span_id"), want)
}

func TestMessagesThatDecompressTooFarAreRefused(t *testing.T) {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(length int) []byte {
		body := encoder.EncodeAll(make([]byte, length), nil)
		return append([]byte{0, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	}
	path := filepath.Join(t.TempDir(), "frames")
	write := func(content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(append(frame(1<<20), frame(1<<10)...))
	l, err := loadWith(path, Options{Threads: 1, RecordBytesMax: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	diffLines(t, "one message", l.texts(TableReject, "line", "reason"), []string{
		"line=1 reason=message decompresses beyond the limit",
		"line=2 reason=not a protobuf message of OTLP"})
	write(append(frame(1<<20), frame(1<<20)...))
	_, err = loadWith(path, Options{Threads: 1, FileBytesMax: 1<<20 + 1})
	if err == nil || !strings.HasSuffix(err.Error(), "decompresses beyond the size limit") {
		t.Errorf("two messages: got %v", err)
	}
}

func TestFormOfAMessageDoesNotMatter(t *testing.T) {
	load := func(name string) []string {
		l, err := loadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return l.texts(TableSpan, "trace_id", "span_id", "parent_span_id", "span_name",
			"service_name", "scope_name", "input", "output", "response_id", "error_type", "status",
			"is_streamed", "tenant_tag", "attributes", "cost_text", "started_us", "ended_us")
	}
	want := load("otlp_frames/zstd_json.bin")
	for _, name := range []string{"otlp_frames/zstd_protobuf.bin", "otlp_frames/protobuf.bin",
		"otlp_proto/request.pb"} {
		diffLines(t, name, load(name), want)
	}
}
