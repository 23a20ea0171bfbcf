-- heavy
-- reads:  raw.request, raw.span, book.duplicate, book.call, book.usage_choice,
--         book.period
-- writes: book.ledger
-- grain:  one row a request of the period: a gateway row with the call that traces saw of it,
--         or a call that only traces saw; usage and model from whichever side knows best
WITH gateway AS (
  SELECT r.*
  FROM raw.request AS r
  LEFT JOIN book.duplicate AS d ON r.file_id = d.file_id AND r.line = d.line
  WHERE d.line IS NULL
),
traced AS (
  SELECT s.*, p.file_id AS met_file_id, p.line AS met_line, p.match_rule,
    c.call_id AS merged_call_id, c.session_id AS merged_session_id,
    c.workflow_id AS merged_workflow_id, c.workflow_name AS merged_workflow_name,
    COALESCE(c.team_id, c.tenant_tag, c.project_id, c.organization_id) AS merged_tenant,
    COALESCE(p.usage_source, 'trace') AS usage_source
  FROM book.call AS c
  INNER JOIN raw.span AS s ON c.file_id = s.file_id AND c.line = s.line AND c.item = s.item
  LEFT JOIN book.usage_choice AS p
    ON c.file_id = p.span_file_id AND c.line = p.span_line AND c.item = p.span_item
)
SELECT g.file_id, g.line, t.file_id AS span_file_id, t.line AS span_line,
  t.item AS span_item, t.match_rule, COALESCE(t.usage_source, 'gateway') AS usage_source,
  CASE WHEN g.file_id IS NULL THEN 'only_trace'
    WHEN t.file_id IS NULL THEN 'only_gateway' ELSE 'gateway_trace' END AS request_state,
  COALESCE(g.gateway, '') AS gateway,
  COALESCE(g.request_id, t.merged_call_id, t.response_id, t.trace_id || '/' || t.span_id)
    AS request_id,
  COALESCE(g.response_id, t.response_id) AS response_id,
  COALESCE(g.team_id, g.tenant_tag, g.project_id, g.organization_id, t.merged_tenant,
    'unattributed') AS tenant_id,
  CASE WHEN g.team_id IS NOT NULL THEN 'gateway team_id'
    WHEN g.tenant_tag IS NOT NULL THEN 'gateway tenant tag'
    WHEN g.project_id IS NOT NULL THEN 'gateway project_id'
    WHEN g.organization_id IS NOT NULL THEN 'gateway organization_id'
    WHEN t.merged_tenant IS NOT NULL THEN 'trace'
    ELSE 'none' END AS tenant_rule,
  g.team_name AS tenant_name, g.customer_id, g.user_id, g.api_key_id, g.api_key_name,
  COALESCE(g.workflow_id, t.merged_workflow_id, g.session_id, t.merged_session_id,
    g.trace_id, t.trace_id) AS workflow_id,
  CASE WHEN COALESCE(g.workflow_id, t.merged_workflow_id) IS NOT NULL THEN 'workflow_id'
    WHEN COALESCE(g.session_id, t.merged_session_id) IS NOT NULL THEN 'session_id'
    WHEN COALESCE(g.trace_id, t.trace_id) IS NOT NULL THEN 'trace_id'
    ELSE 'none' END AS workflow_rule,
  t.merged_workflow_name AS workflow_name,
  COALESCE(g.provider, t.provider, '') AS provider_raw,
  COALESCE(g.requested_model, t.requested_model) AS requested_model,
  CASE WHEN t.response_model_evidence = 'reported' THEN t.response_model
    WHEN g.response_model_evidence = 'reported' THEN g.response_model
    ELSE COALESCE(g.response_model, t.response_model, '') END AS model_raw,
  CASE WHEN t.response_model_evidence = 'reported'
      OR g.response_model_evidence = 'reported' THEN 'reported'
    WHEN COALESCE(g.response_model, t.response_model) IS NULL THEN 'missing'
    ELSE 'equals_request' END AS response_model_evidence,
  COALESCE(g.response_model, '') AS gateway_model_raw,
  COALESCE(t.service_tier, g.service_tier, '') AS tier_raw,
  COALESCE(g.region, '') AS region_raw,
  COALESCE(g.status, t.status, 'success') AS status,
  COALESCE(g.gateway_cache, 'unknown') AS gateway_cache,
  COALESCE(g.is_streamed, t.is_streamed, FALSE) AS is_streamed,
  COALESCE(g.operation, t.operation) AS operation,
  CASE WHEN t.usage_source = 'trace' THEN t.input ELSE g.input END AS input,
  CASE WHEN t.usage_source = 'trace' THEN t.cache_read ELSE g.cache_read END AS cache_read,
  CASE WHEN t.usage_source = 'trace' THEN t.cache_write_5m ELSE g.cache_write_5m END
    AS cache_write_5m,
  CASE WHEN t.usage_source = 'trace' THEN t.cache_write_1h ELSE g.cache_write_1h END
    AS cache_write_1h,
  CASE WHEN t.usage_source = 'trace' THEN t.cache_write ELSE g.cache_write END AS cache_write,
  CASE WHEN t.usage_source = 'trace' THEN t.output ELSE g.output END AS output,
  CASE WHEN t.usage_source = 'trace' THEN t.reasoning ELSE g.reasoning END AS reasoning,
  CASE WHEN t.usage_source = 'trace' THEN t.audio_in ELSE g.audio_in END AS audio_in,
  CASE WHEN t.usage_source = 'trace' THEN t.audio_cached_in ELSE g.audio_cached_in END
    AS audio_cached_in,
  CASE WHEN t.usage_source = 'trace' THEN t.audio_out ELSE g.audio_out END AS audio_out,
  CASE WHEN t.usage_source = 'trace' THEN t.image_in ELSE g.image_in END AS image_in,
  CASE WHEN t.usage_source = 'trace' THEN t.image_cached_in ELSE g.image_cached_in END
    AS image_cached_in,
  CASE WHEN t.usage_source = 'trace' THEN t.image_out ELSE g.image_out END AS image_out,
  COALESCE(g.web_search, t.web_search) AS web_search,
  CASE WHEN t.usage_source = 'trace' THEN t.prompt_tokens ELSE g.prompt_tokens END
    AS prompt_tokens,
  CASE WHEN t.usage_source = 'trace' THEN t.usage_convention ELSE g.usage_convention END
    AS usage_convention,
  CASE WHEN t.usage_source = 'trace' THEN t.usage_problem ELSE g.usage_problem END
    AS usage_problem,
  g.prompt_tokens AS gateway_prompt_tokens, t.prompt_tokens AS trace_prompt_tokens,
  COALESCE(g.output, 0) + COALESCE(g.reasoning, 0) + COALESCE(g.audio_out, 0)
    + COALESCE(g.image_out, 0) AS gateway_answered,
  COALESCE(t.output, 0) + COALESCE(t.reasoning, 0) + COALESCE(t.audio_out, 0)
    + COALESCE(t.image_out, 0) AS trace_answered,
  g.cache_read AS gateway_cache_read,
  g.spend_usd, g.spend_original_usd, g.spend_text, g.spend_status,
  COALESCE(t.trace_id, g.trace_id) AS trace_id, t.span_id,
  COALESCE(g.started_us, t.started_us) AS started_us,
  COALESCE(g.ended_us, t.ended_us) AS ended_us,
  COALESCE(g.started_day, t.started_day) AS started_day,
  COALESCE(g.ended_day, g.started_day, t.started_day) AS ended_day
FROM gateway AS g
FULL OUTER JOIN traced AS t ON g.file_id = t.met_file_id AND g.line = t.met_line
WHERE COALESCE(g.started_us, t.started_us) >= (SELECT period_from_us FROM book.period)
  AND COALESCE(g.started_us, t.started_us) < (SELECT period_to_us FROM book.period)
