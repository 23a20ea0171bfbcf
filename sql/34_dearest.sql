-- heavy
-- reads:  book.part, book.rated
-- writes: book.dearest
-- grain:  one row a workflow run with a charge: its most expensive call, the first of equal ones
WITH top AS (
  SELECT workflow_id, MAX(dearest_call_usd) AS charge_usd
  FROM book.part WHERE workflow_id <> ''
  GROUP BY workflow_id
  HAVING MAX(dearest_call_usd) > 0
)
SELECT t.workflow_id, MIN(r.request_row) AS request_row,
  MIN(CASE WHEN r.request_row IS NULL THEN r.span_row END) AS span_row
FROM top AS t
INNER JOIN book.rated AS r ON t.workflow_id = r.workflow_id AND t.charge_usd = r.charge_usd
GROUP BY t.workflow_id
