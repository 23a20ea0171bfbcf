-- heavy
-- reads:  raw.span, book.delivered, book.span_around, book.span_copy, book.span_cycle
-- writes: book.span_drop
-- drops: book.span_around, book.span_copy, book.span_cycle
-- grain:  one row a span that tells of no call of its own: delivered twice, or one that repeats
--         the usage of the calls inside it, or of one of them, straight beneath it or beneath
--         agents, chains and tools, unless they saw the same response and are one call
--         (book.same_call); or a client's span of a call that a gateway's span inside counts
--         otherwise, or alone; or a span, of which the one around it has the same counts in more
--         detail; or an agent that its file has no calls of, when another file has them. Where
--         it is one call that is repeated, that is heir to what the span knows (book.again)
-- The span around it stands for the call when nothing else is around it or inside the gateway's.
WITH finer AS (
  SELECT a.row_id, a.heir_row
  FROM book.span_copy AS a
  LEFT JOIN (SELECT inner_row FROM book.span_around GROUP BY inner_row) AS o
    ON a.row_id = o.inner_row
  LEFT JOIN (SELECT row_id FROM book.span_around GROUP BY row_id) AS i ON a.heir_row = i.row_id
  WHERE a.is_finer AND o.inner_row IS NULL AND i.row_id IS NULL
),
agent AS (
  SELECT a.row_id
  FROM raw.span AS a
  INNER JOIN raw.span AS c ON a.trace_id = c.trace_id
  WHERE a.usage_quality = 'container_only' AND c.role IN ('llm_call', 'gateway')
    AND COALESCE(c.usage_quality, '') <> 'container_only' AND c.prompt_tokens IS NOT NULL
)
SELECT row_id, MIN(reason) AS reason, MIN(heir_row) AS heir_row
FROM (
  SELECT row_id, 'delivered twice' AS reason, CAST(NULL AS BIGINT) AS heir_row
  FROM book.delivered
  UNION ALL
  SELECT a.row_id, 'repeats the calls inside it', a.heir_row
  FROM book.span_copy AS a
  LEFT JOIN finer AS f ON a.row_id = f.row_id
  LEFT JOIN book.span_cycle AS o ON a.row_id = o.row_id
  WHERE f.row_id IS NULL AND o.row_id IS NULL
  UNION ALL
  SELECT heir_row, 'repeated in more detail around it', row_id FROM finer
  UNION ALL
  SELECT row_id, 'repeats the calls of another file', NULL FROM agent
) AS dropped
GROUP BY row_id
