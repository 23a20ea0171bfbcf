-- reads:  book.rated, book.sheet, raw.request_row
-- writes: book.workflow
-- grain:  one row a workflow run: calls, failed attempts and retries with their price, tokens by
--         type, charge, and what caching saved: cached tokens at the price of uncached ones less
--         what they cost, less what cache writes cost on top of uncached tokens.
-- Summed in one pass: summing parts by model first took as long, and twice as much memory. Each sum
-- makes all runs wider and so slower, which is why what few calls have is summed of those alone:
-- here is only noted which of these counts any call of the run states, since none is not 0.
WITH call AS (
  SELECT COALESCE(r.workflow_id, '') AS workflow_id, r.workflow_rule, r.workflow_name, r.tenant_id,
    r.model, r.prompt_tokens, r.input, r.cache_read, r.cache_write_5m, r.output, r.reasoning,
    r.audio_out, r.image_out, r.spend_usd, r.charge_usd, r.started_us, r.ended_us,
    CASE WHEN r.cache_write_1h IS NULL THEN 0 ELSE 1 END
      + CASE WHEN r.cache_write IS NULL THEN 0 ELSE 2 END
      + CASE WHEN r.audio_in IS NULL THEN 0 ELSE 4 END
      + CASE WHEN r.audio_cached_in IS NULL THEN 0 ELSE 8 END
      + CASE WHEN r.audio_out IS NULL THEN 0 ELSE 16 END
      + CASE WHEN r.image_in IS NULL THEN 0 ELSE 32 END
      + CASE WHEN r.image_cached_in IS NULL THEN 0 ELSE 64 END
      + CASE WHEN r.image_out IS NULL THEN 0 ELSE 128 END
      + CASE WHEN r.web_search IS NULL THEN 0 ELSE 256 END AS stated,
    CASE WHEN r.charge_status = 'rated' THEN CAST(
      CASE WHEN r.cache_read > 0 THEN CAST(r.cache_read AS DECIMAL(18,0))
        * COALESCE(s.input - s.cache_read, 0) ELSE 0.000000000000000 END
      - CASE WHEN r.cache_write_5m > 0 THEN CAST(r.cache_write_5m AS DECIMAL(18,0))
        * COALESCE(s.cache_write_5m - s.input, 0) ELSE 0.000000000000000 END
      + CASE WHEN COALESCE(r.audio_cached_in, 0) + COALESCE(r.image_cached_in, 0)
          + COALESCE(r.cache_write_1h, 0) + COALESCE(r.cache_write, 0) > 0
        THEN CAST(COALESCE(r.audio_cached_in, 0) AS DECIMAL(18,0))
            * COALESCE(s.audio_in - s.audio_cached_in, 0)
          + CAST(COALESCE(r.image_cached_in, 0) AS DECIMAL(18,0))
            * COALESCE(s.image_in - s.image_cached_in, 0)
          - CAST(COALESCE(r.cache_write_1h, 0) AS DECIMAL(18,0))
            * COALESCE(s.cache_write_1h - s.input, 0)
          - CAST(COALESCE(r.cache_write, 0) AS DECIMAL(18,0))
            * COALESCE(s.cache_write - s.input, 0)
        ELSE 0.000000000000000 END AS DECIMAL(38,15))
      ELSE 0.000000000000000 END AS cache_saved_usd
  FROM book.rated AS r
  LEFT JOIN book.sheet AS s ON r.sheet_id = s.sheet_id
),
summed AS MATERIALIZED (
  SELECT workflow_id, MIN(workflow_rule) AS workflow_rule, MIN(workflow_name) AS workflow_name,
    MIN(tenant_id) AS tenant_id, MAX(tenant_id) AS last_tenant_id, MIN(model) AS model,
    MAX(model) AS last_model, COUNT(*) AS calls, COUNT(*) - COUNT(charge_usd) AS unpriced,
    CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
    CAST(SUM(COALESCE(output, 0) + COALESCE(reasoning, 0) + COALESCE(audio_out, 0)
      + COALESCE(image_out, 0)) AS BIGINT) AS answered_tokens,
    CAST(SUM(input) AS BIGINT) AS input, CAST(SUM(cache_read) AS BIGINT) AS cache_read,
    CAST(SUM(cache_write_5m) AS BIGINT) AS cache_write_5m, CAST(SUM(output) AS BIGINT) AS output,
    CAST(SUM(reasoning) AS BIGINT) AS reasoning, BIT_OR(stated) AS stated,
    CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
    CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
    CAST(MAX(charge_usd) AS DECIMAL(38,15)) AS dearest_call_usd,
    CAST(SUM(cache_saved_usd) AS DECIMAL(38,15)) AS cache_saved_usd,
    MIN(started_us) AS started_us, MAX(COALESCE(ended_us, started_us)) AS ended_us
  FROM call
  GROUP BY workflow_id
),
-- The calls that failed, were tried again or were answered from the gateway's cache, and those of
-- uncommon kinds of tokens.
uncommon AS (
  SELECT COALESCE(r.workflow_id, '') AS workflow_id,
    COUNT(*) FILTER (r.charge_status = 'failed_attempt') AS failed_attempts,
    COUNT(*) FILTER (t.row_id IS NOT NULL) AS retries,
    COUNT(*) FILTER (r.charge_status = 'gateway_cache_hit') AS gateway_cache_hits,
    CAST(SUM(r.cache_write_1h) AS BIGINT) AS cache_write_1h,
    CAST(SUM(r.cache_write) AS BIGINT) AS cache_write, CAST(SUM(r.audio_in) AS BIGINT) AS audio_in,
    CAST(SUM(r.audio_cached_in) AS BIGINT) AS audio_cached_in,
    CAST(SUM(r.audio_out) AS BIGINT) AS audio_out, CAST(SUM(r.image_in) AS BIGINT) AS image_in,
    CAST(SUM(r.image_cached_in) AS BIGINT) AS image_cached_in,
    CAST(SUM(r.image_out) AS BIGINT) AS image_out, CAST(SUM(r.web_search) AS BIGINT) AS web_search,
    CAST(SUM(r.usage_usd) FILTER (r.charge_status = 'failed_attempt') AS DECIMAL(38,15))
      AS failed_list_usd,
    CAST(SUM(r.spend_usd) FILTER (r.charge_status = 'failed_attempt') AS DECIMAL(38,15))
      AS failed_spend_usd,
    CAST(SUM(r.charge_usd) FILTER (t.row_id IS NOT NULL) AS DECIMAL(38,15)) AS retry_usd
  FROM book.rated AS r
  LEFT JOIN (
    SELECT row_id FROM raw.request_row WHERE attempt > 1
  ) AS t ON r.request_row = t.row_id
  WHERE r.charge_status IN ('failed_attempt', 'gateway_cache_hit') OR t.row_id IS NOT NULL
    OR r.cache_write_1h > 0 OR r.cache_write > 0 OR r.audio_in > 0 OR r.audio_cached_in > 0
    OR r.audio_out > 0 OR r.image_in > 0 OR r.image_cached_in > 0 OR r.image_out > 0
    OR r.web_search > 0
  GROUP BY COALESCE(r.workflow_id, '')
),
-- Most runs have at most two tenants and two models, the first and the last by name: the different
-- ones are counted only of the others.
varied AS (
  SELECT s.workflow_id
  FROM summed AS s
  INNER JOIN (
    SELECT COALESCE(workflow_id, '') AS workflow_id, tenant_id, model FROM book.rated
  ) AS r ON s.workflow_id = r.workflow_id
  WHERE (s.model <> s.last_model OR s.tenant_id <> s.last_tenant_id)
    AND (r.model > s.model AND r.model < s.last_model
      OR r.tenant_id > s.tenant_id AND r.tenant_id < s.last_tenant_id)
),
mixed AS (
  SELECT r.workflow_id, COUNT(DISTINCT r.tenant_id) AS tenants, COUNT(DISTINCT r.model) AS models,
    string_agg(DISTINCT NULLIF(r.model, ''), ', ' ORDER BY NULLIF(r.model, '')) AS model_names
  FROM (
    SELECT COALESCE(workflow_id, '') AS workflow_id, CAST(tenant_id AS VARCHAR) AS tenant_id,
      CAST(model AS VARCHAR) AS model
    FROM book.rated
  ) AS r
  WHERE r.workflow_id IN (SELECT workflow_id FROM varied)
  GROUP BY r.workflow_id
)
SELECT s.workflow_id, CAST(s.workflow_rule AS VARCHAR) AS workflow_rule,
  CAST(s.workflow_name AS VARCHAR) AS workflow_name, CAST(s.tenant_id AS VARCHAR) AS tenant_id,
  s.calls,
  COALESCE(u.failed_attempts, 0) AS failed_attempts, COALESCE(u.retries, 0) AS retries,
  COALESCE(u.gateway_cache_hits, 0) AS gateway_cache_hits, s.unpriced, s.prompt_tokens,
  s.answered_tokens, s.input, s.cache_read, s.cache_write_5m,
  CASE WHEN s.stated & 1 > 0 THEN COALESCE(u.cache_write_1h, 0) END AS cache_write_1h,
  CASE WHEN s.stated & 2 > 0 THEN COALESCE(u.cache_write, 0) END AS cache_write,
  s.output, s.reasoning,
  CASE WHEN s.stated & 4 > 0 THEN COALESCE(u.audio_in, 0) END AS audio_in,
  CASE WHEN s.stated & 8 > 0 THEN COALESCE(u.audio_cached_in, 0) END AS audio_cached_in,
  CASE WHEN s.stated & 16 > 0 THEN COALESCE(u.audio_out, 0) END AS audio_out,
  CASE WHEN s.stated & 32 > 0 THEN COALESCE(u.image_in, 0) END AS image_in,
  CASE WHEN s.stated & 64 > 0 THEN COALESCE(u.image_cached_in, 0) END AS image_cached_in,
  CASE WHEN s.stated & 128 > 0 THEN COALESCE(u.image_out, 0) END AS image_out,
  CASE WHEN s.stated & 256 > 0 THEN COALESCE(u.web_search, 0) END AS web_search,
  s.spend_usd, s.charge_usd, s.dearest_call_usd, u.failed_list_usd, u.failed_spend_usd,
  u.retry_usd, s.cache_saved_usd, s.started_us, s.ended_us,
  COALESCE(m.tenants, CASE WHEN s.tenant_id <> s.last_tenant_id THEN 2 ELSE 1 END) AS tenants,
  COALESCE(m.models, CASE WHEN s.model IS NULL THEN 0 WHEN s.model <> s.last_model THEN 2
    ELSE 1 END) AS models,
  CASE WHEN m.workflow_id IS NOT NULL THEN m.model_names
    WHEN s.model <> s.last_model AND CAST(s.model AS VARCHAR) <> ''
      THEN CAST(s.model AS VARCHAR) || ', ' || CAST(s.last_model AS VARCHAR)
    ELSE NULLIF(CAST(s.last_model AS VARCHAR), '') END AS model_names
FROM summed AS s
LEFT JOIN uncommon AS u ON s.workflow_id = u.workflow_id
LEFT JOIN mixed AS m ON s.workflow_id = m.workflow_id
