-- reads:  book.bucket, book.charge_line, book.usage, book.bill, raw.span, book.rated
-- writes: book.drift
-- grain:  one row a provider, UTC day, model and token type; reasoning stands within output where
--         the provider bills it so; token_type 'unsplit' holds what no source splits by type:
--         spend, request counts and bill rows without a type
WITH splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
leg AS (
  SELECT l.provider, l.started_day AS day, l.model,
    CASE WHEN l.token_type = 'reasoning' AND s.provider IS NULL THEN 'output'
      ELSE l.token_type END AS token_type,
    CASE WHEN l.request_state <> 'only_trace' THEN l.quantity END AS quantity_gateway,
    CASE WHEN l.request_state <> 'only_gateway' THEN l.quantity END AS quantity_trace,
    CASE WHEN l.charge_status NOT IN ('gateway_cache_hit', 'failed_attempt')
      THEN l.quantity END AS quantity_charged,
    CAST(NULL AS BIGINT) AS quantity_provider,
    CAST(NULL AS BIGINT) AS requests, CAST(NULL AS BIGINT) AS requests_provider,
    CAST(NULL AS DECIMAL(38,15)) AS spend_usd, l.charge_usd,
    CAST(NULL AS DECIMAL(38,15)) AS usage_charge_usd,
    CAST(NULL AS DECIMAL(38,15)) AS bill_usd, CAST(NULL AS DECIMAL(38,15)) AS quantum_usd,
    CAST(NULL AS BIGINT) AS bill_rows,
    CASE WHEN l.charge_status IN ('unpriced', 'impossible') THEN 1 ELSE 0 END AS unpriced
  FROM book.charge_line AS l LEFT JOIN splits_reasoning AS s ON l.provider = s.provider
  UNION ALL
  SELECT provider, started_day, model, 'unsplit', NULL, NULL, NULL, NULL, requests, NULL,
    spend_usd, NULL, NULL, NULL, NULL, NULL,
    CASE WHEN charge_status IN ('unpriced', 'impossible', 'no_usage') THEN 1 ELSE 0 END
  FROM book.bucket
  UNION ALL
  SELECT provider, bucket_day, model, token_type, NULL, NULL, NULL, quantity, NULL, NULL,
    NULL, NULL, charge_usd, NULL, NULL, NULL,
    CASE WHEN charge_usd IS NULL AND quantity > 0 THEN 1 ELSE 0 END
  FROM book.usage WHERE is_counted AND is_in_period
  UNION ALL
  SELECT provider, bucket_day, model, 'unsplit', NULL, NULL, NULL, NULL, NULL, requests,
    NULL, NULL, NULL, NULL, NULL, NULL, 0
  FROM book.usage WHERE is_counted AND is_in_period AND requests IS NOT NULL
  UNION ALL
  SELECT provider, bucket_day, model, COALESCE(token_type, 'unsplit'), NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, amount_usd, amount_quantum, 1, 0
  FROM book.bill WHERE is_counted AND is_in_period
)
SELECT provider, day, model, token_type,
  CAST(SUM(quantity_gateway) AS BIGINT) AS quantity_gateway,
  CAST(SUM(quantity_trace) AS BIGINT) AS quantity_trace,
  CAST(SUM(quantity_charged) AS BIGINT) AS quantity_charged,
  CAST(SUM(quantity_provider) AS BIGINT) AS quantity_provider,
  CAST(SUM(requests) AS BIGINT) AS requests,
  CAST(SUM(requests_provider) AS BIGINT) AS requests_provider,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(usage_charge_usd) AS DECIMAL(38,15)) AS usage_charge_usd,
  CAST(SUM(bill_usd) AS DECIMAL(38,15)) AS bill_usd,
  CAST(SUM(quantum_usd) AS DECIMAL(38,15)) AS quantum_usd,
  CAST(SUM(bill_rows) AS BIGINT) AS bill_rows,
  CAST(SUM(unpriced) AS BIGINT) AS unpriced
FROM leg
GROUP BY provider, day, model, token_type
