-- A request that drifts beyond tolerance has a cause, and its drift is told once.
SELECT 'drift without a cause' AS broken, r.request_id, r.drift_usd
FROM book.rated AS r CROSS JOIN book.period AS p
LEFT JOIN book.request_cause AS c ON r.file_id = c.file_id AND r.line = c.line
WHERE r.file_id IS NOT NULL AND c.cause IS NULL AND ABS(r.drift_usd) > p.tolerance_usd
  AND p.tolerance_pct = 0
UNION ALL
SELECT 'drift told twice', MIN(request_id), SUM(drift_usd)
FROM book.request_cause
GROUP BY file_id, line, span_file_id, span_line, span_item
HAVING COUNT(*) FILTER (drift_usd <> 0) > 1
