-- What the drift report holds is all there is, to the last digit.
WITH total AS (
  SELECT COALESCE(SUM(spend_usd), 0) AS spend, COALESCE(SUM(charge_usd), 0) AS charge,
    COALESCE(SUM(bill_usd), 0) AS bill
  FROM book.drift
),
request AS (
  SELECT COALESCE(SUM(spend_usd), 0) AS spend, COALESCE(SUM(charge_usd), 0) AS charge
  FROM book.rated
)
SELECT 'spend' AS broken, CAST(t.spend AS VARCHAR) AS drift, CAST(r.spend AS VARCHAR) AS source
FROM total AS t, request AS r
WHERE t.spend <> r.spend
UNION ALL
SELECT 'charge', CAST(t.charge AS VARCHAR), CAST(r.charge AS VARCHAR)
FROM total AS t, request AS r
WHERE t.charge <> r.charge
UNION ALL
SELECT 'bill', CAST(t.bill AS VARCHAR), CAST(b.usd AS VARCHAR)
FROM total AS t, (SELECT COALESCE(SUM(amount_usd), 0) AS usd FROM book.bill
  WHERE is_counted AND is_in_period) AS b
WHERE t.bill <> b.usd
