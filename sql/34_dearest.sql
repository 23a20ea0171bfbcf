-- reads:  book.workflow, book.rated, book.same_call, raw.request_row, raw.span_row
-- writes: book.dearest
-- grain:  one row a workflow run with a charge: the id of its most expensive call, the first of
--         equal ones, the kind of its span, 0 for none, and when the run began. Few runs have
--         equal ones: only these are put in order
WITH top AS (
  SELECT workflow_id, dearest_call_usd AS charge_usd, started_us AS run_us
  FROM book.workflow WHERE workflow_id <> '' AND dearest_call_usd > 0
),
found AS MATERIALIZED (
  SELECT t.workflow_id, t.charge_usd, COUNT(*) AS calls, MIN(r.request_row) AS request_row,
    MIN(r.span_row) AS span_row, MIN(r.span_kind) AS span_kind, MIN(t.run_us) AS run_us
  FROM top AS t
  INNER JOIN book.rated AS r ON t.workflow_id = r.workflow_id AND t.charge_usd = r.charge_usd
  GROUP BY t.workflow_id, t.charge_usd
),
equal AS MATERIALIZED (
  SELECT f.workflow_id, r.request_row, r.span_row, r.span_kind, f.run_us, r.started_us
  FROM book.rated AS r
  INNER JOIN found AS f ON r.workflow_id = f.workflow_id AND r.charge_usd = f.charge_usd
  WHERE f.calls > 1
),
ranked AS (
  SELECT e.workflow_id, e.request_row, e.span_row, e.span_kind, e.run_us,
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
),
chosen AS (
  SELECT workflow_id, request_row, span_row, span_kind, run_us FROM found WHERE calls = 1
  UNION ALL
  SELECT workflow_id, request_row, span_row, span_kind, run_us FROM ranked WHERE place = 1
),
-- A call that the gateway has a row of is known by that.
traced AS (
  SELECT c.workflow_id, COALESCE(s.call_id, m.call_id, s.response_id, m.told_id,
    s.trace_id || '/' || s.span_id) AS request_id
  FROM chosen AS c
  INNER JOIN raw.span_row AS s ON c.span_row = s.row_id
  LEFT JOIN book.same_call AS m ON c.span_row = m.row_id
  WHERE c.request_row IS NULL
)
SELECT c.workflow_id, COALESCE(g.request_id, t.request_id) AS request_id, c.span_kind,
  c.run_us AS started_us
FROM chosen AS c
LEFT JOIN raw.request_row AS g ON c.request_row = g.row_id
LEFT JOIN traced AS t ON c.workflow_id = t.workflow_id
