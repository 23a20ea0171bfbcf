-- reads:  book.rated, book.workflow, raw.request, raw.span
-- writes: book.signal
-- grain:  one row a gateway, UTC day, signal and state (present, partial, absent): how many
--         requests and how much money carry what attribution needs
WITH judged AS (
  SELECT CASE WHEN r.gateway = '' THEN 'trace only' ELSE r.gateway END AS gateway,
    r.started_day, r.charge_usd, r.spend_usd,
    CASE WHEN r.match_rule IS NOT NULL THEN 'present'
      WHEN g.row_id IS NOT NULL THEN 'absent'
      WHEN r.request_state = 'only_trace' AND s.row_id IS NOT NULL THEN 'absent'
      ELSE 'partial' END AS request_id,
    CASE WHEN r.tenant_rule = 'none' THEN 'absent' ELSE 'present' END AS tenant,
    CASE WHEN r.charge_status = 'failed_attempt' THEN 'present'
      WHEN r.prompt_tokens IS NULL THEN 'absent'
      WHEN r.cache_read IS NULL AND r.reasoning IS NULL THEN 'partial'
      ELSE 'present' END AS token_types,
    CASE r.response_model_evidence WHEN 'reported' THEN 'present' WHEN 'missing' THEN 'absent'
      ELSE 'partial' END AS response_model,
    CASE WHEN r.workflow_rule = 'workflow_id' THEN 'present'
      WHEN r.workflow_rule = 'none' THEN 'absent'
      WHEN w.calls > 1 THEN 'present' ELSE 'partial' END AS workflow
  FROM book.rated AS r
  LEFT JOIN (SELECT row_id FROM raw.span WHERE response_id IS NULL AND call_id IS NULL) AS s
    ON r.span_row = s.row_id
  LEFT JOIN (SELECT row_id FROM raw.request WHERE call_id IS NULL) AS g
    ON r.request_row = g.row_id
  LEFT JOIN book.workflow AS w ON COALESCE(r.workflow_id, '') = w.workflow_id
),
long AS (
  UNPIVOT judged ON request_id, tenant, token_types, response_model, workflow
  INTO NAME signal VALUE state
)
SELECT gateway, started_day, signal, state, COUNT(*) AS requests,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd
FROM long
GROUP BY gateway, started_day, signal, state
