-- Nothing appears or vanishes when an amount is shared out: its parts are the amount to the last
-- digit, and its ratios are exactly 1.
SELECT 'an amount shared out' AS broken, line, CAST(SUM(amount_usd) AS VARCHAR) AS left_over,
  CAST(SUM(ratio) AS VARCHAR) AS ratios
FROM book.allocation GROUP BY line HAVING SUM(amount_usd) <> 0 OR SUM(ratio) <> 1
