-- heavy
-- reads:  book.usage, book.bill, book.rated, raw.request, raw.span
-- writes: book.provider_call
-- about: raw.usage.request_id, raw.bill.request_id
-- grain:  one row a request id in the providers' files, with the request of the ledger that it is;
--         each of the two stands once
WITH told AS (
  SELECT request_id, MIN(provider) AS provider
  FROM (
    SELECT provider, request_id FROM book.usage
    WHERE is_in_period AND request_id IS NOT NULL
    UNION ALL
    SELECT provider, request_id FROM book.bill
    WHERE is_in_period AND request_id IS NOT NULL
  ) AS rows_with_id
  GROUP BY request_id
),
met AS (
  SELECT t.request_id, r.request_row, r.span_row, 1 AS rule, r.started_us, g.file_id,
    g.line, g.request_id AS row_name
  FROM told AS t
  INNER JOIN raw.request AS g ON t.request_id = g.provider_request_id
  INNER JOIN book.rated AS r ON g.row_id = r.request_row
  UNION ALL
  SELECT t.request_id, r.request_row, r.span_row, 2, r.started_us, g.file_id, g.line,
    g.request_id
  FROM told AS t
  INNER JOIN raw.request AS g ON t.request_id = g.response_id
  INNER JOIN book.rated AS r ON g.row_id = r.request_row
  UNION ALL
  SELECT t.request_id, r.request_row, r.span_row, 3, r.started_us, g.file_id, g.line,
    g.request_id
  FROM told AS t
  INNER JOIN raw.request AS g ON t.request_id = g.request_id
  INNER JOIN book.rated AS r ON g.row_id = r.request_row
  UNION ALL
  SELECT t.request_id, r.request_row, r.span_row, 4, r.started_us, s.file_id, s.line,
    s.span_id
  FROM told AS t
  INNER JOIN raw.span AS s ON t.request_id = s.provider_request_id
  INNER JOIN book.rated AS r ON s.row_id = r.span_row
  UNION ALL
  SELECT t.request_id, r.request_row, r.span_row, 5, r.started_us, s.file_id, s.line,
    s.span_id
  FROM told AS t
  INNER JOIN raw.span AS s ON t.request_id = s.response_id
  INNER JOIN book.rated AS r ON s.row_id = r.span_row
),
ranked AS (
  SELECT request_id, request_row, span_row,
    ROW_NUMBER() OVER (
      PARTITION BY request_id
      ORDER BY rule, started_us, file_id, line, row_name
    ) AS request_place,
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(request_row, -span_row)
      ORDER BY rule, request_id) AS id_place
  FROM met
)
SELECT t.provider, t.request_id, r.request_row, r.span_row
FROM told AS t
LEFT JOIN ranked AS r
  ON t.request_id = r.request_id AND r.request_place = 1 AND r.id_place = 1
