-- What is billed is shared out to the last digit, and so is the charge that is not billed yet.
SELECT 'billed amounts' AS broken, CAST(s.usd AS VARCHAR) AS found, CAST(d.usd AS VARCHAR) AS wanted
FROM (SELECT COALESCE(SUM(amount_usd), 0) AS usd FROM book.share WHERE is_billed) AS s,
  (SELECT COALESCE(SUM(bill_usd), 0) AS usd FROM book.drift) AS d
WHERE s.usd <> d.usd
UNION ALL
SELECT 'amounts not billed yet', CAST(s.usd AS VARCHAR), CAST(c.usd AS VARCHAR)
FROM (SELECT COALESCE(SUM(amount_usd), 0) AS usd FROM book.share WHERE NOT is_billed) AS s,
  (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.scope WHERE NOT is_billed) AS c
WHERE s.usd <> c.usd
UNION ALL
SELECT 'charge', CAST(s.usd AS VARCHAR), CAST(d.usd AS VARCHAR)
FROM (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.share) AS s,
  (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.drift) AS d
WHERE s.usd <> d.usd
