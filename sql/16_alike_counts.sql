-- reads:  raw.request, book.duplicate, raw.span, book.span_drop, book.same_call, book.other_id
-- writes: book.alike_counts
-- grain:  one row a gateway row that knows a trace and no span of a call, and a call of that trace
--         with the same counts that began within ten minutes, unless both have an id of one kind,
--         which would be the same, or models that are known to differ. Of many with the same counts
--         the first is the first, the second the second. What is left of a trace, its counts wrong
--         on one side, meets the one call of its model with the same answer, or the only one left
WITH span AS (
  SELECT trace_id, span_id FROM raw.span WHERE role IN ('llm_call', 'gateway')
  UNION ALL
  SELECT id, span_id FROM book.other_id WHERE rule = 4
),
told_row AS (
  SELECT r.row_id, r.trace_id, r.prompt_tokens,
    COALESCE(r.output, 0) + COALESCE(r.reasoning, 0) + COALESCE(r.audio_out, 0)
      + COALESCE(r.image_out, 0) AS answered, COALESCE(r.status, '') = 'error' AS has_failed,
    r.call_id, r.response_id, r.provider_request_id, r.started_us, r.file_id, r.line, r.request_id,
    [r.requested_model, r.response_model, r.priced_model] AS names
  FROM raw.request AS r
  LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
  LEFT JOIN span AS s ON r.trace_id = s.trace_id AND r.span_id = s.span_id
  WHERE d.row_id IS NULL AND s.span_id IS NULL AND r.trace_id IS NOT NULL
),
told_call AS (
  SELECT s.row_id, s.trace_id, s.prompt_tokens,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
      + COALESCE(s.image_out, 0) AS answered, COALESCE(s.status, '') = 'error' AS has_failed,
    COALESCE(s.call_id, m.call_id) AS call_id, s.response_id,
    COALESCE(s.provider_request_id, m.provider_request_id) AS provider_request_id,
    s.started_us, s.file_id, s.line, s.item, [s.requested_model, s.response_model] AS names
  FROM raw.span AS s
  LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id
  LEFT JOIN book.same_call AS m ON s.row_id = m.row_id
  WHERE s.role IN ('llm_call', 'gateway') AND d.row_id IS NULL AND COALESCE(m.is_kept, TRUE)
    AND s.trace_id IN (SELECT trace_id FROM told_row)
),
numbered AS MATERIALIZED (
  SELECT *, book.families_of(names) AS families,
    row_number() OVER (alike ORDER BY started_us, file_id, line, item, request_id) AS nth,
    COUNT(*) OVER alike AS rows,
    prompt_tokens IS NULL OR MIN(leg) OVER counts = MAX(leg) OVER counts AS is_odd
  FROM (
    SELECT *, 'gateway' AS leg FROM told_row
    UNION ALL BY NAME
    SELECT *, 'trace' AS leg FROM told_call
  )
  WINDOW alike AS (PARTITION BY leg, trace_id, prompt_tokens, answered),
    counts AS (PARTITION BY trace_id, prompt_tokens, answered)
),
-- What nothing in its trace counts alike.
odd AS (
  SELECT *, COUNT(*) OVER (PARTITION BY leg, trace_id, answered) AS answers,
    COUNT(*) OVER (PARTITION BY leg, trace_id) AS left_over
  FROM numbered WHERE is_odd
),
request AS (
  SELECT * FROM numbered WHERE leg = 'gateway'
),
call AS (
  SELECT * FROM numbered WHERE leg = 'trace'
),
pair AS (
  SELECT r.row_id AS request_row, c.row_id AS call_row
  FROM request AS r INNER JOIN call AS c USING (trace_id, prompt_tokens, answered)
  WHERE r.rows <= 20 AND c.rows <= 20
  UNION ALL
  SELECT r.row_id, c.row_id
  FROM request AS r INNER JOIN call AS c USING (trace_id, prompt_tokens, answered, nth)
  WHERE r.rows > 20 OR c.rows > 20
  UNION ALL
  SELECT r.row_id, c.row_id
  FROM odd AS r INNER JOIN odd AS c ON r.trace_id = c.trace_id
  WHERE r.leg = 'gateway' AND c.leg = 'trace' AND r.has_failed = c.has_failed
    AND (r.left_over = 1 AND c.left_over = 1
      OR r.answers = 1 AND c.answers = 1 AND r.answered = c.answered AND r.answered > 0)
    AND list_has_any(r.families, c.families)
)
SELECT request.row_id AS request_row, call.row_id AS span_row
FROM pair AS p
INNER JOIN request ON p.request_row = request.row_id
INNER JOIN call ON p.call_row = call.row_id
WHERE ABS(call.started_us - request.started_us) <= 600000000
  AND (request.call_id IS NULL OR call.call_id IS NULL)
  AND (request.response_id IS NULL OR call.response_id IS NULL)
  AND (request.provider_request_id IS NULL OR call.provider_request_id IS NULL)
  AND (request.rows = 1 AND call.rows = 1 OR len(request.families) = 0 OR len(call.families) = 0
    OR list_has_any(request.families, call.families))
