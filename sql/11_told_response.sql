-- heavy
-- reads:  book.span_response, book.span_twin
-- writes: book.told_response
-- grain:  one row a call in a client or a gateway whose response is known, with its id, which is
--         one where both saw the call
SELECT n.row_id, COALESCE(c.response_id, n.response_id) AS response_id
FROM book.span_response AS n
LEFT JOIN (
  SELECT told_id, MIN(response_id) AS response_id FROM book.span_twin GROUP BY told_id
) AS c ON n.response_id = c.told_id
UNION ALL
SELECT row_id, response_id FROM book.span_twin WHERE told_id IS NULL
