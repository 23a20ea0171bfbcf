-- Each gateway row of the period that repeats no other, and each call that no row met, is one
-- request, in exactly one state, and is rated once; an amount stands just where the status says so.
SELECT 'gateway rows lost or doubled' AS broken, CAST(l.n AS VARCHAR) AS found,
  CAST(r.n AS VARCHAR) AS wanted
FROM (SELECT COUNT(*) AS n, COUNT(DISTINCT request_row) AS different FROM book.rated
    WHERE request_row IS NOT NULL) AS l,
  (SELECT COUNT(*) AS n
    FROM raw.request AS r LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id, book.period AS p
    WHERE d.row_id IS NULL AND r.started_us >= p.period_from_us
      AND r.started_us < p.period_to_us) AS r
WHERE l.n <> r.n OR l.different <> r.n
UNION ALL
SELECT 'calls lost or doubled', CAST(l.n AS VARCHAR), CAST(r.n AS VARCHAR)
FROM (SELECT COUNT(*) AS n, COUNT(DISTINCT span_row) AS different FROM book.rated
    WHERE request_row IS NULL) AS l,
  (SELECT COUNT(*) AS n
    FROM book.lone_call AS c INNER JOIN raw.span_row AS s ON c.row_id = s.row_id
      LEFT JOIN book.same_call AS m ON c.row_id = m.row_id, book.period AS p
    WHERE COALESCE(m.started_us, s.started_us) >= p.period_from_us
      AND COALESCE(m.started_us, s.started_us) < p.period_to_us) AS r
WHERE l.n <> r.n OR l.different <> r.n
UNION ALL
SELECT 'state', CAST(request_row AS VARCHAR), request_state FROM book.rated
WHERE request_state <> CASE WHEN request_row IS NULL THEN 'only_trace'
  WHEN span_row IS NULL THEN 'only_gateway' ELSE 'gateway_trace' END
UNION ALL
SELECT 'charge without price, or price without charge', CAST(request_row AS VARCHAR),
  charge_status
FROM book.rated
WHERE (charge_usd IS NULL) <> (charge_status IN ('unpriced', 'impossible', 'no_usage'))
UNION ALL
SELECT 'name without resolution', CAST(request_row AS VARCHAR), model_raw
FROM book.rated WHERE price_status IS NULL
