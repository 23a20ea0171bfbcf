-- Every call is in one run, and so is its charge.
SELECT 'calls in workflows' AS broken, CAST(w.n AS VARCHAR) AS found, CAST(r.n AS VARCHAR) AS wanted
FROM (SELECT COALESCE(SUM(calls), 0) AS n, COALESCE(SUM(charge_usd), 0) AS usd
  FROM book.workflow) AS w,
  (SELECT COUNT(*) AS n, COALESCE(SUM(charge_usd), 0) AS usd FROM book.rated) AS r
WHERE w.n <> r.n OR w.usd <> r.usd
