-- reads:  book.run, book.rated, raw.request_row, raw.span_row, raw.span_kind
-- writes: book.workflow
-- drops: book.run
-- grain:  one row a workflow run: calls, failed attempts and retries with their price, tokens by
--         type, charge, and what caching saved. It is of one class, that of the outermost named
--         workflow in it; renames says that some calls stand in another, or in none
-- The calls that failed, were tried again or were answered from the gateway's cache, and those of
-- uncommon kinds of tokens.
WITH uncommon AS (
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
  FROM book.run AS s
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
),
-- The traces of the few runs in which several workflows are named, and the spans that name them.
named_trace AS (
  SELECT DISTINCT s.workflow_id, p.trace_id
  FROM book.run AS s
  INNER JOIN book.rated AS r ON s.workflow_id = r.workflow_id
  INNER JOIN raw.span_row AS p ON r.span_row = p.row_id
  WHERE s.workflow_name <> s.last_workflow_name
),
naming AS (
  SELECT p.trace_id, p.span_id, p.parent_span_id, k.workflow_name, p.started_us
  FROM raw.span_row AS p
  INNER JOIN raw.span_kind AS k ON p.kind_id = k.kind_id
  WHERE k.workflow_name IS NOT NULL AND p.trace_id IN (SELECT trace_id FROM named_trace)
),
-- A span takes its name from the one above it. Of several without such, the first counts.
outermost AS (
  SELECT t.workflow_id,
    arg_min(n.workflow_name, (n.started_us, n.workflow_name)) AS workflow_name
  FROM named_trace AS t
  INNER JOIN naming AS n ON t.trace_id = n.trace_id
  LEFT JOIN naming AS a ON n.trace_id = a.trace_id AND n.parent_span_id = a.span_id
  WHERE a.span_id IS NULL
  GROUP BY t.workflow_id
)
SELECT s.workflow_id,
  CASE WHEN s.stated & 512 > 0 THEN 'workflow_id' WHEN s.stated & 1024 > 0 THEN 'session_id'
    WHEN s.stated & 2048 > 0 THEN 'trace_id' ELSE 'none' END AS workflow_rule,
  COALESCE(o.workflow_name, CAST(s.workflow_name AS VARCHAR)) AS workflow_name,
  CASE WHEN s.workflow_name <> s.last_workflow_name
      OR s.workflow_name IS NOT NULL AND s.stated & 4096 > 0 THEN TRUE ELSE FALSE END AS renames,
  CASE WHEN s.stated & 3072 > 0 THEN TRUE ELSE FALSE END AS stands_for,
  CAST(s.tenant_id AS VARCHAR) AS tenant_id, s.calls,
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
FROM book.run AS s
LEFT JOIN uncommon AS u ON s.workflow_id = u.workflow_id
LEFT JOIN mixed AS m ON s.workflow_id = m.workflow_id
LEFT JOIN outermost AS o ON s.workflow_id = o.workflow_id
