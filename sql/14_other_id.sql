-- heavy
-- reads:  raw.span_row, book.again, book.same_call
-- writes: book.other_id
-- drops: book.again
-- grain:  one row a call and id that only other spans of it know, by which a gateway row may tell
--         of the same: rule is that of book.candidate which compares such ids
WITH kept AS (
  SELECT c.response_id, s.row_id, COALESCE(s.call_id, c.call_id) AS call_id,
    s.response_id AS told_id, COALESCE(s.provider_request_id, c.provider_request_id)
      AS provider_request_id, s.trace_id, s.span_id
  FROM book.same_call AS c
  INNER JOIN raw.span_row AS s ON c.row_id = s.row_id
  WHERE c.is_kept
),
other AS (
  SELECT k.row_id, s.call_id, s.told_id, s.provider_request_id, s.trace_id, s.span_id,
    k.call_id AS own_call_id, k.told_id AS own_told_id,
    k.provider_request_id AS own_provider_request_id, k.trace_id AS own_trace_id,
    k.span_id AS own_span_id
  FROM book.same_call AS c
  INNER JOIN book.again AS s ON c.row_id = s.row_id
  INNER JOIN kept AS k ON c.response_id = k.response_id
  WHERE NOT c.is_kept
)
SELECT row_id, 1 AS rule, call_id AS id, '' AS span_id FROM other
WHERE call_id <> COALESCE(own_call_id, '')
GROUP BY row_id, call_id
UNION ALL
SELECT row_id, 2, told_id, '' FROM other
WHERE told_id <> COALESCE(own_told_id, '')
GROUP BY row_id, told_id
UNION ALL
SELECT row_id, 3, provider_request_id, '' FROM other
WHERE provider_request_id <> COALESCE(own_provider_request_id, '')
GROUP BY row_id, provider_request_id
UNION ALL
SELECT row_id, 4, trace_id, span_id FROM other
WHERE trace_id <> own_trace_id OR span_id <> own_span_id
GROUP BY row_id, trace_id, span_id
