package loaders

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestFormOfAFileDoesNotMatter loads the same calls as lines, as an array on one line and as an
// array of lines, plain and compressed, on one thread and on several.
func TestFormOfAFileDoesNotMatter(t *testing.T) {
	const lines, spans = 84, 50 // several blocks
	requests := make([]string, lines)
	for i := range requests {
		requests[i] = strings.TrimSpace(benchRequest(i, spans))
	}
	asLines := strings.Join(requests, "\n")
	if len(asLines) < 2*blockBytes {
		t.Fatal("the file fits in too few blocks to tell anything")
	}
	forms := map[string]string{
		"lines":          asLines,
		"ended lines":    asLines + "\n",
		"blank lines":    "\n" + strings.ReplaceAll(asLines, "\n", "\r\n\n"),
		"one-line array": "[" + strings.Join(requests, ",") + "]",
		"array":          "[\n" + strings.Join(requests, " ,\n ") + "\n]\n",
		"documents":      strings.ReplaceAll(asLines, `{"resourceSpans":`, "{\n\"resourceSpans\":"),
	}
	want := spansOf(t, written(t, asLines)[0], 1)
	if len(want) != lines*spans {
		t.Fatalf("got %d spans, want %d", len(want), lines*spans)
	}
	for name, text := range forms {
		paths := written(t, text)
		if name != "lines" {
			paths = paths[:1]
		}
		for _, path := range paths {
			if got := spansOf(t, path, 3); !slices.Equal(got, want) {
				t.Errorf("%s as %s: %d spans, or others than expected", name,
					filepath.Ext(path), len(got))
			}
		}
	}
}

// written writes text plain, as gzip and as zstd.
func written(t *testing.T, text string) []string {
	t.Helper()
	folder := t.TempDir()
	paths := []string{filepath.Join(folder, "a.plain"), filepath.Join(folder, "a.gz"),
		filepath.Join(folder, "a.zst")}
	var zipped strings.Builder
	writer := gzip.NewWriter(&zipped)
	if _, err := writer.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, content := range [][]byte{[]byte(text), []byte(zipped.String()),
		encoder.EncodeAll([]byte(text), nil)} {
		if err := os.WriteFile(paths[i], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// spansOf loads a file and writes its spans without their places, which must be all different.
func spansOf(t *testing.T, path string, threads int) []string {
	t.Helper()
	l, err := loadWith(path, Options{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	if l.Rejected != 0 {
		t.Fatal(l.texts(TableReject, "line", "reason"))
	}
	places := map[string]bool{}
	for _, r := range l.rows[TableSpan] {
		places[r["line"]+"/"+r["item"]] = true
	}
	if len(places) != len(l.rows[TableSpan]) {
		t.Fatalf("%d spans share %d places", len(l.rows[TableSpan]), len(places))
	}
	spans := l.texts(TableSpan, "trace_id", "span_id", "response_id", "input", "cache_read",
		"output", "response_model", "started_us")
	slices.Sort(spans)
	return spans
}
