-- heavy
-- reads:  raw.span, book.span_drop
-- writes: book.again
-- grain:  one row a span whose response other spans saw too, as this one saw it. Where a gateway
--         makes response ids of its own, the provider's request id tells. They are few, and a table
--         of their own because each is looked at in several ways
WITH renamed AS (
  SELECT provider_request_id,
    COALESCE(MIN(response_id), MIN(provider_request_id)) AS response_id
  FROM raw.span
  WHERE provider_request_id IS NOT NULL AND role IN ('llm_call', 'gateway')
  GROUP BY provider_request_id
  HAVING COUNT(*) > 1 AND (MIN(response_id) <> MAX(response_id) OR COUNT(response_id) < COUNT(*))
),
alias AS (
  SELECT s.response_id AS told_id, MIN(n.response_id) AS response_id
  FROM raw.span AS s
  INNER JOIN renamed AS n ON s.provider_request_id = n.provider_request_id
  WHERE s.role IN ('llm_call', 'gateway') AND s.response_id IS NOT NULL
  GROUP BY s.response_id
),
call AS (
  SELECT s.row_id, COALESCE(a.response_id, s.response_id, n.response_id) AS response_id
  FROM raw.span AS s
  LEFT JOIN alias AS a ON s.response_id = a.told_id
  LEFT JOIN renamed AS n ON s.provider_request_id = n.provider_request_id
  WHERE s.role IN ('llm_call', 'gateway')
    AND (s.response_id IS NOT NULL OR n.response_id IS NOT NULL)
)
SELECT s.row_id, c.response_id, s.call_id, s.provider_request_id, s.session_id,
  s.workflow_id, s.workflow_name,
  COALESCE(s.team_id, s.tenant_tag, s.project_id, s.organization_id) AS tenant,
  s.prompt_tokens, s.cache_write_5m, s.cache_read, s.reasoning, s.started_us,
  COALESCE(s.ended_us, s.started_us) AS ended_us,
  COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
    + COALESCE(s.image_out, 0) AS answered,
  s.span_id, s.file_id, s.line, s.item
FROM call AS c
INNER JOIN (
  SELECT response_id FROM call GROUP BY response_id HAVING COUNT(*) > 1
) AS again ON c.response_id = again.response_id
INNER JOIN raw.span AS s ON c.row_id = s.row_id
LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id
WHERE d.row_id IS NULL
