-- heavy
-- reads:  raw.span
-- writes: book.silent
-- grain:  one row a span inside another that counts no tokens: an agent, a step of a chain, a tool
SELECT trace_id, span_id, parent_span_id
FROM raw.span
WHERE parent_span_id IS NOT NULL
  AND (role NOT IN ('llm_call', 'gateway') OR prompt_tokens IS NULL)
