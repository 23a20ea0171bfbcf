package reconcile

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"tieout/fixtures"
	"tieout/loaders"
)

// BenchmarkLoad loads spend logs and traces into the store, and beside it into nothing: the
// difference is what handing rows to the database costs. MB/cpu-s is by processor time, of all
// threads, the database's included.
func BenchmarkLoad(b *testing.B) {
	month := b.TempDir()
	if _, err := fixtures.Generate(month, fixtures.Plan{Requests: 50_000, Seed: 8}); err != nil {
		b.Fatal(err)
	}
	for _, file := range []string{"gateway/litellm-2026-10.jsonl", "traces/otlp-2026-10.jsonl"} {
		path := filepath.Join(month, filepath.FromSlash(file))
		b.Run(filepath.Dir(file)+"/rows", func(b *testing.B) {
			benchLoad(b, path, func() error {
				_, err := loaders.Load(context.Background(), path, 1, loaders.Options{Threads: 2},
					func(_ loaders.Table, record arrow.Record) error {
						record.Release()
						return nil
					})
				return err
			})
		})
		b.Run(filepath.Dir(file)+"/store", func(b *testing.B) {
			benchLoad(b, path, func() error {
				r := benchRun(b, context.Background())
				defer r.store.discard()
				r.files = []inputFile{{path: path}}
				_, err := r.takeIn(context.Background())
				return err
			})
		})
	}
}

func benchLoad(b *testing.B, path string, load func() error) {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	began := cpuTime()
	for range b.N {
		if err := load(); err != nil {
			b.Fatal(err)
		}
	}
	spent := (cpuTime() - began).Seconds()
	b.ReportMetric(float64(info.Size())*float64(b.N)/1e6/spent, "MB/cpu-s")
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
