-- heavy
-- reads:  raw.span, book.silent
-- writes: book.silent_step
-- grain:  one row a call and span without tokens inside it, at most four levels down: whether the
--         call repeats the usage of the calls further inside, or is a client's that counted none
--         of a gateway's call (book.span_drop), is seen through them
WITH first_step AS (
  SELECT p.row_id, m.trace_id, m.span_id
  FROM book.silent AS m
  INNER JOIN raw.span AS p ON m.trace_id = p.trace_id AND m.parent_span_id = p.span_id
  WHERE p.role IN ('llm_call', 'gateway') AND p.prompt_tokens IS NOT NULL
    OR p.role = 'llm_call' AND p.response_id IS NULL
),
second_step AS (
  SELECT a.row_id, m.trace_id, m.span_id
  FROM first_step AS a
  INNER JOIN book.silent AS m ON a.trace_id = m.trace_id AND a.span_id = m.parent_span_id
),
third_step AS (
  SELECT a.row_id, m.trace_id, m.span_id
  FROM second_step AS a
  INNER JOIN book.silent AS m ON a.trace_id = m.trace_id AND a.span_id = m.parent_span_id
),
fourth_step AS (
  SELECT a.row_id, m.trace_id, m.span_id
  FROM third_step AS a
  INNER JOIN book.silent AS m ON a.trace_id = m.trace_id AND a.span_id = m.parent_span_id
)
SELECT DISTINCT row_id, trace_id, span_id
FROM (
  SELECT * FROM first_step
  UNION ALL
  SELECT * FROM second_step
  UNION ALL
  SELECT * FROM third_step
  UNION ALL
  SELECT * FROM fourth_step
) AS steps
