-- Each gateway row of the period that repeats no other, and each call that no row met, is one
-- request, in exactly one state.
SELECT 'gateway rows lost or doubled' AS broken, CAST(l.n AS VARCHAR) AS found,
  CAST(r.n AS VARCHAR) AS wanted
FROM (SELECT COUNT(*) AS n FROM book.ledger WHERE file_id IS NOT NULL) AS l,
  (SELECT COUNT(*) - (SELECT COUNT(*) FROM book.duplicate AS d
      INNER JOIN raw.request AS r ON d.file_id = r.file_id AND d.line = r.line,
      book.period AS p
      WHERE r.started_us >= p.period_from_us AND r.started_us < p.period_to_us) AS n
    FROM raw.request, book.period
    WHERE started_us >= period_from_us AND started_us < period_to_us) AS r
WHERE l.n <> r.n
UNION ALL
SELECT 'state', request_id, request_state FROM book.ledger
WHERE request_state <> CASE WHEN file_id IS NULL THEN 'only_trace'
  WHEN span_file_id IS NULL THEN 'only_gateway' ELSE 'gateway_trace' END
