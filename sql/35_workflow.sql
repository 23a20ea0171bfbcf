-- reads:  book.part, book.sheet
-- writes: book.workflow
-- drops: book.part
-- grain:  one row a workflow run: calls, failed attempts and retries with their price, tokens by
--         type, charge, and what caching saved: cached tokens at the price of uncached ones less
--         what they cost, less what cache writes cost on top of uncached tokens
WITH saved AS (
  SELECT p.*, CASE WHEN p.charge_status = 'rated' THEN CAST(
      CAST(COALESCE(p.cache_read, 0) AS DECIMAL(18,0)) * COALESCE(s.input - s.cache_read, 0)
      + CAST(COALESCE(p.audio_cached_in, 0) AS DECIMAL(18,0))
        * COALESCE(s.audio_in - s.audio_cached_in, 0)
      + CAST(COALESCE(p.image_cached_in, 0) AS DECIMAL(18,0))
        * COALESCE(s.image_in - s.image_cached_in, 0)
      - CAST(COALESCE(p.cache_write_5m, 0) AS DECIMAL(18,0))
        * COALESCE(s.cache_write_5m - s.input, 0)
      - CAST(COALESCE(p.cache_write_1h, 0) AS DECIMAL(18,0))
        * COALESCE(s.cache_write_1h - s.input, 0)
      - CAST(COALESCE(p.cache_write, 0) AS DECIMAL(18,0)) * COALESCE(s.cache_write - s.input, 0)
      AS DECIMAL(38,15)) ELSE CAST(0 AS DECIMAL(38,15)) END AS cache_saved_usd
  FROM book.part AS p LEFT JOIN book.sheet AS s ON p.sheet_id = s.sheet_id
),
-- Most runs have one tenant and one model: only the others are looked at for the different ones.
mixed AS (
  SELECT workflow_id, COUNT(DISTINCT tenant_id) AS tenants, COUNT(DISTINCT model) AS models,
    string_agg(DISTINCT NULLIF(model, ''), ', ' ORDER BY NULLIF(model, '')) AS model_names
  FROM book.part
  WHERE workflow_id IN (
    SELECT workflow_id FROM book.part GROUP BY workflow_id
    HAVING MIN(model) <> MAX(model) OR MIN(tenant_id) <> MAX(tenant_id))
  GROUP BY workflow_id
),
summed AS (
  SELECT workflow_id, MIN(workflow_rule) AS workflow_rule, MIN(workflow_name) AS workflow_name,
    MIN(tenant_id) AS tenant_id, MIN(model) AS model,
    CAST(SUM(calls) AS BIGINT) AS calls,
    CAST(COALESCE(SUM(calls) FILTER (charge_status = 'failed_attempt'), 0) AS BIGINT)
      AS failed_attempts,
    CAST(COALESCE(SUM(calls) FILTER (is_retry), 0) AS BIGINT) AS retries,
    CAST(COALESCE(SUM(calls) FILTER (charge_status = 'gateway_cache_hit'), 0) AS BIGINT)
      AS gateway_cache_hits,
    CAST(SUM(calls - charged_calls) AS BIGINT) AS unpriced,
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
    CAST(MAX(dearest_call_usd) AS DECIMAL(38,15)) AS dearest_call_usd,
    CAST(SUM(usage_usd) FILTER (charge_status = 'failed_attempt') AS DECIMAL(38,15))
      AS failed_list_usd,
    CAST(SUM(spend_usd) FILTER (charge_status = 'failed_attempt') AS DECIMAL(38,15))
      AS failed_spend_usd,
    CAST(SUM(charge_usd) FILTER (is_retry) AS DECIMAL(38,15)) AS retry_usd,
    CAST(SUM(cache_saved_usd) AS DECIMAL(38,15)) AS cache_saved_usd,
    MIN(started_us) AS started_us, MAX(ended_us) AS ended_us
  FROM saved
  GROUP BY workflow_id
)
SELECT s.* EXCLUDE (model), COALESCE(m.tenants, 1) AS tenants,
  COALESCE(m.models, CASE WHEN s.model IS NULL THEN 0 ELSE 1 END) AS models,
  CASE WHEN m.workflow_id IS NULL THEN NULLIF(s.model, '') ELSE m.model_names END AS model_names
FROM summed AS s LEFT JOIN mixed AS m ON s.workflow_id = m.workflow_id
