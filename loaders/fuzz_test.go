package loaders

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
)

func FuzzOTLP(f *testing.F)            { fuzzFormat(f, otlpJSON(), "otlp") }
func FuzzOpenAIUsage(f *testing.F)     { fuzzFormat(f, openaiUsageCSV(), "openai_usage") }
func FuzzOpenAICost(f *testing.F)      { fuzzFormat(f, openaiCostCSV(), "openai_cost") }
func FuzzOpenAIEmpty(f *testing.F)     { fuzzFormat(f, openaiEmptyCSV(), "openai_empty") }
func FuzzAnthropicTokens(f *testing.F) { fuzzFormat(f, anthropicTokensCSV(), "anthropic_tokens") }
func FuzzAnthropicCost(f *testing.F)   { fuzzFormat(f, anthropicCostCSV(), "anthropic_cost") }

// fuzzFormat feeds a format with what grew out of its testdata, whether or not the format would
// be recognised: nothing panics, every record is a row or a reject, memory stays bounded, and all
// text is UTF-8.
func fuzzFormat(f *testing.F, format Format, folder string) {
	check := checkLoaded
	if format.Leg == LegTrace { // headers on a span are an answer beside it, counted or not
		check = func(t testing.TB, l loaded) {
			checkCounts(t, l)
			delete(l.rows, TableAnswer)
			checkLoaded(t, l)
		}
	}
	fuzzChecked(f, format, folder, check)
}

func fuzzChecked(f *testing.F, format Format, folder string, check func(testing.TB, loaded)) {
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*"))
	if err != nil || len(paths) == 0 {
		f.Fatal("no testdata to grow from: ", err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	before := heldBytes()
	f.Fuzz(func(t *testing.T, content []byte) {
		l, err := loadAs(t, format, content)
		if held := heldBytes(); held > before+heldBytesMax {
			t.Fatalf("%d bytes are held for an input of %d", held-before, len(content))
		}
		var unusable *FileError
		if errors.As(err, &unusable) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		check(t, l)
	})
}

// heldBytesMax is by how much the most memory that was ever held may grow, for inputs that end
// within 64 MB when decompressed and hold no record above 64 kB.
const heldBytesMax = 512 << 20

// heldBytes is the most memory that the process has held.
func heldBytes() uint64 {
	held := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(held)
	return held[0].Value.Uint64()
}

// loadAs loads content as a given format, with a low limit of record length.
func loadAs(t testing.TB, format Format, content []byte) (loaded, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	options := Options{Threads: 1, RecordBytesMax: 1 << 16, FileBytesMax: 1 << 26}.withDefaults()
	stream, err := openStream(context.Background(), path, options)
	if err != nil {
		return loaded{}, err
	}
	defer stream.close()
	l := loaded{rows: map[Table][]row{}}
	var mu sync.Mutex
	job := &Job{ctx: context.Background(), path: path, fileID: 7, options: options, stream: stream,
		emit: func(table Table, record arrow.Record) error {
			mu.Lock()
			defer mu.Unlock()
			l.rows[table] = append(l.rows[table], rowsOf(record)...)
			record.Release()
			return nil
		}}
	job.requestKinds.last = new(atomic.Int64)
	job.spanKinds.last = job.requestKinds.last
	err = format.load(job)
	l.Tally = job.tally
	l.joinKinds()
	return l, err
}

func checkLoaded(t testing.TB, l loaded) {
	t.Helper()
	if sources := checkCounts(t, l); sources != l.Loaded {
		t.Fatalf("%d records are counted and %d are in the rows", l.Loaded, sources)
	}
}

// checkCounts holds a load to its counts, and returns how many records its rows name.
func checkCounts(t testing.TB, l loaded) int64 {
	t.Helper()
	if l.Read != l.Loaded+l.Rejected {
		t.Fatalf("read %d is not loaded %d + rejected %d", l.Read, l.Loaded, l.Rejected)
	}
	if got := int64(len(l.rows[TableReject])); got != l.Rejected {
		t.Fatalf("%d rejects are counted and %d written", l.Rejected, got)
	}
	sources := map[string]bool{}
	for table, rows := range l.rows {
		for _, r := range rows {
			if table != TableReject {
				sources[r["line"]+"/"+r["item"]] = true
			}
			for name, value := range r {
				if !utf8.ValidString(value) {
					t.Fatalf("%s.%s is not UTF-8: %q", table, name, value)
				}
			}
		}
	}
	return int64(len(sources))
}
