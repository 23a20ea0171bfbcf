-- reads:  book.token_identity, book.bucket, book.above, book.rated, book.price_line,
--         book.price_sum, book.bucket_cause, book.provider_call, book.bill, book.chargeback,
--         book.drift, book.coverage, book.tolerance, book.invoiced, book.period
-- writes: book.identity
-- grain:  one row an identity that must hold, and what it is held of: two figures, their difference
--         and how much of it is allowed. Counts stand before money, because they tell volume from
--         price
WITH whole AS (SELECT usd FROM book.tolerance WHERE scope = ''),
spent AS (
  SELECT provider, started_day AS day, SUM(requests) AS rows, SUM(spend_usd) AS spend_usd,
    SUM(charge_usd) AS charge_usd
  FROM book.bucket WHERE charge_status = 'rated' AND request_state <> 'only_trace' GROUP BY ALL
),
off AS (
  SELECT provider, started_day AS day, COUNT(*) AS rows
  FROM book.above WHERE request_row IS NOT NULL AND charge_status = 'rated' GROUP BY ALL
),
found AS (
  SELECT provider, account_id, key_id, day, model,
    bool_or(cause LIKE '%row_missing_gateway%') AS is_bypass,
    bool_or(cause = 'commitment_flat_cost') AS is_committed,
    bool_or(cause = 'unexplained') AS is_open, bool_or(tokens <> 0) AS is_volume
  FROM book.bucket_cause GROUP BY ALL
),
billed AS (
  SELECT *, model AS billed FROM book.price_sum WHERE part = 1 AND has_bill AND is_billed_day
),
by_call AS (
  SELECT b.provider, b.day, b.request_id, MIN(r.spend_usd) AS spend_usd,
    SUM(b.amount_usd) AS bill_usd
  FROM book.bill AS b
  INNER JOIN book.provider_call AS c ON b.request_id = c.request_id
  INNER JOIN book.rated AS r ON c.request_row = r.request_row
  WHERE b.is_counted AND b.is_in_period AND b.charge_category = 'usage'
  GROUP BY ALL
),
money AS (
  SELECT 7 AS place, 'I4' AS identity, 'spend = charge, request by request' AS statement,
    s.provider, s.day, CAST(s.rows AS BIGINT) AS rows, COALESCE(o.rows, 0) AS rows_off,
    COALESCE(s.spend_usd, 0) AS left_usd, s.charge_usd AS right_usd, w.usd AS tolerance_usd,
    TRUE AS is_settled,
    CASE WHEN COALESCE(o.rows, 0) > 0 THEN 'price'
      WHEN COALESCE(s.spend_usd, 0) = s.charge_usd THEN 'ok' ELSE 'rounding' END AS status
  FROM spent AS s CROSS JOIN whole AS w
  LEFT JOIN off AS o ON s.provider = o.provider AND s.day = o.day
  WHERE s.spend_usd IS NOT NULL
  UNION ALL BY NAME
  SELECT 8 AS place, 'I7' AS identity, 'provider''s usage at list price = bill' AS statement,
    l.provider, l.account_id AS account, l.key_id AS "key", l.day, l.billed AS model,
    l.token_type, l.list_usd - l.free_usd AS left_usd, l.bill_usd AS right_usd,
    CAST(l.quantum_usd * 0.5 AS DECIMAL(38,15)) + 0.000000001 AS tolerance_usd, l.is_settled,
    CASE WHEN l.free_as = 'commitment_flat_cost' THEN 'committed'
      WHEN l.unpriced > 0 THEN 'unmapped_model' WHEN f.is_committed THEN 'committed'
      WHEN l.list_usd - l.free_usd = l.bill_usd THEN 'ok'
      WHEN ABS(l.list_usd - l.free_usd - l.bill_usd) <= CAST(l.quantum_usd * 0.5
        AS DECIMAL(38,15)) + 0.000000001 THEN 'rounding'
      WHEN l.has_untyped THEN 'not_comparable' ELSE 'price' END AS status
  FROM book.price_line AS l
  LEFT JOIN found AS f
    ON l.provider = f.provider AND l.account_id = f.account_id AND l.key_id = f.key_id
    AND l.day = f.day AND l.billed = f.model
  WHERE l.has_count AND l.has_bill AND l.is_billed_day AND (l.bill_rows > 0 OR l.list_usd > 0)
  UNION ALL BY NAME
  SELECT 9 AS place, 'I8' AS identity, 'charge = bill' AS statement, b.provider,
    b.account_id AS account, b.key_id AS "key", b.day, b.billed AS model,
    b.charge_usd AS left_usd, b.bill_usd AS right_usd,
    GREATEST(CAST(b.quantum_usd * 0.5 AS DECIMAL(38,15)), w.usd) AS tolerance_usd, b.is_settled,
    CASE WHEN b.charge_usd = b.bill_usd AND b.unpriced = 0 THEN 'ok'
      WHEN b.free_as = 'commitment_flat_cost' THEN 'committed'
      WHEN b.unpriced > 0 THEN 'unmapped_model' WHEN f.is_committed THEN 'committed'
      WHEN b.free_usd > 0 AND b.charge_usd - b.free_usd = b.bill_usd THEN 'not_comparable'
      WHEN ABS(b.charge_usd - b.bill_usd) <= w.usd THEN 'ok'
      WHEN ABS(b.charge_usd - b.bill_usd) <= b.quantum_usd * 0.5 THEN 'rounding'
      WHEN f.is_bypass THEN 'bypass' WHEN f.is_volume THEN 'volume'
      WHEN f.is_open AND NOT b.has_count THEN 'not_comparable' ELSE 'price' END AS status
  FROM billed AS b CROSS JOIN whole AS w CROSS JOIN book.period AS p
  LEFT JOIN found AS f
    ON b.provider = f.provider AND b.account_id = f.account_id AND b.key_id = f.key_id
    AND b.day = f.day AND b.billed = f.model
  WHERE p.has_gateway OR p.has_trace
  UNION ALL BY NAME
  SELECT 10 AS place, 'I9' AS identity, 'spend = bill, by the provider''s id of the call'
      AS statement, provider, day, COUNT(*) AS rows,
    COUNT(*) FILTER (ABS(COALESCE(spend_usd, 0) - bill_usd) > 0.000001) AS rows_off,
    COALESCE(SUM(spend_usd), 0) AS left_usd, SUM(bill_usd) AS right_usd,
    CAST(0.000001 AS DECIMAL(38,15)) AS tolerance_usd, TRUE AS is_settled,
    CASE WHEN COUNT(*) FILTER (ABS(COALESCE(spend_usd, 0) - bill_usd) > 0.000001) > 0 THEN 'price'
      WHEN COALESCE(SUM(spend_usd), 0) = SUM(bill_usd) THEN 'ok' ELSE 'rounding' END AS status
  FROM by_call GROUP BY provider, day
  UNION ALL BY NAME
  SELECT 11 AS place, 'I11' AS identity, 'bill rows = ' || name AS statement, provider,
    rows, left_usd, right_usd, tolerance_usd, TRUE AS is_settled, status
  FROM book.invoiced
  UNION ALL BY NAME
  SELECT 12 AS place, 'I12' AS identity, 'all tenants = charge' AS statement, d.provider,
    COALESCE(c.usd, 0) AS left_usd, d.usd AS right_usd, CAST(0 AS DECIMAL(38,15)) AS tolerance_usd,
    TRUE AS is_settled, CASE WHEN COALESCE(c.usd, 0) = d.usd THEN 'ok' ELSE 'price' END AS status
  FROM (SELECT provider, COALESCE(SUM(charge_usd), 0) AS usd FROM book.drift GROUP BY provider) AS d
  LEFT JOIN (SELECT provider, SUM(charge_usd) AS usd FROM book.chargeback GROUP BY provider) AS c
    ON d.provider = c.provider
)
SELECT CAST(place AS BIGINT) AS place, identity, statement, unit, source_file, provider, account,
  "key", day, model, token_type, rows, rows_off, left_value, right_value,
  CAST(left_value - right_value AS DECIMAL(38,15)) AS difference, tolerance, status
FROM (
  SELECT * FROM book.token_identity
  UNION ALL BY NAME
  SELECT place, identity, statement, 'usd' AS unit, provider, account, "key", day, model,
    token_type, rows, rows_off, CAST(left_usd AS DECIMAL(38,15)) AS left_value,
    CAST(right_usd AS DECIMAL(38,15)) AS right_value,
    CAST(tolerance_usd AS DECIMAL(38,15)) AS tolerance,
    CASE WHEN status NOT IN ('ok', 'not_comparable') AND NOT is_settled THEN 'provisional'
      ELSE status END AS status
  FROM money
  UNION ALL BY NAME
  SELECT 13 AS place, 'I13' AS identity, scope || 's billed that the gateway knows = '
      || scope || 's billed' AS statement, scope || 's' AS unit, provider, COUNT(*) AS rows,
    COUNT(*) FILTER (is_outside) AS rows_off,
    CAST(COUNT(*) FILTER (NOT is_outside) AS DECIMAL(38,15)) AS left_value,
    CAST(COUNT(*) AS DECIMAL(38,15)) AS right_value, CAST(0 AS DECIMAL(38,15)) AS tolerance,
    CASE WHEN NOT bool_or(p.has_gateway) THEN 'not_comparable'
      WHEN bool_or(is_outside) THEN 'bypass' ELSE 'ok' END AS status
  FROM book.coverage CROSS JOIN book.period AS p
  WHERE scope IN ('account', 'key', 'project', 'workspace') AND billed_usd > 0
  GROUP BY scope, provider
)
