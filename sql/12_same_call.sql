-- heavy
-- reads:  raw.span, book.span_drop
-- writes: book.same_call
-- grain:  one row a span whose response other spans saw too: one of them stands for the call,
--         with the ids and owners that any of them knew. Where a gateway makes response ids of
--         its own, the provider's request id tells. The same response with other counts at
--         another time is a call of its own: an answer from a gateway's cache, or a retry
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
),
seen AS (
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
),
ranked AS (
  SELECT row_id, response_id, prompt_tokens, answered, started_us, ended_us,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_write_5m IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN reasoning IS NULL THEN 1 ELSE 0 END,
        started_us DESC, span_id, file_id, line, item) AS place,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS nth
  FROM seen
),
-- The first call of the response, and what has its counts or runs while it runs.
member AS (
  SELECT r.row_id, r.response_id, r.place
  FROM ranked AS r
  INNER JOIN ranked AS k ON r.response_id = k.response_id AND k.nth = 1
  WHERE r.prompt_tokens IS NULL
    OR (r.prompt_tokens = k.prompt_tokens AND r.answered = k.answered)
    OR (r.started_us <= k.ended_us AND k.started_us <= r.ended_us)
),
known AS (
  SELECT m.response_id, MIN(m.place) AS place, COUNT(*) AS spans, MIN(s.call_id) AS call_id,
    MIN(s.provider_request_id) AS provider_request_id, MIN(s.session_id) AS session_id,
    MIN(s.workflow_id) AS workflow_id, MIN(s.workflow_name) AS workflow_name,
    MIN(s.tenant) AS tenant
  FROM member AS m
  INNER JOIN seen AS s ON m.row_id = s.row_id
  GROUP BY m.response_id
)
SELECT m.row_id, CASE WHEN m.place = k.place THEN TRUE ELSE FALSE END AS is_kept, k.response_id,
  k.spans, k.call_id, k.provider_request_id, k.session_id, k.workflow_id, k.workflow_name,
  k.tenant
FROM member AS m
INNER JOIN known AS k ON m.response_id = k.response_id
