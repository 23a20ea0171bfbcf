package loaders

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"tieout/fixtures"
)

// BenchmarkLoad loads each format on one thread, Arrow batches included. A load overlaps reading,
// decompressing and hashing with parsing, so that beside the wall clock's MB/s it tells the MB
// and rows that a second of CPU time is good for.
func BenchmarkLoad(b *testing.B) {
	month := benchMonth(b)
	for _, of := range []struct {
		name string
		file func(testing.TB, string) benchFile
	}{
		{"litellm_json", benchSpendLogs}, {"litellm_json_prompts", benchPrompts},
		{"litellm_json_gzip", zipped(benchSpendLogs)},
		{"litellm_json_zstd", zstded(benchSpendLogs)},
		{"litellm_csv", benchSpendCSV}, {"litellm_parquet", benchSpendParquet},
		{"otlp_json", benchTraces}, {"otlp_json_gzip", zipped(benchTraces)},
		{"otlp_json_zstd", zstded(benchTraces)}, {"otlp_protobuf", benchTraceProto},
		{"openai_usage_csv", benchProvider("openai_completions_usage_2026-10.csv")},
		{"openai_cost_csv", benchProvider("openai_cost_2026-10.csv")},
		{"anthropic_tokens_csv", benchProvider("anthropic_tokens_2026_10.csv")},
		{"anthropic_cost_csv", benchProvider("anthropic_cost_2026_10.csv")},
		{"mapping_json", benchMapping},
	} {
		b.Run(of.name, func(b *testing.B) { benchLoad(b, of.file(b, month)) })
	}
}

// benchRequests is how many requests the benchmarks' month has.
const benchRequests = 30_000

// benchMonth makes the month that the benchmarks read.
func benchMonth(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	_, err := fixtures.Generate(dir, fixtures.Plan{Requests: benchRequests, Seed: 8})
	if err != nil {
		b.Fatal(err)
	}
	return dir
}

// benchFile is a file to load, and how many bytes it has when decompressed.
type benchFile struct {
	path  string
	bytes int64
}

func writeBench(t testing.TB, name string, content []byte) benchFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return benchFile{path: path, bytes: int64(len(content))}
}

func readBench(t testing.TB, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func benchLoad(b *testing.B, file benchFile) {
	b.SetBytes(file.bytes)
	b.ReportAllocs()
	loader, err := NewLoader(Options{Threads: 1},
		func(_ Table, record arrow.Record) error { record.Release(); return nil })
	if err != nil {
		b.Fatal(err)
	}
	load := func() int64 {
		result, err := loader.Load(context.Background(), file.path, 1)
		if err != nil || result.Loaded == 0 || result.Rejected != 0 {
			b.Fatal(result.Tally, err)
		}
		return result.Loaded + result.Ignored
	}
	rows := load() // what is made once is made, and the file is in the page cache
	runtime.GC()
	b.ResetTimer()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := cpuTime()
	for range b.N {
		load()
	}
	spent := (cpuTime() - began).Seconds()
	runtime.ReadMemStats(&after)
	total := float64(rows) * float64(b.N)
	b.ReportMetric(total/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(file.bytes)*float64(b.N)/1e6/spent, "MB/cpu-s")
	b.ReportMetric(total/spent, "rows/cpu-s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/total, "allocs/row")
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func benchSpendLogs(t testing.TB, month string) benchFile {
	return writeBench(t, "spend.jsonl", readBench(t, month, "gateway", "litellm-2026-10.jsonl"))
}

// benchPrompts is the same spend logs of a gateway that stores prompts and answers.
func benchPrompts(t testing.TB, month string) benchFile {
	rows := readBench(t, month, "gateway", "litellm-2026-10.jsonl")
	words := bytes.Repeat([]byte(`Please look at the \"claim\" of Mr. Ø again.\n`), 20)
	var stored []byte
	stored = append(stored, `"messages":[{"role":"user","content":"`...)
	stored = append(append(stored, words...), `"}],"response":{"id":"chatcmpl-1","choices":[`...)
	stored = append(stored, `{"index":0,"message":{"role":"assistant","content":"`...)
	stored = append(append(stored, words...), `"}}],"model":"gpt-5-2025-08-07"}`...)
	rows = bytes.ReplaceAll(rows, []byte(`"messages":{},"response":{}`), stored)
	return writeBench(t, "spend.jsonl", rows)
}

func benchTraces(t testing.TB, month string) benchFile {
	return writeBench(t, "traces.jsonl", readBench(t, month, "traces", "otlp-2026-10.jsonl"))
}

// benchProvider repeats the rows of a provider's export until they are worth measuring.
func benchProvider(name string) func(testing.TB, string) benchFile {
	return func(t testing.TB, month string) benchFile {
		content := readBench(t, month, "provider", name)
		header, rows, _ := bytes.Cut(content, []byte{'\n'})
		text := append(bytes.Clone(header), '\n')
		for len(text) < 4<<20 {
			text = append(text, rows...)
		}
		return writeBench(t, "export.csv", text)
	}
}
