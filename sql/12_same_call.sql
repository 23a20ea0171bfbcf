-- heavy
-- reads:  raw.span, book.span_drop
-- writes: book.same_call
-- grain:  one row a span whose response other spans saw too: one of them stands for the call,
--         with the ids and owners that any of them knew
WITH seen AS (
  SELECT s.row_id, s.response_id, s.call_id, s.provider_request_id, s.session_id,
    s.workflow_id, s.workflow_name,
    COALESCE(s.team_id, s.tenant_tag, s.project_id, s.organization_id) AS tenant,
    s.prompt_tokens, s.cache_write_5m, s.cache_read, s.reasoning, s.started_us, s.span_id,
    s.file_id, s.line, s.item
  FROM raw.span AS s
  INNER JOIN (
    SELECT response_id
    FROM raw.span
    WHERE response_id IS NOT NULL AND role IN ('llm_call', 'gateway')
    GROUP BY response_id
    HAVING COUNT(*) > 1
  ) AS again ON s.response_id = again.response_id
  LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id
  WHERE s.role IN ('llm_call', 'gateway') AND d.row_id IS NULL
),
ranked AS (
  SELECT row_id, response_id,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_write_5m IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN reasoning IS NULL THEN 1 ELSE 0 END,
        started_us DESC, span_id, file_id, line, item) AS place
  FROM seen
),
known AS (
  SELECT response_id, COUNT(*) AS spans, MIN(call_id) AS call_id,
    MIN(provider_request_id) AS provider_request_id, MIN(session_id) AS session_id,
    MIN(workflow_id) AS workflow_id, MIN(workflow_name) AS workflow_name,
    MIN(tenant) AS tenant
  FROM seen
  GROUP BY response_id
)
SELECT r.row_id, CASE WHEN r.place = 1 THEN TRUE ELSE FALSE END AS is_kept, k.response_id,
  k.spans, k.call_id, k.provider_request_id, k.session_id, k.workflow_id, k.workflow_name,
  k.tenant
FROM ranked AS r
INNER JOIN known AS k ON r.response_id = k.response_id
