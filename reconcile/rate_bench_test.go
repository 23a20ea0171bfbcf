package reconcile

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"tieout/pricing"
	"tieout/sql"
)

// benchModels is how many models the benchmark's month has.
const benchModels = 50

// BenchmarkRateSQL rates a month of a million requests over 50 models with the stage that rates
// every run, and reports requests a second by the clock and by the processor.
func BenchmarkRateSQL(b *testing.B) {
	const requests = 1_000_000
	ctx := context.Background()
	r := benchRun(b, ctx)
	defer r.store.discard()
	models := benchPricedModels(b, r.book)
	benchExec(b, r, `CREATE TABLE book.name (provider_raw VARCHAR, model_raw VARCHAR,
		tier_raw VARCHAR, region_raw VARCHAR)`)
	for _, model := range models {
		benchExec(b, r, `INSERT INTO book.name VALUES (?, ?, '', '')`, model.Provider, model.Model)
	}
	if err := r.resolve(ctx); err != nil {
		b.Fatal(err)
	}
	benchExec(b, r, fmt.Sprintf(benchLedger, requests, benchModels))
	benchExec(b, r, `INSERT INTO book.period (period_from_us, period_to_us)
		VALUES (0, 253402300800000000)`)
	if err := r.runStage(ctx, stageOf(b, "31_other")); err != nil {
		b.Fatal(err)
	}
	stage := stageOf(b, "32_rated")
	before := processorTime(b)
	b.ResetTimer()
	for range b.N {
		rows := 0
		query := "SELECT COUNT(*) FILTER (charge_status = 'rated' AND charge_usd > 0) FROM (" +
			stage.Text + ")"
		if err := r.store.db.QueryRowContext(ctx, query).Scan(&rows); err != nil {
			b.Fatal(err)
		}
		if rows != requests {
			b.Fatalf("%d of %d requests were rated", rows, requests)
		}
	}
	b.ReportMetric(requests*float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	used := processorTime(b) - before
	b.ReportMetric(used.Seconds()/float64(b.N), "cpu-s/million")
	b.ReportMetric(requests*float64(b.N)/used.Seconds(), "requests/cpu-s")
}

// processorTime is the time that the process has computed on all cores, which other work on the
// machine does not change as it does the clock's time.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// benchLedger makes requests over all models and days of a month, with caching and reasoning.
const benchLedger = `CREATE TABLE book.ledger AS
SELECT i AS request_row, CAST(NULL AS BIGINT) AS span_row, n.provider_raw, n.model_raw,
  '' AS tier_raw, '' AS region_raw, 'success' AS status, 'none' AS gateway_cache,
  CAST(NULL AS VARCHAR) AS usage_problem, i %% 3000 AS input, (i * 7) %% 9000 AS cache_read,
  CAST(NULL AS BIGINT) AS cache_write_5m, CAST(NULL AS BIGINT) AS cache_write_1h,
  CAST(NULL AS BIGINT) AS cache_write, 1 + i %% 900 AS output,
  (i * 3) %% 400 AS reasoning, CAST(NULL AS BIGINT) AS audio_in,
  CAST(NULL AS BIGINT) AS audio_cached_in, CAST(NULL AS BIGINT) AS audio_out,
  CAST(NULL AS BIGINT) AS image_in, CAST(NULL AS BIGINT) AS image_cached_in,
  CAST(NULL AS BIGINT) AS image_out, CAST(NULL AS BIGINT) AS web_search,
  CAST(NULL AS VARCHAR) AS other_charges,
  i %% 3000 + (i * 7) %% 9000 AS prompt_tokens, CAST(0 AS DECIMAL(38,15)) AS spend_usd,
  1790812800000000 + (i * 2592) * 1000 AS started_us
FROM range(%d) AS t(i)
INNER JOIN (SELECT *, row_number() OVER (ORDER BY provider_raw, model_raw) - 1 AS place
  FROM book.name) AS n
  ON i %% %d = n.place`

// benchPricedModels picks models that have all the prices that the benchmark's requests need.
func benchPricedModels(b *testing.B, book *pricing.Book) []pricing.Key {
	at := time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC)
	var models []pricing.Key
	seen := map[string]bool{}
	for _, sheet := range book.Sheets() {
		id := sheet.Provider + "/" + sheet.Model
		if seen[id] || sheet.Region != "" || sheet.TodTo != 0 {
			continue
		}
		seen[id] = true
		rating := book.Rate(pricing.Call{Query: pricing.Query{Provider: sheet.Provider,
			Model: sheet.Model}, At: at, Counts: map[pricing.TokenType]int64{pricing.Input: 1,
			pricing.CacheRead: 1, pricing.Output: 1, pricing.Reasoning: 1}})
		if rating.Status == "rated" && rating.Total.Sign() > 0 && sheet.From.IsZero() {
			models = append(models, pricing.Key{Provider: sheet.Provider, Model: sheet.Model})
		}
		if len(models) == benchModels {
			return models
		}
	}
	b.Fatalf("only %d models have the prices", len(models))
	return nil
}

func benchRun(b *testing.B, ctx context.Context) *run {
	settings := Settings{Store: filepath.Join(b.TempDir(), "store.duckdb"),
		Threads: runtime.NumCPU()}
	store, err := newStore(ctx, settings)
	if err != nil {
		b.Fatal(err)
	}
	book, err := OpenBook(nil)
	if err != nil {
		b.Fatal(err)
	}
	r := &run{settings: settings, store: store, book: book}
	if err := r.prepare(ctx); err != nil {
		b.Fatal(err)
	}
	return r
}

func benchExec(b *testing.B, r *run, statement string, args ...any) {
	if err := r.store.exec(context.Background(), statement, args...); err != nil {
		b.Fatal(err)
	}
}

func stageOf(b testing.TB, name string) sql.Stage {
	for _, stage := range sql.Stages() {
		if stage.Name == name {
			return stage
		}
	}
	b.Fatal("no stage " + name)
	return sql.Stage{}
}
