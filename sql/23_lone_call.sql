-- heavy
-- reads:  raw.span, book.span_drop, book.same_call, book.pair
-- writes: book.lone_call
-- grain:  one row a traced call that no gateway row is
SELECT s.row_id
FROM raw.span AS s
LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id
LEFT JOIN book.same_call AS m ON s.row_id = m.row_id
LEFT JOIN book.pair AS p ON s.row_id = p.span_row
WHERE s.role IN ('llm_call', 'gateway') AND d.row_id IS NULL AND p.span_row IS NULL
  AND COALESCE(m.is_kept, TRUE)
