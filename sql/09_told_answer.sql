-- reads:  raw.request, raw.request_kind, raw.span
-- writes: book.told_answer
-- grain:  where there are rows of several gateways, one row a gateway row and an id by which
--         another gateway's may know the call: its answer's, its call's, those of the one answer
--         which spans of its trace count as it does, and that of the span where it is one; with
--         what the two must have alike
WITH request AS MATERIALIZED (
  SELECT row_id, gateway, call_id, response_id, trace_id, started_us, prompt_tokens,
    COALESCE(output, 0) + COALESCE(reasoning, 0) AS answered
  FROM raw.request
  WHERE (SELECT MIN(gateway) < MAX(gateway) FROM raw.request_kind)
    AND gateway_cache <> 'hit' AND prompt_tokens > 0
),
traced AS (
  SELECT r.row_id, NULLIF(MIN(s.response_id), MIN(r.response_id)) AS response_id,
    NULLIF(MIN(s.call_id), MIN(r.call_id)) AS call_id,
    CASE WHEN COUNT(*) = 1 THEN MIN(s.trace_id || '/' || s.span_id) END AS span,
    MAX(s.prompt_tokens) AS prompt_tokens
  FROM request AS r
  INNER JOIN raw.span AS s ON r.trace_id = s.trace_id
    AND r.answered = COALESCE(s.output, 0) + COALESCE(s.reasoning, 0)
  -- Old releases of Kong leave Anthropic's cached tokens out.
  WHERE (r.prompt_tokens = s.prompt_tokens OR r.prompt_tokens = s.input AND r.answered > 0)
    AND ABS(r.started_us - s.started_us) <= 600000000
  GROUP BY r.row_id
  HAVING COALESCE(MIN(s.response_id) = MAX(s.response_id), TRUE)
    AND COALESCE(MIN(s.call_id) = MAX(s.call_id), TRUE)
),
told AS (
  SELECT row_id, prompt_tokens, response_id AS id FROM request
  UNION ALL
  SELECT row_id, prompt_tokens, call_id FROM request
  UNION ALL
  SELECT row_id, prompt_tokens, response_id FROM traced
  UNION ALL
  SELECT row_id, prompt_tokens, call_id FROM traced
  UNION ALL
  SELECT row_id, prompt_tokens, span FROM traced
)
SELECT t.id, r.row_id, r.gateway, r.response_id, r.started_us, t.prompt_tokens, r.answered
FROM told AS t INNER JOIN request AS r ON t.row_id = r.row_id
WHERE t.id IS NOT NULL
