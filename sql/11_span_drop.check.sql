-- A span delivered twice keeps one delivery.
SELECT 'every delivery dropped' AS broken, s.trace_id, s.span_id
FROM raw.span AS s
LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id AND d.reason = 'delivered twice'
GROUP BY s.trace_id, s.span_id
HAVING COUNT(*) = COUNT(d.row_id)
