-- reads:  book.rated, book.request_cause, book.bucket_cause, book.bill,
--         book.period
-- writes: book.bridge
-- grain:  one row a provider, account and cause: what the cause adds on the way from total spend
--         to total bill, or to total charge where no bill is loaded; the steps add up exactly
WITH account AS (
  SELECT provider, CASE WHEN COUNT(DISTINCT account_id) = 1 THEN MIN(account_id) ELSE '' END
    AS account, SUM(amount_usd) AS bill_usd
  FROM book.bill WHERE is_counted AND is_in_period
  GROUP BY provider
),
total AS (
  SELECT COALESCE(r.provider, a.provider) AS provider, COALESCE(a.account, '') AS account,
    COALESCE(r.spend_usd, 0) AS spend_usd, COALESCE(r.charge_usd, 0) AS charge_usd, a.bill_usd
  FROM (SELECT provider, SUM(spend_usd) AS spend_usd, SUM(charge_usd) AS charge_usd
    FROM book.rated GROUP BY provider) AS r
  FULL OUTER JOIN account AS a ON r.provider = a.provider
),
step AS (
  SELECT provider, cause, COUNT(*) AS rows, -SUM(drift_usd) AS amount_usd
  FROM book.request_cause WHERE drift_usd <> 0
  GROUP BY provider, cause
  UNION ALL
  SELECT r.provider,
    CASE WHEN p.has_gateway THEN 'within_tolerance' ELSE 'gateway_not_loaded' END, COUNT(*),
    SUM(COALESCE(r.charge_usd, 0) - COALESCE(r.spend_usd, 0))
  FROM book.rated AS r CROSS JOIN book.period AS p
  LEFT JOIN (SELECT DISTINCT request_row, span_row FROM book.request_cause
    WHERE drift_usd <> 0) AS c
    ON COALESCE(r.request_row, -r.span_row) = COALESCE(c.request_row, -c.span_row)
  WHERE c.request_row IS NULL AND c.span_row IS NULL
    AND COALESCE(r.charge_usd, 0) <> COALESCE(r.spend_usd, 0)
  GROUP BY r.provider, p.has_gateway
  UNION ALL
  SELECT provider, cause, COUNT(*), -SUM(drift_usd)
  FROM book.bucket_cause WHERE has_bill AND drift_usd <> 0
  GROUP BY provider, cause
)
SELECT t.provider, t.account, s.cause, CAST(SUM(s.rows) AS BIGINT) AS rows,
  CAST(COALESCE(SUM(s.amount_usd), 0) AS DECIMAL(38,15)) AS amount_usd,
  CAST(t.spend_usd AS DECIMAL(38,15)) AS spend_usd,
  CAST(t.charge_usd AS DECIMAL(38,15)) AS charge_usd,
  CAST(t.bill_usd AS DECIMAL(38,15)) AS bill_usd
FROM total AS t LEFT JOIN step AS s ON t.provider = s.provider
GROUP BY t.provider, t.account, s.cause, t.spend_usd, t.charge_usd, t.bill_usd
