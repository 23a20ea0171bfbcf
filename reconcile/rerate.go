package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tieout/pricing"
)

// sampleRows is how many requests of a run are rated a second time, in Go.
const sampleRows = 500

const sampleSQL = `
SELECT COALESCE(request_row, -span_row), provider_raw, model_raw, tier_raw, region_raw, started_us,
  COALESCE(prompt_tokens, 0), charge_status, CAST(charge_usd AS VARCHAR),
  input, cache_read, cache_write_5m, cache_write_1h, cache_write, output, reasoning, audio_in,
  audio_cached_in, audio_out, image_in, image_cached_in, image_out, web_search,
  COALESCE(other_charges, '')
FROM book.rated
WHERE charge_status IN ('rated', 'unpriced')
  AND COALESCE(request_row, -span_row) % greatest(
    ((SELECT COUNT(*) FROM book.rated) + ? - 1) // ?, 1) = 0
ORDER BY 1
LIMIT ?`

// rateAgain rates a sample of the run's own rows with pricing.Rate and fails on any difference:
// the rules stand twice, in SQL and in Go, so that each proves the other.
func (r *run) rateAgain(ctx context.Context) error {
	rows, err := r.store.db.QueryContext(ctx, sampleSQL, sampleRows, sampleRows, sampleRows)
	if err != nil {
		return fmt.Errorf("rate a sample again: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := r.rateRow(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *run) rateRow(rows *sql.Rows) error {
	var call pricing.Call
	var row int64
	var status, other string
	var startedUS int64
	var charge sql.NullString
	types := pricing.TokenTypes()
	counts := make([]sql.NullInt64, len(types))
	targets := []any{&row, &call.Provider, &call.Model, &call.ServiceTier, &call.Region,
		&startedUS, &call.PromptTokens, &status, &charge}
	for i := range counts {
		targets = append(targets, &counts[i])
	}
	if err := rows.Scan(append(targets, &other)...); err != nil {
		return fmt.Errorf("rate a sample again: %w", err)
	}
	call.Other, call.Attempts = pricing.ReadOther(other), pricing.ReadAttempts(other)
	call.At = time.UnixMicro(startedUS).UTC()
	call.Counts = map[pricing.TokenType]int64{}
	for i, count := range counts {
		if count.Valid {
			call.Counts[types[i]] = count.Int64
		}
	}
	rating := r.book.Rate(call)
	if rating.Status != status {
		return fmt.Errorf("row %d is %s in SQL and %s in Go: %s", row, status,
			rating.Status, rating.Hint)
	}
	if status != "rated" {
		return nil
	}
	inSQL, err := pricing.ParseUSD(charge.String)
	if err != nil {
		return fmt.Errorf("row %d: charge %q: %w", row, charge.String, err)
	}
	if inSQL.Cmp(rating.Total) != 0 {
		return fmt.Errorf("row %d is charged %s in SQL and %s in Go", row, inSQL,
			rating.Total)
	}
	return nil
}
