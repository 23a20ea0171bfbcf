-- reads:  book.duplicate, raw.request, raw.span
-- writes: book.copy_call
-- grain:  one row a gateway row that stands for others, a span that one of these knows by an id
--         which the row itself does not have, and the rule by which they meet, as in book.candidate
WITH copy AS MATERIALIZED (
  SELECT d.kept_row_id, NULLIF(r.call_id, k.call_id) AS call_id,
    NULLIF(r.response_id, k.response_id) AS response_id,
    NULLIF(r.provider_request_id, k.provider_request_id) AS provider_request_id, r.trace_id,
    NULLIF(r.span_id, k.span_id) AS span_id
  FROM book.duplicate AS d
  INNER JOIN raw.request AS r ON d.row_id = r.row_id
  INNER JOIN raw.request AS k ON d.kept_row_id = k.row_id
)
SELECT c.kept_row_id AS request_row, s.row_id AS span_row, 1 AS rule
FROM copy AS c INNER JOIN raw.span AS s ON c.call_id = s.call_id
UNION
SELECT c.kept_row_id, s.row_id, 2
FROM copy AS c INNER JOIN raw.span AS s ON c.response_id = s.response_id
UNION
SELECT c.kept_row_id, s.row_id, 3
FROM copy AS c INNER JOIN raw.span AS s ON c.provider_request_id = s.provider_request_id
UNION
SELECT c.kept_row_id, s.row_id, 4
FROM copy AS c INNER JOIN raw.span AS s ON c.trace_id = s.trace_id AND c.span_id = s.span_id
