-- reads:  book.bucket, book.chargeback, book.tenant_name
-- writes: book.tenant
-- grain:  one row a tenant or pool, with its name, cost centre and account: what it pays, exact
--         and in cents. The sum is rounded once, half to even, and its cents are shared out by
--         largest remainder, equal ones by name; the row (rounding) holds what the cents leave
--         over, so that payable and rounding together are the exact amount
WITH part AS (
  SELECT 'tenant' AS kind, b.tenant_id, n.tenant_name, n.cost_center, n.gl_account,
    SUM(b.requests) AS requests, SUM(b.spend_usd) AS spend_usd
  FROM book.bucket AS b
  LEFT JOIN book.tenant_name AS n
    ON b.tenant_id = n.tenant_id AND b.started_day >= n.from_day
    AND (n.to_day = '' OR b.started_day < n.to_day)
  GROUP BY ALL
  UNION ALL BY NAME
  SELECT kind, tenant_id, tenant_name, cost_center, gl_account, SUM(charge_usd) AS charge_usd,
    SUM(amount_usd) FILTER (basis = 'billed') AS billed_usd,
    SUM(amount_usd) FILTER (basis = 'charged') AS unbilled_usd,
    SUM(amount_usd) FILTER (basis = 'allocated') AS allocated_usd, SUM(amount_usd) AS amount_usd
  FROM book.chargeback
  GROUP BY kind, tenant_id, tenant_name, cost_center, gl_account
),
total AS (
  SELECT kind, tenant_id, tenant_name, cost_center, gl_account,
    COALESCE(SUM(requests), 0) AS requests, COALESCE(SUM(spend_usd), 0) AS spend_usd,
    COALESCE(SUM(charge_usd), 0) AS charge_usd, COALESCE(SUM(billed_usd), 0) AS billed_usd,
    COALESCE(SUM(unbilled_usd), 0) AS unbilled_usd,
    COALESCE(SUM(allocated_usd), 0) AS allocated_usd,
    COALESCE(SUM(amount_usd), 0) AS amount_usd, COALESCE(SUM(amount_usd), 0) * 100 AS cents
  FROM part
  GROUP BY kind, tenant_id, tenant_name, cost_center, gl_account
),
floored AS (
  SELECT *, floor(cents) AS whole_cents,
    row_number() OVER (ORDER BY cents - floor(cents) DESC, kind DESC, tenant_id, tenant_name,
      cost_center, gl_account) AS place,
    SUM(cents) OVER () AS all_cents, SUM(floor(cents)) OVER () AS all_whole_cents
  FROM total
),
shared AS MATERIALIZED (
  SELECT *, CAST((whole_cents + CASE WHEN place <= floor(all_cents) - all_whole_cents
      + CASE WHEN all_cents - floor(all_cents) > 0.5 THEN 1
        WHEN all_cents - floor(all_cents) = 0.5 AND floor(all_cents) % 2 <> 0 THEN 1
        ELSE 0 END
      THEN 1 ELSE 0 END) * 0.01 AS DECIMAL(38,2)) AS payable_usd
  FROM floored
)
SELECT kind, tenant_id, tenant_name, cost_center, gl_account,
  CAST(requests AS BIGINT) AS requests, CAST(spend_usd AS DECIMAL(38,15)) AS spend_usd,
  CAST(charge_usd AS DECIMAL(38,15)) AS charge_usd,
  CAST(billed_usd AS DECIMAL(38,15)) AS billed_usd,
  CAST(unbilled_usd AS DECIMAL(38,15)) AS unbilled_usd,
  CAST(allocated_usd AS DECIMAL(38,15)) AS allocated_usd,
  CAST(amount_usd AS DECIMAL(38,15)) AS amount_usd, payable_usd,
  CAST(0 AS DECIMAL(38,15)) AS rounding_usd
FROM shared
UNION ALL
SELECT 'rounding', '(rounding)', NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0,
  CAST(SUM(amount_usd) - SUM(payable_usd) AS DECIMAL(38,15))
FROM shared HAVING SUM(amount_usd) <> SUM(payable_usd)
