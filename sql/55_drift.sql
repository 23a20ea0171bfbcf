-- reads:  book.bucket, book.charge_line, book.usage, book.bill, book.bill_count,
--         book.provider_key
-- writes: book.drift
-- grain:  one row a provider, account and key where both sides know them, UTC day, model and
--         token type; reasoning stands within output where the provider bills it so; token_type
--         'unsplit' holds what no source splits by type: spend, request counts and bill rows
--         without a type; what is billed beside usage stands under its category
WITH splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
usage_row AS MATERIALIZED (
  SELECT u.*, COALESCE(k.account_id, '') AS account_key, COALESCE(k.key_id, '') AS key_id
  FROM book.usage AS u
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  WHERE u.is_counted AND u.is_in_period
),
bill_row AS (
  SELECT b.*, COALESCE(k.account_id, '') AS account_key, COALESCE(k.key_id, '') AS key_id
  FROM book.bill AS b
  LEFT JOIN book.provider_key AS k ON k.leg = 'bill' AND b.row_id = k.row_id
  WHERE b.is_counted AND b.is_in_period
),
leg AS (
  SELECT l.provider, l.account_id, l.key_id, l.day, l.model,
    CASE WHEN l.token_type = 'reasoning' AND s.provider IS NULL THEN 'output'
      ELSE l.token_type END AS token_type,
    CASE WHEN l.request_state <> 'only_trace' THEN l.quantity END AS quantity_gateway,
    CASE WHEN l.request_state <> 'only_gateway' THEN l.quantity END AS quantity_trace,
    -- An answer whose prompt no side counted is not charged either.
    CASE WHEN l.charge_status NOT IN ('gateway_cache_hit', 'failed_attempt', 'no_usage')
      THEN l.quantity END AS quantity_charged,
    CASE WHEN l.charge_status = 'failed_attempt' THEN l.quantity END AS quantity_failed,
    CASE WHEN l.charge_status = 'gateway_cache_hit' THEN l.quantity END AS quantity_cached,
    CASE WHEN l.token_type = 'reasoning' AND l.charge_status = 'rated' THEN l.quantity END
      AS quantity_reasoning,
    l.charge_usd, CASE WHEN l.request_state <> 'only_trace' THEN l.charge_usd END
      AS charge_gateway_usd,
    CASE WHEN l.request_state <> 'only_gateway' THEN l.charge_usd END AS charge_trace_usd,
    CASE WHEN l.charge_status = 'rated' THEN l.usd_per_token END AS our_price,
    CASE WHEN l.charge_status = 'rated' THEN l.sheet_id END AS sheet_id,
    CASE WHEN l.charge_status IN ('unpriced', 'impossible') THEN 1 ELSE 0 END AS unpriced
  FROM book.charge_line AS l LEFT JOIN splits_reasoning AS s ON l.provider = s.provider
  UNION ALL BY NAME
  SELECT provider, account_id, key_id, day, model, 'unsplit' AS token_type,
    requests, CASE WHEN request_state <> 'only_trace' THEN requests END AS requests_gateway,
    CASE WHEN request_state <> 'only_gateway' THEN requests END AS requests_trace,
    CASE WHEN charge_status NOT IN ('gateway_cache_hit', 'failed_attempt')
      THEN requests END AS requests_charged,
    CASE WHEN charge_status = 'failed_attempt' THEN requests END AS requests_failed, spend_usd,
    CASE WHEN charge_status IN ('unpriced', 'impossible') THEN 1 ELSE 0 END AS unpriced,
    CASE WHEN charge_status = 'no_usage' THEN requests END AS uncounted
  FROM book.bucket
  UNION ALL BY NAME
  SELECT provider, account_key AS account_id, key_id, day, model, token_type,
    quantity AS quantity_provider, charge_usd AS usage_charge_usd, usd_per_token AS list_price,
    CASE WHEN free_as IS NOT NULL THEN charge_usd END AS free_usd, free_as,
    priced_tier AS usage_tier, service_tier IS NOT NULL AS is_tier_told,
    context_tier AS usage_context, region AS usage_region,
    CASE WHEN charge_usd IS NULL AND quantity > 0 THEN 1 ELSE 0 END AS unpriced
  FROM usage_row
  UNION ALL BY NAME
  SELECT provider, account_key AS account_id, key_id, day, model,
    'unsplit' AS token_type, requests AS requests_provider
  FROM usage_row WHERE requests IS NOT NULL
  UNION ALL BY NAME
  SELECT provider, account_key AS account_id, key_id, day, model,
    CASE WHEN charge_category <> 'usage' THEN charge_category
      ELSE COALESCE(token_type, 'unsplit') END AS token_type, amount_usd AS bill_usd,
    amount_quantum AS quantum_usd, 1 AS bill_rows
  FROM bill_row
  UNION ALL BY NAME
  SELECT provider, account_id, key_id, day, model, token_type, quantity AS quantity_provider,
    charge_usd AS usage_charge_usd, usd_per_token AS list_price,
    TRUE AS is_billed_count
  FROM book.bill_count
)
SELECT provider, account_id, key_id, day, model, token_type,
  CAST(SUM(quantity_gateway) AS BIGINT) AS quantity_gateway,
  CAST(SUM(quantity_trace) AS BIGINT) AS quantity_trace,
  CAST(SUM(quantity_charged) AS BIGINT) AS quantity_charged,
  CAST(SUM(quantity_provider) AS BIGINT) AS quantity_provider,
  CAST(SUM(quantity_failed) AS BIGINT) AS quantity_failed,
  CAST(SUM(quantity_cached) AS BIGINT) AS quantity_cached,
  CAST(SUM(quantity_reasoning) AS BIGINT) AS quantity_reasoning,
  CAST(SUM(requests) AS BIGINT) AS requests,
  CAST(SUM(requests_gateway) AS BIGINT) AS requests_gateway,
  CAST(SUM(requests_trace) AS BIGINT) AS requests_trace,
  CAST(SUM(requests_charged) AS BIGINT) AS requests_charged,
  CAST(SUM(requests_failed) AS BIGINT) AS requests_failed,
  CAST(SUM(requests_provider) AS BIGINT) AS requests_provider,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(charge_gateway_usd) AS DECIMAL(38,15)) AS charge_gateway_usd,
  CAST(SUM(charge_trace_usd) AS DECIMAL(38,15)) AS charge_trace_usd,
  CAST(SUM(usage_charge_usd) AS DECIMAL(38,15)) AS usage_charge_usd,
  CAST(SUM(free_usd) AS DECIMAL(38,15)) AS free_usd, MAX(free_as) AS free_as,
  CAST(SUM(bill_usd) AS DECIMAL(38,15)) AS bill_usd,
  CAST(SUM(quantum_usd) AS DECIMAL(38,15)) AS quantum_usd,
  CAST(SUM(bill_rows) AS BIGINT) AS bill_rows,
  CAST(SUM(unpriced) AS BIGINT) AS unpriced, CAST(SUM(uncounted) AS BIGINT) AS uncounted,
  MAX(quantum_usd) AS step_usd,
  MIN(our_price) AS our_price_from, MAX(our_price) AS our_price_to,
  MIN(list_price) AS list_price_from, MAX(list_price) AS list_price_to,
  MIN(sheet_id) AS sheet_id, MAX(sheet_id) AS other_sheet_id,
  string_agg(DISTINCT usage_tier, ', ' ORDER BY usage_tier) AS usage_tiers,
  string_agg(DISTINCT usage_context, ', ' ORDER BY usage_context) AS usage_contexts,
  string_agg(DISTINCT usage_region, ', ' ORDER BY usage_region) AS usage_regions,
  COALESCE(bool_or(is_tier_told), FALSE) AS is_tier_told,
  COALESCE(bool_or(is_billed_count), FALSE) AS is_billed_count
FROM leg
GROUP BY provider, account_id, key_id, day, model, token_type
