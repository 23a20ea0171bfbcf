package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// restatementSQL compares the figures of two versions of a provider's file, of the days that both
// may tell of.
const restatementSQL = `
INSERT INTO raw.restatement
WITH figure AS (
  SELECT file_id, provider, bucket_day AS day, model_raw AS model, token_type, quantity,
    CAST(NULL AS DECIMAL(38,15)) AS amount_usd
  FROM raw.usage WHERE file_id IN (?, ?) AND bucket_day BETWEEN ? AND ?
  UNION ALL
  SELECT file_id, provider, bucket_day, model_raw, token_type, quantity, amount_usd
  FROM raw.bill WHERE file_id IN (?, ?) AND bucket_day BETWEEN ? AND ?
),
side AS (
  SELECT provider, day, model, token_type,
    CAST(SUM(quantity) FILTER (file_id = ?) AS BIGINT) AS old_quantity,
    CAST(SUM(quantity) FILTER (file_id = ?) AS BIGINT) AS new_quantity,
    CAST(SUM(amount_usd) FILTER (file_id = ?) AS DECIMAL(38,15)) AS old_amount_usd,
    CAST(SUM(amount_usd) FILTER (file_id = ?) AS DECIMAL(38,15)) AS new_amount_usd
  FROM figure GROUP BY provider, day, model, token_type
)
SELECT ?, ?, ?, provider, day, model, token_type, old_quantity, new_quantity, old_amount_usd,
  new_amount_usd
FROM side
WHERE old_quantity IS DISTINCT FROM new_quantity OR old_amount_usd IS DISTINCT FROM new_amount_usd`

// noteRestated keeps what newer versions of providers' files changed, before the old rows go.
func noteRestated(ctx context.Context, conn *sql.Conn, c *change) error {
	for _, r := range c.restated {
		if !r.old.first.Valid {
			continue
		}
		from, to := r.old.first.Int64, r.old.last.Int64
		if r.new.first.Valid {
			from = max(from, r.new.first.Int64)
		}
		if r.new.first.Valid && r.new.first.Int64 <= r.old.first.Int64 {
			from = r.old.first.Int64
		}
		first := time.UnixMicro(from).UTC().Format(time.DateOnly)
		last := time.UnixMicro(to).UTC().Format(time.DateOnly)
		was, is := r.old.stored, r.new.stored
		_, err := conn.ExecContext(ctx, restatementSQL, was, is, first, last, was, is, first, last,
			was, is, was, is, r.path, r.old.sha256, r.new.sha256)
		if err != nil {
			return fmt.Errorf("restatement of %s: %w", r.path, err)
		}
	}
	return nil
}
