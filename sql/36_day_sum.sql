-- heavy
-- reads:  book.rated, book.workflow, book.answer, raw.request_kind, raw.span_kind
-- writes: book.day_sum
-- grain:  one row a UTC day, tenant, gateway and its release, provider, model, price, state,
--         caller, route and how it has each of the signals that attribution needs: sums of its
--         requests. What other files than a request's own decide (what is withheld, by which
--         names buckets are compared) is for later stages: the sums of a day hold until its
--         requests change, or the runs that these are in
WITH logged AS (
  SELECT request_row FROM book.answer WHERE request_row IS NOT NULL GROUP BY request_row
),
-- Runs of several calls in which a session or trace stands for a workflow, or in which calls are
-- of other classes than the run: what tenants pay is summed by the class of the run.
several AS (
  SELECT workflow_id, workflow_name FROM book.workflow WHERE calls > 1 AND (stands_for OR renames)
),
told AS (
  SELECT r.started_day, r.tenant_id, r.tenant_rule, r.gateway, r.gateway_version,
    CASE WHEN r.gateway = '' THEN s.dialect END AS dialect, r.provider, r.model, r.model_raw,
    r.sheet_id, r.charge_status, r.request_state, r.gateway_cache,
    CASE WHEN w.workflow_id IS NULL THEN r.workflow_name ELSE w.workflow_name END
      AS workflow_name,
    COALESCE(g.operation, s.operation, '') AS operation,
    COALESCE(g.requested_model, s.requested_model, '') AS requested_model,
    COALESCE(g.organization_id, s.organization_id) AS organization_id,
    COALESCE(g.project_id, s.project_id) AS project_id,
    COALESCE(g.api_key_id, s.api_key_id) AS api_key_id,
    COALESCE(g.api_key_name, s.api_key_name) AS api_key_name,
    g.api_key_id AS gateway_key_id, g.withheld,
    CASE WHEN g.withheld IS NOT NULL THEN r.request_file END AS request_file,
    CASE WHEN r.match_rule IS NOT NULL THEN 'met'
      WHEN n.request_row IS NOT NULL THEN 'logged'
      WHEN NOT r.has_id THEN 'no id' ELSE 'id' END AS request_id,
    CASE WHEN r.charge_status = 'failed_attempt' THEN 'failed'
      WHEN r.usage_source = 'gateway' AND g.usage_origin = 'estimated' THEN 'estimated'
      WHEN r.prompt_tokens IS NULL OR r.charge_status = 'no_usage' THEN 'no counts'
      WHEN r.cache_read IS NULL AND r.reasoning IS NULL AND r.cache_write IS NULL
        AND r.cache_write_5m IS NULL THEN 'sums'
      WHEN r.cache_write > 0 THEN 'no lifetime'
      ELSE 'split' END AS token_types, r.response_model_evidence,
    CASE r.workflow_rule WHEN 'workflow_id' THEN 'named' WHEN 'none' THEN 'not named'
      WHEN 'session_id'
        THEN CASE WHEN w.workflow_id IS NULL THEN 'session once' ELSE 'session' END
      ELSE CASE WHEN w.workflow_id IS NULL THEN 'trace once' ELSE 'trace' END END AS workflow,
    r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output,
    r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in, r.image_cached_in,
    r.image_out, r.web_search, r.spend_usd, r.charge_usd
  FROM book.rated AS r
  LEFT JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  LEFT JOIN raw.span_kind AS s ON r.span_kind = s.kind_id
  LEFT JOIN logged AS n ON r.request_row = n.request_row
  LEFT JOIN several AS w ON r.workflow_id = w.workflow_id
)
SELECT started_day, tenant_id, tenant_rule, gateway, gateway_version, dialect, provider, model,
  model_raw, sheet_id, charge_status, request_state, gateway_cache, workflow_name, operation,
  requested_model, organization_id, project_id, api_key_id, api_key_name, gateway_key_id,
  withheld, request_file, request_id, token_types, response_model_evidence, workflow,
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
  COUNT(*) AS requests, COUNT(spend_usd) AS spend_rows,
  COUNT(*) FILTER (WHERE charge_usd > 0) AS charged_rows,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd
FROM told
GROUP BY started_day, tenant_id, tenant_rule, gateway, gateway_version, dialect, provider, model,
  model_raw, sheet_id, charge_status, request_state, gateway_cache, workflow_name, operation,
  requested_model, organization_id, project_id, api_key_id, api_key_name, gateway_key_id,
  withheld, request_file, request_id, token_types, response_model_evidence, workflow
