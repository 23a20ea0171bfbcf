-- reads:  book.charge_line, book.sheet, book.usage, book.provider_key
-- writes: book.moved_tier
-- grain:  one row a provider, account, key, UTC day and model: the tiers of which the provider
--         counts other tokens than we charge
WITH leg AS (
  SELECT l.provider, l.account_id, l.key_id, l.day, l.model, s.service_tier AS tier,
    CASE l.token_type WHEN 'reasoning' THEN 'output' ELSE l.token_type END AS token_type, l.quantity
  FROM book.charge_line AS l INNER JOIN book.sheet AS s ON l.sheet_id = s.sheet_id
  WHERE l.charge_status = 'rated'
  UNION ALL
  SELECT u.provider, COALESCE(k.account_id, ''), COALESCE(k.key_id, ''), u.day, u.model,
    u.priced_tier,
    CASE u.token_type WHEN 'reasoning' THEN 'output' ELSE u.token_type END, -u.quantity
  FROM book.usage AS u
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  WHERE u.is_counted AND u.is_in_period AND u.priced_tier IS NOT NULL
)
SELECT provider, account_id, key_id, day, model, list(DISTINCT tier ORDER BY tier) AS tiers
FROM (
  SELECT provider, account_id, key_id, day, model, tier FROM leg
  GROUP BY provider, account_id, key_id, day, model, tier, token_type HAVING SUM(quantity) <> 0
)
GROUP BY provider, account_id, key_id, day, model
