-- The charge is the lower end of its range, and a request has one range at most.
SELECT 'charge outside its range' AS broken, CAST(r.request_row AS VARCHAR) AS row, r.charge_usd
FROM book.uncertain AS u
INNER JOIN book.rated AS r
  ON COALESCE(u.request_row, -u.span_row) = COALESCE(r.request_row, -r.span_row)
WHERE r.charge_usd <> u.low_usd OR r.charge_usd >= u.high_usd
UNION ALL
SELECT 'two ranges of one request', CAST(MIN(request_row) AS VARCHAR), MIN(low_usd)
FROM book.uncertain
GROUP BY COALESCE(request_row, -span_row) HAVING COUNT(*) > 1
