-- reads:  book.day_sum, book.split, book.long_day
-- writes: book.bucket
-- grain:  one row a tenant, gateway, provider, model, UTC day, price and state, with the sums of
--         its requests: all that the reports on money need, so that they never read requests.
--         day: under which they are compared with the provider's, as in book.long_day
WITH keyed AS (
  SELECT r.*, CASE WHEN s.by_account THEN COALESCE(r.organization_id, '') ELSE '' END AS account_id,
    book.key_of(s.by_project, s.by_key, s.by_key_name, r.project_id, r.api_key_id, r.api_key_name)
      AS key_id, COALESCE(l.day, r.started_day) AS day
  FROM book.day_sum AS r LEFT JOIN book.split AS s ON r.provider = s.provider
  LEFT JOIN book.long_day AS l
    ON r.provider = l.provider AND r.model = l.model AND r.started_day = l.started_day
)
SELECT tenant_id, tenant_rule, gateway, provider, model, started_day, day, workflow_name,
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
  CAST(SUM(requests) AS BIGINT) AS requests,
  CAST(SUM(spend_rows) AS BIGINT) AS spend_rows,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd
FROM keyed
GROUP BY tenant_id, tenant_rule, gateway, provider, model, started_day, day, workflow_name,
  charge_status, sheet_id, request_state, gateway_cache, account_id, key_id
