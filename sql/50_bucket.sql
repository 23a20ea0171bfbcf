-- heavy
-- reads:  book.rated, book.request_key
-- writes: book.bucket
-- grain:  one row a tenant, gateway, provider, model, UTC day, price and state, with the sums of
--         its requests: all that the reports on money need, so that they never read requests
WITH keyed AS (
  SELECT r.*, COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id
  FROM book.rated AS r
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind
    AND r.span_kind = k.span_kind
)
SELECT tenant_id, tenant_rule, gateway, provider, model, started_day, workflow_name,
  charge_status, sheet_id, request_state, gateway_cache, account_id, key_id,
  CAST(SUM(input) AS BIGINT) AS input,
  CAST(SUM(cache_read) AS BIGINT) AS cache_read,
  CAST(SUM(cache_write_5m) AS BIGINT) AS cache_write_5m,
  CAST(SUM(cache_write_1h) AS BIGINT) AS cache_write_1h,
  CAST(SUM(cache_write) AS BIGINT) AS cache_write,
  CAST(SUM(output) AS BIGINT) AS output,
  CAST(SUM(reasoning) AS BIGINT) AS reasoning,
  CAST(SUM(audio_in) AS BIGINT) AS audio_in,
  CAST(SUM(audio_cached_in) AS BIGINT) AS audio_cached_in,
  CAST(SUM(audio_out) AS BIGINT) AS audio_out,
  CAST(SUM(image_in) AS BIGINT) AS image_in,
  CAST(SUM(image_cached_in) AS BIGINT) AS image_cached_in,
  CAST(SUM(image_out) AS BIGINT) AS image_out,
  CAST(SUM(web_search) AS BIGINT) AS web_search,
  COUNT(*) AS requests,
  COUNT(spend_usd) AS spend_rows,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd
FROM keyed
GROUP BY tenant_id, tenant_rule, gateway, provider, model, started_day, workflow_name,
  charge_status, sheet_id, request_state, gateway_cache, account_id, key_id
