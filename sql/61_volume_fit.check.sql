-- The parts of a difference in tokens are the whole of it.
SELECT 'parts do not add up' AS broken, v.provider, v.day, v.model, v.volume_usd, f.usd
FROM book.volume AS v
LEFT JOIN (
  SELECT provider, account_id, key_id, day, model, SUM(usd) AS usd
  FROM book.volume_fit GROUP BY provider, account_id, key_id, day, model
) AS f
  ON v.provider = f.provider AND v.account_id = f.account_id AND v.key_id = f.key_id
  AND v.day = f.day AND v.model = f.model
WHERE f.usd IS DISTINCT FROM v.volume_usd
