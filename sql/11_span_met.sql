-- heavy
-- reads:  raw.span, book.delivered
-- writes: book.span_met
-- drops: book.delivered
-- grain:  one row a client's span and a gateway's with one call id, in different traces, that count
--         alike at one time, as attempts and callers may share an id. An id that a caller gives to
--         many calls, which many spans of both sides have, tells of none (book.span_twin)
WITH shared AS (
  SELECT s.call_id
  FROM raw.span AS s
  LEFT JOIN book.delivered AS d ON s.row_id = d.row_id
  WHERE s.role = 'llm_call' AND s.call_id IS NOT NULL AND d.row_id IS NULL
  GROUP BY s.call_id HAVING COUNT(*) > 16
),
crowded AS (
  SELECT s.call_id
  FROM shared AS s
  INNER JOIN raw.span AS g ON s.call_id = g.call_id
  LEFT JOIN book.delivered AS d ON g.row_id = d.row_id
  WHERE g.role = 'gateway' AND d.row_id IS NULL
  GROUP BY s.call_id HAVING COUNT(*) > 16
),
client AS (
  SELECT s.row_id, s.call_id, s.trace_id, s.started_us, s.prompt_tokens,
    COALESCE(s.ended_us, s.started_us) AS ended_us,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) AS answered
  FROM raw.span AS s
  LEFT JOIN crowded AS o ON s.call_id = o.call_id
  LEFT JOIN book.delivered AS d ON s.row_id = d.row_id
  WHERE s.role = 'llm_call' AND s.call_id IS NOT NULL AND o.call_id IS NULL
    AND d.row_id IS NULL
)
SELECT g.call_id, c.row_id AS client_row, g.row_id AS gateway_row
FROM raw.span AS g
INNER JOIN client AS c ON g.call_id = c.call_id AND g.trace_id <> c.trace_id
LEFT JOIN book.delivered AS d ON g.row_id = d.row_id
WHERE g.role = 'gateway' AND d.row_id IS NULL AND g.started_us <= c.ended_us
  AND c.started_us <= COALESCE(g.ended_us, g.started_us)
  AND (c.prompt_tokens IS NULL AND g.prompt_tokens IS NOT NULL
    OR c.prompt_tokens = g.prompt_tokens
      AND c.answered = COALESCE(g.output, 0) + COALESCE(g.reasoning, 0))
