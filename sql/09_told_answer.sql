-- reads:  raw.request, raw.request_kind, raw.span
-- writes: book.told_answer
-- grain:  where there are rows of several gateways, one row a gateway row and an id by which that of
--         another gateway may know the call: its answer's, its call's, those of the one answer which
--         spans of its trace count as it does, and that of the span where it is one
WITH request AS MATERIALIZED (
  SELECT row_id, call_id, response_id, trace_id, started_us, prompt_tokens,
    COALESCE(output, 0) + COALESCE(reasoning, 0) AS answered
  FROM raw.request
  WHERE (SELECT MIN(gateway) < MAX(gateway) FROM raw.request_kind)
    AND gateway_cache <> 'hit' AND prompt_tokens > 0
),
traced AS (
  SELECT r.row_id, MIN(s.response_id) AS response_id, MIN(s.call_id) AS call_id,
    CASE WHEN COUNT(*) = 1 THEN MIN(s.trace_id || '/' || s.span_id) END AS span
  FROM request AS r
  INNER JOIN raw.span AS s ON r.trace_id = s.trace_id AND r.prompt_tokens = s.prompt_tokens
    AND r.answered = COALESCE(s.output, 0) + COALESCE(s.reasoning, 0)
  WHERE ABS(r.started_us - s.started_us) <= 600000000
  GROUP BY r.row_id
  HAVING COALESCE(MIN(s.response_id) = MAX(s.response_id), TRUE)
    AND COALESCE(MIN(s.call_id) = MAX(s.call_id), TRUE)
)
SELECT row_id, response_id AS id FROM request WHERE response_id IS NOT NULL
UNION
SELECT row_id, call_id FROM request WHERE call_id IS NOT NULL
UNION
SELECT row_id, response_id FROM traced WHERE response_id IS NOT NULL
UNION
SELECT row_id, call_id FROM traced WHERE call_id IS NOT NULL
UNION
SELECT row_id, span FROM traced WHERE span IS NOT NULL
