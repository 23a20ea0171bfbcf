-- reads:  book.drift, book.rated, book.request_key, book.request_cause, book.bucket_cause,
--         book.bill, book.period
-- writes: book.bridge
-- grain:  one row a provider, account where both sides know it, and cause: what the cause adds on
--         the way from total spend to total bill, or to total charge where no bill is loaded; the
--         steps add up exactly. Step 1 is the largest; unexplained and provisional stand last
WITH one_account AS (
  SELECT provider, MIN(account_id) AS account FROM book.bill
  WHERE is_counted AND is_in_period
  GROUP BY provider HAVING COUNT(DISTINCT account_id) = 1
),
total AS (
  SELECT d.provider, d.account_id,
    COALESCE(NULLIF(d.account_id, ''), MIN(o.account), '') AS account,
    COALESCE(SUM(d.spend_usd), 0) AS spend_usd, COALESCE(SUM(d.charge_usd), 0) AS charge_usd,
    CASE WHEN SUM(SUM(COALESCE(d.bill_rows, 0))) OVER (PARTITION BY d.provider) > 0
      THEN COALESCE(SUM(d.bill_usd), 0) END AS bill_usd
  FROM book.drift AS d LEFT JOIN one_account AS o ON d.provider = o.provider
  GROUP BY d.provider, d.account_id
),
caused AS (
  SELECT request_row, span_row, request_kind, span_kind, provider, cause, drift_usd
  FROM book.request_cause
  WHERE drift_usd <> 0
),
beyond AS (
  SELECT DISTINCT COALESCE(request_row, -span_row) AS row FROM caused
),
step AS (
  SELECT c.provider, COALESCE(k.account_id, '') AS account_id, c.cause, COUNT(*) AS rows,
    -SUM(c.drift_usd) AS amount_usd
  FROM caused AS c
  LEFT JOIN book.request_key AS k
    ON c.provider = k.provider AND c.request_kind = k.request_kind
    AND c.span_kind = k.span_kind
  GROUP BY c.provider, COALESCE(k.account_id, ''), c.cause
  UNION ALL
  SELECT r.provider, COALESCE(k.account_id, ''),
    CASE WHEN p.has_gateway THEN 'within_tolerance' ELSE 'gateway_not_loaded' END, COUNT(*),
    SUM(COALESCE(r.charge_usd, 0) - COALESCE(r.spend_usd, 0))
  FROM book.rated AS r CROSS JOIN book.period AS p
  LEFT JOIN beyond AS c ON COALESCE(r.request_row, -r.span_row) = c.row
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind
    AND r.span_kind = k.span_kind
  WHERE c.row IS NULL AND COALESCE(r.charge_usd, 0) <> COALESCE(r.spend_usd, 0)
  GROUP BY r.provider, COALESCE(k.account_id, ''), p.has_gateway
  UNION ALL
  SELECT provider, account_id, cause, COUNT(*), -SUM(drift_usd)
  FROM book.bucket_cause WHERE has_bill AND drift_usd <> 0
  GROUP BY provider, account_id, cause
),
summed AS (
  SELECT t.provider, t.account_id, t.account, s.cause, SUM(s.rows) AS rows,
    COALESCE(SUM(s.amount_usd), 0) AS amount_usd, t.spend_usd, t.charge_usd, t.bill_usd
  FROM total AS t
  LEFT JOIN step AS s ON t.provider = s.provider AND t.account_id = s.account_id
  GROUP BY t.provider, t.account_id, t.account, s.cause, t.spend_usd, t.charge_usd, t.bill_usd
)
SELECT provider, account,
  row_number() OVER (
    PARTITION BY provider, account
    ORDER BY CASE cause WHEN 'unexplained' THEN 1 WHEN 'provisional' THEN 2 ELSE 0 END,
      ABS(amount_usd) DESC, cause) AS step,
  cause, CAST(rows AS BIGINT) AS rows, CAST(amount_usd AS DECIMAL(38,15)) AS amount_usd,
  CAST(spend_usd AS DECIMAL(38,15)) AS spend_usd,
  CAST(charge_usd AS DECIMAL(38,15)) AS charge_usd,
  CAST(bill_usd AS DECIMAL(38,15)) AS bill_usd
FROM summed
