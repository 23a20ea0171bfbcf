-- All tenants together are the drift report's charge, to the last digit.
SELECT 'chargeback and drift differ' AS broken, CAST(c.usd AS VARCHAR) AS chargeback,
  CAST(d.usd AS VARCHAR) AS drift
FROM (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.chargeback) AS c,
  (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.drift) AS d
WHERE c.usd <> d.usd
