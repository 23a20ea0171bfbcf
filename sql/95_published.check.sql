-- The ledger is published whole: no join of a report loses or doubles a request.
SELECT 'requests' AS broken, CAST(a.n AS VARCHAR) AS found, CAST(b.n AS VARCHAR) AS wanted
FROM (SELECT COUNT(*) AS n FROM published.requests) AS a,
  (SELECT COUNT(*) AS n FROM book.rated) AS b
WHERE a.n <> b.n
