-- The causes of a provider's buckets are the whole way from its charge to its bill.
WITH cause AS (
  SELECT provider, -SUM(drift_usd) AS explained FROM book.bucket_cause WHERE has_bill
  GROUP BY provider
),
leg AS (
  SELECT provider, COALESCE(SUM(charge_usd), 0) AS charge, COALESCE(SUM(bill_usd), 0) AS bill
  FROM book.drift GROUP BY provider HAVING COALESCE(SUM(bill_rows), 0) > 0
)
SELECT 'causes do not reach the bill' AS broken, l.provider,
  l.charge + COALESCE(c.explained, 0) AS reached, l.bill AS wanted
FROM leg AS l LEFT JOIN cause AS c ON l.provider = c.provider
WHERE l.charge + COALESCE(c.explained, 0) <> l.bill
