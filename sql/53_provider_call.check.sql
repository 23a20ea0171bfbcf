-- A provider's id is one request, and a request is one id.
SELECT 'id twice' AS broken, request_id FROM book.provider_call
GROUP BY request_id HAVING COUNT(*) > 1
UNION ALL
SELECT 'request twice', CAST(COALESCE(request_row, -span_row) AS VARCHAR)
FROM book.provider_call
WHERE request_row IS NOT NULL OR span_row IS NOT NULL
GROUP BY request_row, span_row HAVING COUNT(*) > 1
