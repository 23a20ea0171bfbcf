-- Payable cents and the rounding row are the charge to the last digit; rounding is under a cent.
SELECT 'payable and charge differ' AS broken, SUM(payable_usd) + SUM(rounding_usd) AS payable,
  SUM(charge_usd) AS charge
FROM book.tenant
HAVING SUM(payable_usd) + SUM(rounding_usd) <> SUM(charge_usd)
  OR ABS(SUM(rounding_usd)) > 0.005
