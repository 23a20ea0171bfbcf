package reconcile

import (
	"context"
	"database/sql"
	"fmt"
)

// restatementSQL compares the figures of two versions of a provider's file, bucket by bucket of the
// span of the old version that the new one takes the place of.
const restatementSQL = `
INSERT INTO raw.restatement
WITH given AS (
  SELECT CAST(? AS VARCHAR) AS path, CAST(? AS VARCHAR) AS old_sha256,
    CAST(? AS VARCHAR) AS new_sha256, CAST(? AS BIGINT) AS old_id, CAST(? AS BIGINT) AS new_id,
    CAST(? AS BIGINT) AS from_us, CAST(? AS BIGINT) AS to_us
),
told AS (
  SELECT u.file_id, u.provider, u.bucket_from_us, u.bucket_to_us, u.bucket_day AS day,
    u.model_raw AS model, u.token_type, u.quantity, CAST(NULL AS DECIMAL(38,15)) AS amount_usd,
    'usage' AS leg
  FROM raw.usage AS u, given AS g WHERE u.file_id IN (g.old_id, g.new_id)
  UNION ALL
  SELECT b.file_id, b.provider, b.bucket_from_us, b.bucket_to_us, b.bucket_day, b.model_raw,
    b.token_type, b.quantity, b.amount_usd, 'bill'
  FROM raw.bill AS b, given AS g WHERE b.file_id IN (g.old_id, g.new_id)
),
-- A row that tells both what was used and what it costs is in both legs: its tokens count once.
once AS (
  SELECT * EXCLUDE (quantity), CASE WHEN leg = 'usage' OR NOT bool_or(leg = 'usage'
      AND quantity IS NOT NULL) OVER (PARTITION BY provider, day, model, token_type)
    THEN quantity END AS quantity
  FROM told
),
span AS (
  SELECT MAX(COALESCE(t.bucket_to_us, t.bucket_from_us + 1)) AS end_us
  FROM told AS t, given AS g
  WHERE t.file_id = g.old_id AND t.bucket_from_us BETWEEN g.from_us AND g.to_us
),
side AS (
  SELECT t.provider, t.day, t.model, t.token_type,
    CAST(SUM(t.quantity) FILTER (t.file_id = g.old_id) AS BIGINT) AS old_quantity,
    CAST(SUM(t.quantity) FILTER (t.file_id = g.new_id) AS BIGINT) AS new_quantity,
    CAST(SUM(t.amount_usd) FILTER (t.file_id = g.old_id) AS DECIMAL(38,15)) AS old_amount_usd,
    CAST(SUM(t.amount_usd) FILTER (t.file_id = g.new_id) AS DECIMAL(38,15)) AS new_amount_usd
  FROM once AS t, given AS g, span AS s
  WHERE t.bucket_from_us >= g.from_us AND t.bucket_from_us < s.end_us
  GROUP BY t.provider, t.day, t.model, t.token_type
)
SELECT g.path, g.old_sha256, g.new_sha256, s.provider, s.day, s.model, s.token_type,
  s.old_quantity, s.new_quantity, s.old_amount_usd, s.new_amount_usd
FROM side AS s, given AS g
WHERE COALESCE(s.old_quantity, 0) <> COALESCE(s.new_quantity, 0)
  OR COALESCE(s.old_amount_usd, 0) <> COALESCE(s.new_amount_usd, 0)`

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
		if r.new.first.Valid && r.new.first.Int64 > r.old.first.Int64 {
			to = min(to, r.new.last.Int64) // the old version stays in force before and after
		}
		_, err := conn.ExecContext(ctx, restatementSQL, r.path, r.old.sha256, r.new.sha256,
			r.old.stored, r.new.stored, from, to)
		if err != nil {
			return fmt.Errorf("restatement of %s: %w", r.path, err)
		}
	}
	return nil
}
