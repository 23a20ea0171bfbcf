-- reads:  book.span_copy
-- writes: book.span_cycle
-- grain:  one row a span that repeats one that repeats another, and so on, back to itself: spans
--         that name each other as the one around them all count
-- In a cycle there is always a next one: its spans are what is come to after 64 steps. Each part is
-- of the few that the one before it leaves.
WITH one AS MATERIALIZED (
  SELECT a.row_id, a.heir_row
  FROM book.span_copy AS a
  INNER JOIN book.span_copy AS h ON a.heir_row = h.row_id
),
two AS MATERIALIZED (
  SELECT a.row_id, h.heir_row FROM one AS a INNER JOIN one AS h ON a.heir_row = h.row_id
),
four AS MATERIALIZED (
  SELECT a.row_id, h.heir_row FROM two AS a INNER JOIN two AS h ON a.heir_row = h.row_id
),
eight AS MATERIALIZED (
  SELECT a.row_id, h.heir_row FROM four AS a INNER JOIN four AS h ON a.heir_row = h.row_id
),
sixteen AS MATERIALIZED (
  SELECT a.row_id, h.heir_row FROM eight AS a INNER JOIN eight AS h ON a.heir_row = h.row_id
),
thirty_two AS MATERIALIZED (
  SELECT a.row_id, h.heir_row FROM sixteen AS a INNER JOIN sixteen AS h ON a.heir_row = h.row_id
)
SELECT DISTINCT h.heir_row AS row_id
FROM thirty_two AS a INNER JOIN thirty_two AS h ON a.heir_row = h.row_id
