-- All tenants and pools together are the bill, and the charge where no bill is there yet, to the
-- last digit; their charges are the drift report's.
SELECT 'chargeback and bill differ' AS broken, CAST(c.usd AS VARCHAR) AS chargeback,
  CAST(d.usd AS VARCHAR) AS wanted
FROM (SELECT COALESCE(SUM(amount_usd), 0) AS usd FROM book.chargeback) AS c,
  (SELECT COALESCE((SELECT SUM(bill_usd) FROM book.drift), 0)
    + COALESCE((SELECT SUM(charge_usd) FROM book.scope WHERE NOT is_billed), 0) AS usd) AS d
WHERE c.usd <> d.usd
UNION ALL
SELECT 'chargeback and drift differ in charge', CAST(c.usd AS VARCHAR), CAST(d.usd AS VARCHAR)
FROM (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.chargeback) AS c,
  (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.drift) AS d
WHERE c.usd <> d.usd
