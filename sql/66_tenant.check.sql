-- Payable cents and the rounding row are the amount to the last digit; rounding is under a cent;
-- and a tenant's amount is what was billed, what is not billed yet and what was allocated to it.
SELECT 'payable and amount differ' AS broken, SUM(payable_usd) + SUM(rounding_usd) AS payable,
  SUM(amount_usd) AS amount
FROM book.tenant
HAVING SUM(payable_usd) + SUM(rounding_usd) <> SUM(amount_usd)
  OR ABS(SUM(rounding_usd)) > 0.005
UNION ALL
SELECT 'amount of ' || tenant_id, billed_usd + unbilled_usd + allocated_usd, amount_usd
FROM book.tenant WHERE billed_usd + unbilled_usd + allocated_usd <> amount_usd
UNION ALL
SELECT 'tenants and chargeback differ', t.usd, c.usd
FROM (SELECT COALESCE(SUM(amount_usd), 0) AS usd FROM book.tenant) AS t,
  (SELECT COALESCE(SUM(amount_usd), 0) AS usd FROM book.chargeback) AS c
WHERE t.usd <> c.usd
