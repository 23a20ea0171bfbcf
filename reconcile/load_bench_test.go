package reconcile

import (
	"context"
	"errors"
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
// threads, the database's included; opening the store is not measured.
func BenchmarkLoad(b *testing.B) {
	month := b.TempDir()
	if _, err := fixtures.Generate(month, fixtures.Plan{Requests: 50_000, Seed: 8}); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	for _, file := range []string{"gateway/litellm-2026-10.jsonl", "traces/otlp-2026-10.jsonl"} {
		path := filepath.Join(month, filepath.FromSlash(file))
		b.Run(filepath.Dir(file)+"/rows", func(b *testing.B) {
			benchLoad(b, path, func(m *meter) error {
				loader, err := loaders.NewLoader(loaders.Options{Threads: 2},
					func(_ loaders.Table, record arrow.Record) error {
						record.Release()
						return nil
					})
				if err != nil {
					return err
				}
				m.start()
				defer m.stop()
				_, err = loader.Load(ctx, path, 1)
				return errors.Join(err, loader.Close())
			})
		})
		b.Run(filepath.Dir(file)+"/store", func(b *testing.B) {
			benchLoad(b, path, func(m *meter) error {
				r := benchRun(b, ctx)
				defer r.store.discard()
				r.files = []inputFile{{path: path}}
				m.start()
				defer m.stop()
				_, err := r.takeIn(ctx)
				return err
			})
		})
	}
}

// meter measures the part of a benchmark between start and stop, by both clocks.
type meter struct {
	b     *testing.B
	began time.Duration
	spent time.Duration
}

func (m *meter) start() {
	m.b.StartTimer()
	m.began = cpuTime()
}

func (m *meter) stop() {
	m.spent += cpuTime() - m.began
	m.b.StopTimer()
}

func benchLoad(b *testing.B, path string, load func(*meter) error) {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.StopTimer()
	m := &meter{b: b}
	for range b.N {
		if err := load(m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(info.Size())*float64(b.N)/1e6/m.spent.Seconds(), "MB/cpu-s")
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
