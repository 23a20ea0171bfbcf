-- Each gateway row of the period that repeats no other, and each call that no row met, is one
-- request, in exactly one state.
SELECT 'gateway rows lost or doubled' AS broken, CAST(l.n AS VARCHAR) AS found,
  CAST(r.n AS VARCHAR) AS wanted
FROM (SELECT COUNT(*) AS n, COUNT(DISTINCT request_row) AS different FROM book.ledger
    WHERE request_row IS NOT NULL) AS l,
  (SELECT COUNT(*) AS n
    FROM raw.request AS r LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id, book.period AS p
    WHERE d.row_id IS NULL AND r.started_us >= p.period_from_us
      AND r.started_us < p.period_to_us) AS r
WHERE l.n <> r.n OR l.different <> r.n
UNION ALL
SELECT 'state', CAST(request_row AS VARCHAR), request_state FROM book.ledger
WHERE request_state <> CASE WHEN request_row IS NULL THEN 'only_trace'
  WHEN span_row IS NULL THEN 'only_gateway' ELSE 'gateway_trace' END
