-- reads:  book.bucket
-- writes: book.tenant
-- grain:  one row a tenant, and one for what rounding leaves over: the charge in whole cents,
--         rounded once in sum and shared out by largest remainder
WITH total AS (
  SELECT tenant_id, SUM(requests) AS requests, COALESCE(SUM(spend_usd), 0) AS spend_usd,
    COALESCE(SUM(charge_usd), 0) AS charge_usd,
    CAST(trunc(COALESCE(SUM(charge_usd), 0), 2) AS DECIMAL(38,2)) AS whole_cents_usd
  FROM book.bucket GROUP BY tenant_id
),
remainder AS (
  SELECT *, row_number() OVER (ORDER BY charge_usd - whole_cents_usd DESC, tenant_id) AS place,
    CAST((CAST(round_even(SUM(charge_usd) OVER (), 2) AS DECIMAL(38,2))
      - SUM(whole_cents_usd) OVER ()) * 100 AS BIGINT) AS cents_left
  FROM total
),
shared AS (
  SELECT tenant_id, requests, spend_usd, charge_usd,
    CAST(whole_cents_usd + CASE WHEN place <= cents_left THEN 0.01 ELSE 0.00 END
      AS DECIMAL(38,2)) AS payable_usd
  FROM remainder
)
SELECT tenant_id, CAST(requests AS BIGINT) AS requests,
  CAST(spend_usd AS DECIMAL(38,15)) AS spend_usd,
  CAST(charge_usd AS DECIMAL(38,15)) AS charge_usd, payable_usd,
  CAST(payable_usd - charge_usd AS DECIMAL(38,15)) AS rounding_usd
FROM shared
