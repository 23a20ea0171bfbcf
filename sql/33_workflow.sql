-- reads:  book.rated, book.sheet, raw.request_row
-- writes: book.workflow
-- grain:  one row a workflow run: calls, failed attempts and retries with their price, tokens by
--         type, charge, and what caching saved: cached tokens at the price of uncached ones less
--         what they cost, less what cache writes cost on top of uncached tokens. Summed in one
--         pass: summing parts by model first took as long, and twice as much memory
WITH call AS (
  SELECT COALESCE(r.workflow_id, '') AS workflow_id, r.workflow_rule, r.workflow_name, r.tenant_id,
    r.model, r.charge_status, CASE WHEN t.row_id IS NULL THEN FALSE ELSE TRUE END AS is_retry,
    r.prompt_tokens, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write,
    r.output, r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in,
    r.image_cached_in, r.image_out, r.web_search, r.spend_usd, r.charge_usd, r.usage_usd,
    r.started_us, r.ended_us,
    CASE WHEN r.charge_status = 'rated' AND COALESCE(r.cache_read, 0)
        + COALESCE(r.audio_cached_in, 0) + COALESCE(r.image_cached_in, 0)
        + COALESCE(r.cache_write_5m, 0) + COALESCE(r.cache_write_1h, 0)
        + COALESCE(r.cache_write, 0) > 0 THEN CAST(
      CAST(COALESCE(r.cache_read, 0) AS DECIMAL(18,0)) * COALESCE(s.input - s.cache_read, 0)
      + CAST(COALESCE(r.audio_cached_in, 0) AS DECIMAL(18,0))
        * COALESCE(s.audio_in - s.audio_cached_in, 0)
      + CAST(COALESCE(r.image_cached_in, 0) AS DECIMAL(18,0))
        * COALESCE(s.image_in - s.image_cached_in, 0)
      - CAST(COALESCE(r.cache_write_5m, 0) AS DECIMAL(18,0))
        * COALESCE(s.cache_write_5m - s.input, 0)
      - CAST(COALESCE(r.cache_write_1h, 0) AS DECIMAL(18,0))
        * COALESCE(s.cache_write_1h - s.input, 0)
      - CAST(COALESCE(r.cache_write, 0) AS DECIMAL(18,0)) * COALESCE(s.cache_write - s.input, 0)
      AS DECIMAL(38,15)) ELSE CAST(0 AS DECIMAL(38,15)) END AS cache_saved_usd
  FROM book.rated AS r
  LEFT JOIN (
    SELECT row_id FROM raw.request_row WHERE attempt > 1
  ) AS t ON r.request_row = t.row_id
  LEFT JOIN book.sheet AS s ON r.sheet_id = s.sheet_id
),
summed AS MATERIALIZED (
  SELECT workflow_id, MIN(workflow_rule) AS workflow_rule, MIN(workflow_name) AS workflow_name,
    MIN(tenant_id) AS tenant_id, MAX(tenant_id) AS last_tenant_id, MIN(model) AS model,
    MAX(model) AS last_model, COUNT(*) AS calls,
    COUNT(*) FILTER (charge_status = 'failed_attempt') AS failed_attempts,
    COUNT(*) FILTER (is_retry) AS retries,
    COUNT(*) FILTER (charge_status = 'gateway_cache_hit') AS gateway_cache_hits,
    COUNT(*) - COUNT(charge_usd) AS unpriced,
    CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
    CAST(SUM(COALESCE(output, 0) + COALESCE(reasoning, 0) + COALESCE(audio_out, 0)
      + COALESCE(image_out, 0)) AS BIGINT) AS answered_tokens,
    CAST(SUM(input) AS BIGINT) AS input, CAST(SUM(cache_read) AS BIGINT) AS cache_read,
    CAST(SUM(cache_write_5m) AS BIGINT) AS cache_write_5m,
    CAST(SUM(cache_write_1h) AS BIGINT) AS cache_write_1h,
    CAST(SUM(cache_write) AS BIGINT) AS cache_write, CAST(SUM(output) AS BIGINT) AS output,
    CAST(SUM(reasoning) AS BIGINT) AS reasoning, CAST(SUM(audio_in) AS BIGINT) AS audio_in,
    CAST(SUM(audio_cached_in) AS BIGINT) AS audio_cached_in,
    CAST(SUM(audio_out) AS BIGINT) AS audio_out, CAST(SUM(image_in) AS BIGINT) AS image_in,
    CAST(SUM(image_cached_in) AS BIGINT) AS image_cached_in,
    CAST(SUM(image_out) AS BIGINT) AS image_out, CAST(SUM(web_search) AS BIGINT) AS web_search,
    CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
    CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
    CAST(MAX(charge_usd) AS DECIMAL(38,15)) AS dearest_call_usd,
    CAST(SUM(usage_usd) FILTER (charge_status = 'failed_attempt') AS DECIMAL(38,15))
      AS failed_list_usd,
    CAST(SUM(spend_usd) FILTER (charge_status = 'failed_attempt') AS DECIMAL(38,15))
      AS failed_spend_usd,
    CAST(SUM(charge_usd) FILTER (is_retry) AS DECIMAL(38,15)) AS retry_usd,
    CAST(SUM(cache_saved_usd) AS DECIMAL(38,15)) AS cache_saved_usd,
    MIN(started_us) AS started_us, MAX(COALESCE(ended_us, started_us)) AS ended_us
  FROM call
  GROUP BY workflow_id
),
-- Most runs have one tenant and one model: only the others are looked at for the different ones.
mixed AS (
  SELECT r.workflow_id, COUNT(DISTINCT r.tenant_id) AS tenants, COUNT(DISTINCT r.model) AS models,
    string_agg(DISTINCT NULLIF(r.model, ''), ', ' ORDER BY NULLIF(r.model, '')) AS model_names
  FROM (
    SELECT COALESCE(workflow_id, '') AS workflow_id, tenant_id, model FROM book.rated
  ) AS r
  WHERE r.workflow_id IN (
    SELECT workflow_id FROM summed WHERE model <> last_model OR tenant_id <> last_tenant_id)
  GROUP BY r.workflow_id
)
SELECT s.* EXCLUDE (model, last_model, last_tenant_id), COALESCE(m.tenants, 1) AS tenants,
  COALESCE(m.models, CASE WHEN s.model IS NULL THEN 0 ELSE 1 END) AS models,
  CASE WHEN m.workflow_id IS NULL THEN NULLIF(s.model, '') ELSE m.model_names END AS model_names
FROM summed AS s LEFT JOIN mixed AS m ON s.workflow_id = m.workflow_id
