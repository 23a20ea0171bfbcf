-- The four effects are bill less charge, row by row, to the last digit; and the rows are whole.
SELECT 'effects do not add up' AS broken, provider, day, model, token_type
FROM book.effect
WHERE volume_usd + price_usd + non_usage_usd + rest_usd
  <> COALESCE(bill_usd, 0) - COALESCE(charge_usd, 0)
UNION ALL
SELECT 'rows lost or doubled', CAST(e.n AS VARCHAR), CAST(d.n AS VARCHAR), NULL, NULL
FROM (SELECT COUNT(*) AS n FROM book.effect) AS e, (SELECT COUNT(*) AS n FROM book.drift) AS d
WHERE e.n <> d.n
UNION ALL
SELECT 'no state', provider, day, model, token_type
FROM book.effect WHERE match_state IS NULL
