-- reads:  book.bucket
-- writes: book.tenant
-- grain:  one row a tenant: its charge, exact and in cents. The sum is rounded once, half to
--         even, and its cents are shared out by largest remainder; the row (rounding) holds what
--         the cents leave over, so that payable and rounding together are the exact charge
WITH total AS (
  SELECT tenant_id, SUM(requests) AS requests, COALESCE(SUM(spend_usd), 0) AS spend_usd,
    COALESCE(SUM(charge_usd), 0) AS charge_usd,
    COALESCE(SUM(charge_usd), 0) * 100 AS cents
  FROM book.bucket GROUP BY tenant_id
),
floored AS (
  SELECT *, floor(cents) AS whole_cents,
    row_number() OVER (ORDER BY cents - floor(cents) DESC, tenant_id) AS place,
    SUM(cents) OVER () AS all_cents, SUM(floor(cents)) OVER () AS all_whole_cents
  FROM total
),
shared AS (
  SELECT tenant_id, requests, spend_usd, charge_usd,
    CAST((whole_cents + CASE WHEN place <= floor(all_cents) - all_whole_cents
      + CASE WHEN all_cents - floor(all_cents) > 0.5 THEN 1
        WHEN all_cents - floor(all_cents) = 0.5 AND floor(all_cents) % 2 = 1 THEN 1
        ELSE 0 END
      THEN 1 ELSE 0 END) * 0.01 AS DECIMAL(38,2)) AS payable_usd
  FROM floored
)
SELECT tenant_id, CAST(requests AS BIGINT) AS requests,
  CAST(spend_usd AS DECIMAL(38,15)) AS spend_usd,
  CAST(charge_usd AS DECIMAL(38,15)) AS charge_usd, payable_usd,
  CAST(0 AS DECIMAL(38,15)) AS rounding_usd
FROM shared
UNION ALL
SELECT '(rounding)', 0, CAST(0 AS DECIMAL(38,15)), CAST(0 AS DECIMAL(38,15)),
  CAST(0 AS DECIMAL(38,2)), CAST(SUM(charge_usd) - SUM(payable_usd) AS DECIMAL(38,15))
FROM shared HAVING SUM(charge_usd) <> SUM(payable_usd)
