-- Each gateway row and each call stands in one pair at most.
SELECT 'request in two pairs' AS broken, file_id, line FROM book.pair
GROUP BY file_id, line HAVING COUNT(*) > 1
UNION ALL
SELECT 'call in two pairs', span_file_id, span_line FROM book.pair
GROUP BY span_file_id, span_line, span_item HAVING COUNT(*) > 1
