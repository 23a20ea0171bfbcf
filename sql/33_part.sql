-- heavy
-- reads:  book.rated, raw.request_row
-- writes: book.part
-- grain:  one row a workflow run, tenant, model, price, state of the charge and whether its calls
--         are retries: sums of its calls
SELECT COALESCE(r.workflow_id, '') AS workflow_id, r.tenant_id, r.provider, r.model, r.sheet_id,
  r.charge_status, CASE WHEN t.row_id IS NULL THEN FALSE ELSE TRUE END AS is_retry,
  MIN(r.workflow_rule) AS workflow_rule, MIN(r.workflow_name) AS workflow_name,
  COUNT(*) AS calls, COUNT(r.charge_usd) AS charged_calls,
  CAST(SUM(r.prompt_tokens) AS BIGINT) AS prompt_tokens,
  CAST(SUM(r.input) AS BIGINT) AS input,
  CAST(SUM(r.cache_read) AS BIGINT) AS cache_read,
  CAST(SUM(r.cache_write_5m) AS BIGINT) AS cache_write_5m,
  CAST(SUM(r.cache_write_1h) AS BIGINT) AS cache_write_1h,
  CAST(SUM(r.cache_write) AS BIGINT) AS cache_write,
  CAST(SUM(r.output) AS BIGINT) AS output,
  CAST(SUM(r.reasoning) AS BIGINT) AS reasoning,
  CAST(SUM(r.audio_in) AS BIGINT) AS audio_in,
  CAST(SUM(r.audio_cached_in) AS BIGINT) AS audio_cached_in,
  CAST(SUM(r.audio_out) AS BIGINT) AS audio_out,
  CAST(SUM(r.image_in) AS BIGINT) AS image_in,
  CAST(SUM(r.image_cached_in) AS BIGINT) AS image_cached_in,
  CAST(SUM(r.image_out) AS BIGINT) AS image_out,
  CAST(SUM(r.web_search) AS BIGINT) AS web_search,
  CAST(SUM(r.spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(r.charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(r.usage_usd) AS DECIMAL(38,15)) AS usage_usd,
  CAST(MAX(r.charge_usd) AS DECIMAL(38,15)) AS dearest_call_usd,
  MIN(r.started_us) AS started_us, MAX(COALESCE(r.ended_us, r.started_us)) AS ended_us
FROM book.rated AS r
LEFT JOIN (
  SELECT row_id FROM raw.request_row WHERE attempt > 1
) AS t ON r.request_row = t.row_id
GROUP BY COALESCE(r.workflow_id, ''), r.tenant_id, r.provider, r.model, r.sheet_id,
  r.charge_status, CASE WHEN t.row_id IS NULL THEN FALSE ELSE TRUE END
