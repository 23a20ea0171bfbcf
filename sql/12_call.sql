-- heavy
-- reads:  raw.span, book.span_drop
-- writes: book.call
-- grain:  one row an LLM call that traces saw; spans of one response are one call, with the ids
--         and owners that any of them knew
WITH calls AS (
  SELECT s.file_id, s.line, s.item, s.trace_id, s.span_id, s.response_id, s.call_id,
    s.provider_request_id, s.session_id, s.workflow_id, s.workflow_name, s.team_id,
    s.tenant_tag, s.project_id, s.organization_id, s.started_us, s.prompt_tokens,
    s.usage_quality,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
      + COALESCE(s.image_out, 0) AS answered,
    COALESCE(s.cache_read, 0) + COALESCE(s.cache_write, 0) + COALESCE(s.cache_write_5m, 0)
      + COALESCE(s.cache_write_1h, 0) AS cached,
    CASE WHEN s.prompt_tokens IS NULL THEN 1 ELSE 0 END AS lacks_usage,
    CASE WHEN s.cache_write_5m IS NULL THEN 0 ELSE 8 END
      + CASE WHEN s.cache_read IS NULL THEN 0 ELSE 4 END
      + CASE WHEN s.cache_write IS NULL THEN 0 ELSE 2 END
      + CASE WHEN s.reasoning IS NULL THEN 0 ELSE 1 END AS detail
  FROM raw.span AS s
  LEFT JOIN book.span_drop AS d
    ON s.file_id = d.file_id AND s.line = d.line AND s.item = d.item
  WHERE s.role IN ('llm_call', 'gateway') AND d.item IS NULL
),
seen_again AS (
  SELECT response_id, COUNT(*) AS spans, MIN(call_id) AS call_id,
    MIN(provider_request_id) AS provider_request_id, MIN(session_id) AS session_id,
    MIN(workflow_id) AS workflow_id, MIN(workflow_name) AS workflow_name,
    MIN(team_id) AS team_id, MIN(tenant_tag) AS tenant_tag, MIN(project_id) AS project_id,
    MIN(organization_id) AS organization_id
  FROM calls
  WHERE response_id IS NOT NULL
  GROUP BY response_id
  HAVING COUNT(*) > 1
),
passed_over AS (
  SELECT file_id, line, item
  FROM (
    SELECT c.file_id, c.line, c.item,
      ROW_NUMBER() OVER (
        PARTITION BY c.response_id
        ORDER BY c.lacks_usage, c.detail DESC, c.started_us DESC, c.span_id,
          c.file_id, c.line, c.item) AS place
    FROM calls AS c
    INNER JOIN seen_again AS a ON c.response_id = a.response_id
  ) AS ranked
  WHERE place > 1
)
SELECT c.file_id, c.line, c.item, c.trace_id, c.span_id, c.response_id,
  COALESCE(c.call_id, a.call_id) AS call_id,
  COALESCE(c.provider_request_id, a.provider_request_id) AS provider_request_id,
  COALESCE(c.session_id, a.session_id) AS session_id,
  COALESCE(c.workflow_id, a.workflow_id) AS workflow_id,
  COALESCE(c.workflow_name, a.workflow_name) AS workflow_name,
  COALESCE(c.team_id, a.team_id) AS team_id,
  COALESCE(c.tenant_tag, a.tenant_tag) AS tenant_tag,
  COALESCE(c.project_id, a.project_id) AS project_id,
  COALESCE(c.organization_id, a.organization_id) AS organization_id,
  c.started_us, c.prompt_tokens, c.answered, c.cached, c.detail, c.usage_quality,
  COALESCE(a.spans, 1) AS spans
FROM calls AS c
LEFT JOIN seen_again AS a ON c.response_id = a.response_id
LEFT JOIN passed_over AS p ON c.file_id = p.file_id AND c.line = p.line AND c.item = p.item
WHERE p.item IS NULL
