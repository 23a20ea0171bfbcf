-- Each gateway row and each call stands in one pair at most.
SELECT 'request in two pairs' AS broken, request_row AS row FROM book.pair
GROUP BY request_row HAVING COUNT(*) > 1
UNION ALL
SELECT 'call in two pairs', span_row FROM book.pair
GROUP BY span_row HAVING COUNT(*) > 1
