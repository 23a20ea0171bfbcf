-- heavy
-- reads:  book.counted, raw.request_kind, raw.span, raw.span_row, raw.span_kind, book.duplicate,
--         book.same_call, book.inherited, book.pair, book.lone_call, book.told_tenant,
--         book.answer, book.stated_version, book.sold_as
-- writes: book.ledger as a view
-- grain:  one row a request: a gateway row with the call that traces saw of it, or a call that
--         only traces saw; usage and model from whichever side knows best. What is only shown
--         (keys, users, line numbers) stays in raw and is joined by row when published; by their
--         kinds, 0 for none, requests know what thousands have in common. The gateway's release is
--         told by the row, its span, a logged header of the response, or the settings. In Bifrost a
--         team is one of a customer's, so the tag, which holds that, goes before it. It is read
--         once, by rating, which leaves out what is not of the period
WITH stated AS (
  SELECT g.kind_id, MAX(v.version) AS version
  FROM book.stated_version AS v
  INNER JOIN raw.request_kind AS g
    ON v.gateway = g.gateway AND g.started_day >= v.from_day
    AND (v.to_day = '' OR g.started_day < v.to_day)
  GROUP BY g.kind_id
),
from_gateway AS (
  SELECT r.row_id AS request_row, p.span_row, r.file_id AS request_file,
    r.kind_id AS request_kind, COALESCE(p.span_kind, 0) AS span_kind, p.match_rule, r.gateway,
    COALESCE(r.gateway_version, k.gateway_version, a.gateway_version, v.version)
      AS gateway_version,
    r.call_id IS NOT NULL OR r.provider_request_id IS NOT NULL OR r.response_id IS NOT NULL
      AS has_id,
    CASE WHEN p.is_trace_usage THEN 'trace' ELSE 'gateway' END AS usage_source,
    CASE WHEN p.span_row IS NULL THEN 'only_gateway' ELSE 'gateway_trace' END AS request_state,
    n.tenant_id AS told_tenant, n.tenant_rule AS told_rule,
    CASE WHEN r.gateway IN ('bifrost', 'truefoundry') AND r.tenant_tag IS NOT NULL
      THEN r.tenant_tag
      ELSE COALESCE(r.team_id, r.tenant_tag, r.project_id, r.organization_id) END AS gateway_tenant,
    CASE WHEN r.gateway IN ('bifrost', 'truefoundry') AND r.tenant_tag IS NOT NULL
      THEN 'gateway tenant tag' WHEN r.team_id IS NOT NULL THEN 'gateway team_id'
      WHEN r.tenant_tag IS NOT NULL THEN 'gateway tenant tag'
      WHEN r.project_id IS NOT NULL THEN 'gateway project_id'
      ELSE 'gateway organization_id' END AS gateway_tenant_rule,
    COALESCE(m.tenant, k.team_id, k.tenant_tag, k.project_id, k.organization_id, h.tenant)
      AS trace_tenant,
    COALESCE(r.workflow_id, m.workflow_id, s.workflow_id, h.workflow_id) AS workflow_id,
    -- LiteLLM makes up a session, a random UUID, where the caller sends none.
    CASE WHEN r.gateway = 'litellm' AND r.session_id LIKE '________-____-4___-____-____________'
      THEN COALESCE(m.session_id, s.session_id, h.session_id, r.session_id)
      ELSE COALESCE(r.session_id, m.session_id, s.session_id, h.session_id) END AS session_id,
    COALESCE(r.trace_id, s.trace_id) AS trace_id,
    COALESCE(m.workflow_name, k.workflow_name, h.workflow_name) AS workflow_name,
    COALESCE(r.provider, m.provider, k.provider, '') AS provider_raw,
    COALESCE(w.sold_model, CASE WHEN k.response_model_evidence = 'reported' THEN k.response_model
      ELSE COALESCE(m.model, r.response_model, k.response_model, '') END) AS model_raw,
    CASE WHEN k.response_model_evidence = 'reported' OR m.model IS NOT NULL
        OR r.response_model_evidence = 'reported' THEN 'reported'
      WHEN COALESCE(r.response_model, k.response_model) IS NULL THEN 'missing'
      ELSE 'equals_request' END AS response_model_evidence,
    COALESCE(CASE r.service_tier WHEN 'batch' THEN 'batch' END, m.service_tier, k.service_tier,
      r.service_tier, '') AS tier_raw, COALESCE(r.region, '') AS region_raw, r.status,
    -- A row may split the prompt that its span counts whole, telling no cached tokens.
    r.gateway_cache, CASE WHEN p.is_trace_usage AND (u.cache_read IS NOT NULL
      OR COALESCE(r.input + NULLIF(r.cache_read, 0), -1) <> COALESCE(u.input, 0))
      THEN u.input ELSE r.input END AS input, CASE WHEN p.is_trace_usage
      AND (u.cache_read IS NOT NULL OR COALESCE(r.input + NULLIF(r.cache_read, 0), -1)
      <> COALESCE(u.input, 0)) THEN u.cache_read ELSE r.cache_read END AS cache_read,
    CASE WHEN p.is_trace_usage THEN u.cache_write_5m ELSE r.cache_write_5m END AS cache_write_5m,
    CASE WHEN p.is_trace_usage THEN u.cache_write_1h ELSE r.cache_write_1h END AS cache_write_1h,
    CASE WHEN p.is_trace_usage THEN u.cache_write ELSE r.cache_write END AS cache_write,
    CASE WHEN p.is_trace_usage THEN u.output ELSE r.output END AS output,
    CASE WHEN p.is_trace_usage THEN u.reasoning ELSE r.reasoning END AS reasoning,
    CASE WHEN p.is_trace_usage THEN u.audio_in ELSE r.audio_in END AS audio_in,
    CASE WHEN p.is_trace_usage THEN u.audio_cached_in ELSE r.audio_cached_in END AS audio_cached_in,
    CASE WHEN p.is_trace_usage THEN u.audio_out ELSE r.audio_out END AS audio_out,
    CASE WHEN p.is_trace_usage THEN u.image_in ELSE r.image_in END AS image_in,
    CASE WHEN p.is_trace_usage THEN u.image_cached_in ELSE r.image_cached_in END AS image_cached_in,
    CASE WHEN p.is_trace_usage THEN u.image_out ELSE r.image_out END AS image_out,
    CASE WHEN p.is_trace_usage THEN u.prompt_tokens ELSE r.prompt_tokens END AS prompt_tokens,
    CASE WHEN p.is_trace_usage THEN k.usage_problem ELSE r.usage_problem END AS usage_problem,
    COALESCE(r.web_search, s.web_search) AS web_search,
    COALESCE(r.other_charges, s.other_charges) AS other_charges, r.spend_usd, r.spend_status,
    r.started_us, r.ended_us, r.started_day, COALESCE(r.ended_day, r.started_day) AS ended_day
  FROM book.counted AS r
  LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
  LEFT JOIN book.pair AS p ON r.row_id = p.request_row
  LEFT JOIN raw.span_row AS s ON p.span_row = s.row_id
  LEFT JOIN (FROM raw.span_row WHERE row_id IN (SELECT span_row
    FROM book.pair WHERE is_trace_usage)) AS u ON p.span_row = u.row_id
  LEFT JOIN raw.span_kind AS k ON p.span_kind = k.kind_id
  LEFT JOIN book.same_call AS m ON p.span_row = m.row_id
  LEFT JOIN book.inherited AS h ON p.span_row = h.row_id
  LEFT JOIN book.told_tenant AS n ON r.row_id = n.request_row
  LEFT JOIN (
    SELECT request_row, MAX(gateway_version) AS gateway_version FROM book.answer
    WHERE request_row IS NOT NULL GROUP BY request_row
  ) AS a ON r.row_id = a.request_row
  LEFT JOIN stated AS v ON r.kind_id = v.kind_id
  LEFT JOIN book.sold_as AS w ON r.provider = w.provider AND r.response_model = w.sold_model
    AND CASE WHEN k.response_model_evidence = 'reported' THEN k.response_model ELSE m.model END
      = w.told_model
  WHERE d.row_id IS NULL
),
from_trace AS (
  SELECT CAST(NULL AS BIGINT) AS request_row, s.row_id AS span_row,
    CAST(NULL AS BIGINT) AS request_file, 0 AS request_kind,
    s.kind_id AS span_kind, NULL AS match_rule, '' AS gateway, NULL AS gateway_version,
    s.call_id IS NOT NULL OR s.provider_request_id IS NOT NULL OR s.response_id IS NOT NULL
      OR COALESCE(m.response_id, '/') NOT IN ('/', s.trace_id || '/' || s.span_id) AS has_id,
    'trace' AS usage_source, 'only_trace' AS request_state, n.tenant_id AS told_tenant,
    n.tenant_rule AS told_rule, NULL AS gateway_tenant, 'none' AS gateway_tenant_rule,
    COALESCE(m.tenant, s.team_id, s.tenant_tag, s.project_id, s.organization_id, h.tenant)
      AS trace_tenant,
    COALESCE(m.workflow_id, s.workflow_id, h.workflow_id) AS workflow_id,
    COALESCE(m.session_id, s.session_id, h.session_id) AS session_id, s.trace_id,
    COALESCE(m.workflow_name, s.workflow_name, h.workflow_name) AS workflow_name,
    COALESCE(m.provider, s.provider, '') AS provider_raw,
    COALESCE(m.model, s.response_model, '') AS model_raw,
    CASE WHEN m.model IS NOT NULL THEN 'reported' ELSE s.response_model_evidence END
      AS response_model_evidence,
    COALESCE(m.service_tier, s.service_tier, '') AS tier_raw, '' AS region_raw,
    COALESCE(m.status, s.status) AS status, 'unknown' AS gateway_cache,
    s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.cache_write, s.output,
    s.reasoning, s.audio_in, s.audio_cached_in, s.audio_out, s.image_in, s.image_cached_in,
    s.image_out, s.prompt_tokens, s.usage_problem, s.web_search, s.other_charges,
    CAST(NULL AS DECIMAL(38,15)) AS spend_usd, NULL AS spend_status,
    COALESCE(m.started_us, s.started_us), COALESCE(m.ended_us, s.ended_us),
    COALESCE(m.started_day, s.started_day), COALESCE(m.started_day, s.started_day)
  FROM book.lone_call AS l
  INNER JOIN raw.span AS s ON l.row_id = s.row_id
  LEFT JOIN book.same_call AS m ON l.row_id = m.row_id
  LEFT JOIN book.inherited AS h ON l.row_id = h.row_id
  LEFT JOIN book.told_tenant AS n ON l.row_id = n.span_row
),
told AS (
  SELECT * FROM from_gateway
  UNION ALL
  SELECT * FROM from_trace
)
SELECT request_row, span_row, request_file, request_kind, span_kind, match_rule, gateway,
  gateway_version, has_id, usage_source, request_state,
  COALESCE(told_tenant, gateway_tenant, trace_tenant, 'unattributed') AS tenant_id,
  CASE WHEN told_tenant IS NOT NULL THEN told_rule
    WHEN gateway_tenant IS NOT NULL THEN gateway_tenant_rule
    WHEN trace_tenant IS NOT NULL THEN 'trace' ELSE 'none' END AS tenant_rule,
  COALESCE(workflow_id, session_id, trace_id) AS workflow_id,
  CASE WHEN workflow_id IS NOT NULL THEN 'workflow_id'
    WHEN session_id IS NOT NULL THEN 'session_id'
    WHEN trace_id IS NOT NULL THEN 'trace_id' ELSE 'none' END AS workflow_rule,
  workflow_name, provider_raw, model_raw, response_model_evidence, tier_raw, region_raw,
  COALESCE(status, 'success') AS status, COALESCE(gateway_cache, 'unknown') AS gateway_cache,
  input, cache_read, cache_write_5m, cache_write_1h, cache_write, output, reasoning, audio_in,
  audio_cached_in, audio_out, image_in, image_cached_in, image_out, prompt_tokens, usage_problem,
  web_search, other_charges, spend_usd, spend_status, started_us, ended_us, started_day, ended_day
FROM told
