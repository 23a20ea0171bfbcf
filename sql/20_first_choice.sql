-- heavy
-- reads:  book.contested, raw.request_row, raw.span_row
-- writes: book.first_choice
-- grain:  one row a candidate that both its gateway row and its call prefer to their others: the
--         most precise rule wins, then the same outcome (a failed attempt shares its ids with the
--         retry that succeeds), then the nearest start
WITH ranked AS (
  SELECT c.*,
    ROW_NUMBER() OVER (
      PARTITION BY c.request_row
      ORDER BY c.rule, c.outcomes_apart, c.apart_us, s.file_id, s.line, s.item) AS call_place,
    ROW_NUMBER() OVER (
      PARTITION BY c.span_row
      ORDER BY c.rule, c.outcomes_apart, c.apart_us, r.file_id, r.line, r.request_id
    ) AS request_place
  FROM book.contested AS c
  INNER JOIN raw.request_row AS r ON c.request_row = r.row_id
  INNER JOIN raw.span_row AS s ON c.span_row = s.row_id
)
SELECT * FROM ranked WHERE call_place = 1 AND request_place = 1
