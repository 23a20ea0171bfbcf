-- Of the spans of one response just one stands for the call.
SELECT 'not one span kept' AS broken, response_id, COUNT(*) FILTER (is_kept) AS kept
FROM book.same_call GROUP BY response_id HAVING COUNT(*) FILTER (is_kept) <> 1
