-- heavy
-- reads:  raw.request, book.duplicate, book.call
-- writes: book.pair
-- grain:  one row a gateway row and the traced call that it is, with the rule that says so;
--         the most precise rule wins, and each side is in one pair at most
WITH requests AS (
  SELECT r.file_id, r.line, r.request_id, r.call_id, r.response_id, r.provider_request_id,
    r.trace_id, r.span_id, r.started_us
  FROM raw.request AS r
  LEFT JOIN book.duplicate AS d ON r.file_id = d.file_id AND r.line = d.line
  WHERE d.line IS NULL
),
candidates AS (
  SELECT 1 AS rule, r.file_id, r.line, r.started_us, c.file_id AS span_file_id,
    c.line AS span_line, c.item AS span_item, c.started_us AS span_started_us
  FROM requests AS r INNER JOIN book.call AS c ON r.request_id = c.call_id
  UNION ALL
  SELECT 1, r.file_id, r.line, r.started_us, c.file_id, c.line, c.item, c.started_us
  FROM requests AS r INNER JOIN book.call AS c ON r.call_id = c.call_id
  WHERE r.call_id <> r.request_id
  UNION ALL
  SELECT 2, r.file_id, r.line, r.started_us, c.file_id, c.line, c.item, c.started_us
  FROM requests AS r INNER JOIN book.call AS c ON r.response_id = c.response_id
  UNION ALL
  SELECT 3, r.file_id, r.line, r.started_us, c.file_id, c.line, c.item, c.started_us
  FROM requests AS r
  INNER JOIN book.call AS c ON r.provider_request_id = c.provider_request_id
  UNION ALL
  SELECT 4, r.file_id, r.line, r.started_us, c.file_id, c.line, c.item, c.started_us
  FROM requests AS r
  INNER JOIN book.call AS c ON r.trace_id = c.trace_id AND r.span_id = c.span_id
),
ranked AS (
  SELECT rule, file_id, line, span_file_id, span_line, span_item,
    ROW_NUMBER() OVER (
      PARTITION BY file_id, line
      ORDER BY rule, ABS(span_started_us - started_us), span_file_id, span_line, span_item
    ) AS request_place,
    ROW_NUMBER() OVER (
      PARTITION BY span_file_id, span_line, span_item
      ORDER BY rule, ABS(span_started_us - started_us), file_id, line
    ) AS call_place
  FROM candidates
)
SELECT p.file_id, p.line, p.span_file_id, p.span_line, p.span_item,
  CASE p.rule WHEN 1 THEN 'request_id' WHEN 2 THEN 'response_id'
    WHEN 3 THEN 'provider_request_id' ELSE 'trace_span_id' END AS match_rule
FROM ranked AS p
WHERE p.request_place = 1 AND p.call_place = 1
