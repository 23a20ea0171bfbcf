-- Each gateway row is in one hour: of the days that are kept too.
SELECT 'requests in hours' AS broken, CAST(h.n AS VARCHAR) AS found, CAST(r.n AS VARCHAR) AS wanted
FROM (SELECT COALESCE(SUM(requests), 0) AS n FROM book.day_hour) AS h,
  (SELECT COUNT(*) AS n FROM book.rated WHERE request_row IS NOT NULL) AS r
WHERE h.n <> r.n
