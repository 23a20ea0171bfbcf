-- No finding and no step of a bridge names a cause that is not on the list. A cause of several
-- names ('a|b', 'a+b') is that of a call which more than one explains.
WITH named AS (
  SELECT DISTINCT unnest(string_split_regex(cause, '[|+]')) AS cause
  FROM (SELECT cause FROM book.break UNION ALL SELECT cause FROM book.bridge)
)
SELECT 'a cause that is not on the list' AS broken, n.cause
FROM named AS n LEFT JOIN book.cause_kind AS k ON n.cause = k.cause
WHERE k.cause IS NULL AND n.cause IS NOT NULL
UNION ALL
-- What was found on requests and buckets is told, no more and no less.
SELECT 'findings do not add up', CAST(b.usd AS VARCHAR) || ' is not ' || CAST(c.usd AS VARCHAR)
FROM (SELECT COALESCE(SUM(drift_usd), 0) AS usd FROM book.break) AS b,
  (SELECT COALESCE((SELECT SUM(drift_usd) FROM book.request_cause), 0)
    + COALESCE((SELECT SUM(drift_usd) FROM book.bucket_cause), 0) AS usd) AS c
WHERE b.usd <> c.usd
