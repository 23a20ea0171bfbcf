-- heavy
-- reads:  raw.span
-- writes: book.span_met
-- grain:  one row a client's span and a gateway's with one call id, in different traces, that count
--         alike at one time, as attempts and callers may share an id
SELECT g.call_id, c.row_id AS client_row, g.row_id AS gateway_row
FROM raw.span AS g
INNER JOIN raw.span AS c ON g.call_id = c.call_id AND g.trace_id <> c.trace_id
WHERE g.role = 'gateway' AND c.role = 'llm_call'
  AND g.started_us <= COALESCE(c.ended_us, c.started_us)
  AND c.started_us <= COALESCE(g.ended_us, g.started_us)
  AND (c.prompt_tokens IS NULL AND g.prompt_tokens IS NOT NULL
    OR c.prompt_tokens = g.prompt_tokens
      AND COALESCE(c.output, 0) + COALESCE(c.reasoning, 0)
        = COALESCE(g.output, 0) + COALESCE(g.reasoning, 0))
