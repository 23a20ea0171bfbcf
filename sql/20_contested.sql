-- heavy
-- reads:  book.candidate
-- writes: book.contested
-- grain:  one row a candidate whose gateway row or call has other candidates too; they are few
WITH contested_request AS (
  SELECT request_row FROM book.candidate GROUP BY request_row HAVING COUNT(*) > 1
),
contested_call AS (
  SELECT span_row FROM book.candidate GROUP BY span_row HAVING COUNT(*) > 1
)
SELECT c.*
FROM book.candidate AS c
LEFT JOIN contested_request AS r ON c.request_row = r.request_row
LEFT JOIN contested_call AS s ON c.span_row = s.span_row
WHERE r.request_row IS NOT NULL OR s.span_row IS NOT NULL
