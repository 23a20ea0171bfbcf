-- Every bridge adds up to the last digit.
SELECT 'bridge does not add up' AS broken, provider, spend_usd + SUM(amount_usd) AS reached,
  COALESCE(bill_usd, charge_usd) AS wanted
FROM book.bridge
GROUP BY provider, account, spend_usd, charge_usd, bill_usd
HAVING spend_usd + SUM(amount_usd) <> COALESCE(bill_usd, charge_usd)
