-- heavy
-- reads:  book.candidate, raw.request, raw.span
-- writes: book.pair
-- grain:  one row a gateway row and the traced call that it is, with the rule that says so; the
--         most precise rule wins, then the same outcome (a failed attempt shares its ids with the
--         retry that succeeds), then the nearest start; each side is in one pair at most
WITH contested_request AS (
  SELECT request_row FROM book.candidate GROUP BY request_row HAVING COUNT(*) > 1
),
contested_call AS (
  SELECT span_row FROM book.candidate GROUP BY span_row HAVING COUNT(*) > 1
),
clear AS (
  SELECT c.rule, c.request_row, c.span_row, c.is_trace_usage
  FROM book.candidate AS c
  LEFT JOIN contested_request AS r ON c.request_row = r.request_row
  LEFT JOIN contested_call AS s ON c.span_row = s.span_row
  WHERE r.request_row IS NULL AND s.span_row IS NULL
),
ranked AS (
  SELECT c.rule, c.request_row, c.span_row, c.is_trace_usage,
    ROW_NUMBER() OVER (
      PARTITION BY c.request_row
      ORDER BY c.rule, c.outcomes_apart, c.apart_us, s.file_id, s.line, s.item) AS call_place,
    ROW_NUMBER() OVER (
      PARTITION BY c.span_row
      ORDER BY c.rule, c.outcomes_apart, c.apart_us, r.file_id, r.line, r.request_id
    ) AS request_place
  FROM book.candidate AS c
  INNER JOIN raw.request AS r ON c.request_row = r.row_id
  INNER JOIN raw.span AS s ON c.span_row = s.row_id
  LEFT JOIN contested_request AS x ON c.request_row = x.request_row
  LEFT JOIN contested_call AS y ON c.span_row = y.span_row
  WHERE x.request_row IS NOT NULL OR y.span_row IS NOT NULL
),
decided AS (
  SELECT rule, request_row, span_row, is_trace_usage FROM clear
  UNION ALL
  SELECT rule, request_row, span_row, is_trace_usage FROM ranked
  WHERE call_place = 1 AND request_place = 1
)
SELECT request_row, span_row, is_trace_usage,
  CASE rule WHEN 1 THEN 'request_id' WHEN 2 THEN 'response_id'
    WHEN 3 THEN 'provider_request_id' ELSE 'trace_span_id' END AS match_rule
FROM decided
