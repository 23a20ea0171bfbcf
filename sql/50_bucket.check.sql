-- What was rated before and what was rated now are together each gateway row of the period that
-- repeats no other, once, and each call that no row met, once.
SELECT 'requests lost or doubled' AS broken, CAST(l.n AS VARCHAR) AS found,
  CAST(r.n AS VARCHAR) AS wanted
FROM (SELECT COUNT(*) AS n FROM book.rated WHERE request_row IS NOT NULL) AS l,
  (SELECT COUNT(*) AS n
    FROM raw.request_row AS r LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id, book.period AS p
    WHERE d.row_id IS NULL AND r.started_us >= p.period_from_us
      AND r.started_us < p.period_to_us) AS r
WHERE l.n <> r.n
UNION ALL
SELECT 'calls lost or doubled', CAST(l.n AS VARCHAR), CAST(r.n AS VARCHAR)
FROM (SELECT COUNT(*) AS n FROM book.rated WHERE request_row IS NULL) AS l,
  (SELECT COUNT(*) AS n
    FROM book.lone_call AS c INNER JOIN raw.span_row AS s ON c.row_id = s.row_id
      LEFT JOIN book.same_call AS m ON c.row_id = m.row_id, book.period AS p
    WHERE COALESCE(m.started_us, s.started_us) >= p.period_from_us
      AND COALESCE(m.started_us, s.started_us) < p.period_to_us) AS r
WHERE l.n <> r.n
