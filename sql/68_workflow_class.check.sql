-- Every call is in one run, and so is its charge: of the runs that are kept too.
SELECT 'calls in workflows' AS broken, CAST(w.n AS VARCHAR) AS found, CAST(r.n AS VARCHAR) AS wanted
FROM (SELECT COALESCE(SUM(calls), 0) AS n, COALESCE(SUM(charge_usd), 0) AS usd
  FROM book.workflow) AS w,
  (SELECT COALESCE(SUM(requests), 0) AS n, COALESCE(SUM(charge_usd), 0) AS usd
  FROM book.bucket) AS r
WHERE w.n <> r.n OR w.usd <> r.usd
UNION ALL
-- Runs and the days by which tenants pay put it into the same class.
SELECT 'charge of a class', CAST(c.usd AS VARCHAR), CAST(d.usd AS VARCHAR)
FROM (SELECT workflow_name, calls AS n, COALESCE(charge_usd, 0) AS usd
  FROM book.workflow_class) AS c
FULL JOIN (SELECT COALESCE(workflow_name, '') AS workflow_name, SUM(requests) AS n,
    COALESCE(SUM(charge_usd), 0) AS usd
  FROM book.day_sum WHERE workflow <> 'not named' GROUP BY COALESCE(workflow_name, '')) AS d
  ON c.workflow_name = d.workflow_name
WHERE c.n IS DISTINCT FROM d.n OR c.usd IS DISTINCT FROM d.usd
