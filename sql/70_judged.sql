-- heavy
-- reads:  book.rated, book.answer, book.part, book.denied, book.deployment, book.period,
--         raw.request_kind, raw.span_kind
-- writes: book.judged
-- grain:  one row a gateway and its release, tenant, route, model, UTC day and how each of the five
--         signals that attribution needs is there: how many requests and how much money
WITH run AS (
  SELECT workflow_id, SUM(calls) AS calls FROM book.part GROUP BY workflow_id
),
logged AS (
  SELECT request_row FROM book.answer WHERE request_row IS NOT NULL GROUP BY request_row
),
told AS (
  SELECT CASE WHEN r.gateway <> '' THEN r.gateway WHEN s.dialect = 'langfuse' THEN 'langfuse'
      ELSE 'trace only' END AS gateway,
    COALESCE(r.gateway_version, '') AS gateway_version, r.tenant_id,
    COALESCE(g.operation, s.operation, '') AS operation,
    COALESCE(g.requested_model, s.requested_model, '') AS requested_model, r.model,
    r.started_day, r.spend_usd, r.charge_usd,
    CASE WHEN r.match_rule IS NOT NULL THEN 'met'
      WHEN n.request_row IS NOT NULL THEN 'logged'
      WHEN NOT r.has_id THEN 'no id'
      WHEN NOT p.has_trace THEN 'no trace loaded'
      WHEN NOT p.has_gateway THEN 'no gateway loaded'
      ELSE 'never met' END AS request_id,
    CASE WHEN r.tenant_rule <> 'none' THEN 'named'
      WHEN d.is_metadata_denied THEN 'withheld' ELSE 'not named' END AS tenant,
    CASE WHEN r.charge_status = 'failed_attempt' THEN 'failed'
      WHEN r.prompt_tokens IS NULL AND d.is_body_denied THEN 'withheld'
      WHEN r.prompt_tokens IS NULL THEN 'no counts'
      WHEN r.usage_source = 'gateway' AND g.usage_origin = 'estimated' THEN 'estimated'
      WHEN r.cache_read IS NULL AND r.reasoning IS NULL AND r.cache_write IS NULL
        AND r.cache_write_5m IS NULL AND d.is_body_denied THEN 'withheld'
      WHEN r.cache_read IS NULL AND r.reasoning IS NULL AND r.cache_write IS NULL
        AND r.cache_write_5m IS NULL THEN 'sums'
      WHEN r.cache_write > 0 THEN 'no lifetime'
      ELSE 'split' END AS token_types,
    CASE WHEN h.model_raw IS NOT NULL THEN 'deployment'
      WHEN r.response_model_evidence = 'reported' THEN 'reported'
      WHEN d.is_body_denied THEN 'withheld'
      WHEN d.is_body_redacted THEN 'redacted'
      WHEN r.response_model_evidence = 'missing' THEN 'no model'
      WHEN r.charge_status = 'failed_attempt' THEN 'failed'
      ELSE 'sent' END AS response_model,
    CASE WHEN r.workflow_rule = 'workflow_id' THEN 'named'
      WHEN r.workflow_rule = 'none' AND d.is_metadata_denied THEN 'withheld'
      WHEN r.workflow_rule = 'none' THEN 'not named'
      WHEN w.calls > 1 AND r.workflow_rule = 'session_id' THEN 'session'
      WHEN w.calls > 1 THEN 'trace'
      WHEN r.workflow_rule = 'session_id' THEN 'session once'
      ELSE 'trace once' END AS workflow
  FROM book.rated AS r
  CROSS JOIN book.period AS p
  LEFT JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  LEFT JOIN raw.span_kind AS s ON r.span_kind = s.kind_id
  LEFT JOIN book.denied AS d ON r.request_file = d.file_id AND g.withheld = d.withheld
  LEFT JOIN book.deployment AS h ON r.model_raw = h.model_raw
  LEFT JOIN logged AS n ON r.request_row = n.request_row
  LEFT JOIN run AS w ON r.workflow_id = w.workflow_id
)
SELECT gateway, gateway_version, tenant_id, operation, requested_model, model, started_day,
  request_id, tenant, token_types, response_model, workflow, COUNT(*) AS requests,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(COALESCE(SUM(COALESCE(charge_usd, spend_usd)), CAST(0 AS DECIMAL(38,15)))
    AS DECIMAL(38,15)) AS usd
FROM told
GROUP BY gateway, gateway_version, tenant_id, operation, requested_model, model, started_day,
  request_id, tenant, token_types, response_model, workflow
