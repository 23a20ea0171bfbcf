-- No response is two calls, and no span is.
SELECT 'response seen twice' AS broken, response_id AS id FROM book.call
WHERE response_id IS NOT NULL GROUP BY response_id HAVING COUNT(*) > 1
UNION ALL
SELECT 'span seen twice', trace_id || '/' || span_id FROM book.call
WHERE span_id IS NOT NULL GROUP BY trace_id, span_id HAVING COUNT(*) > 1
