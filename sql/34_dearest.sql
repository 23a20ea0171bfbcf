-- reads:  book.workflow, book.rated, raw.request_row, raw.span_row
-- writes: book.dearest
-- grain:  one row a workflow run with a charge: its most expensive call, the first of equal ones.
--         Few runs have equal ones: only these are put in order
WITH top AS (
  SELECT workflow_id, dearest_call_usd AS charge_usd
  FROM book.workflow WHERE workflow_id <> '' AND dearest_call_usd > 0
),
found AS MATERIALIZED (
  SELECT t.workflow_id, t.charge_usd, COUNT(*) AS calls, MIN(r.request_row) AS request_row,
    MIN(r.span_row) AS span_row
  FROM top AS t
  INNER JOIN book.rated AS r ON t.workflow_id = r.workflow_id AND t.charge_usd = r.charge_usd
  GROUP BY t.workflow_id, t.charge_usd
),
equal AS MATERIALIZED (
  SELECT f.workflow_id, r.request_row, r.span_row, r.started_us
  FROM book.rated AS r
  INNER JOIN found AS f ON r.workflow_id = f.workflow_id AND r.charge_usd = f.charge_usd
  WHERE f.calls > 1
),
ranked AS (
  SELECT e.workflow_id, e.request_row, e.span_row,
    ROW_NUMBER() OVER (
      PARTITION BY e.workflow_id
      ORDER BY e.started_us, COALESCE(g.file_id, s.file_id), COALESCE(g.line, s.line), s.item,
        g.request_id) AS place
  FROM equal AS e
  LEFT JOIN (
    SELECT row_id, file_id, line, request_id FROM raw.request_row
    WHERE row_id IN (SELECT request_row FROM equal)
  ) AS g ON e.request_row = g.row_id
  LEFT JOIN (
    SELECT row_id, file_id, line, item FROM raw.span_row
    WHERE row_id IN (SELECT span_row FROM equal)
  ) AS s ON e.span_row = s.row_id
)
SELECT workflow_id, request_row, CASE WHEN request_row IS NULL THEN span_row END AS span_row
FROM found WHERE calls = 1
UNION ALL
SELECT workflow_id, request_row, CASE WHEN request_row IS NULL THEN span_row END
FROM ranked WHERE place = 1
