-- reads:  book.price_case, book.usage, book.provider_key, book.sheet, book.price
-- writes: book.price_demoted
-- grain:  one row a row of book.price_case and tier other than the standard one that the provider
--         counts on its day, of at least three tiers: what the line is where the tokens of that
--         tier alone are billed at the standard price
WITH several AS (
  SELECT * FROM (
    SELECT *, bool_or(contains(usage_tiers, ', ')) OVER thing AS is_of_tiers,
      bool_and(has_count AND token_type <> '*') OVER thing AS is_split
    FROM book.price_case
    WINDOW thing AS (PARTITION BY provider, account_id, key_id, day, billed)
  ) WHERE is_of_tiers AND is_split
),
used AS (
  SELECT DISTINCT l.provider, l.account_id, l.key_id, l.day, l.billed, u.row_id, u.token_type,
    u.priced_tier AS tier, u.bucket_from_us, COALESCE(u.region, '') AS region,
    COALESCE(u.context_tier, '') AS context_tier, CAST(u.quantity AS DECIMAL(18,0)) AS quantity,
    u.usd_per_token
  FROM book.usage AS u
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  INNER JOIN several AS l
    ON u.provider = l.provider AND u.day = l.day AND u.model = l.billed
    AND COALESCE(k.account_id, '') = l.account_id AND COALESCE(k.key_id, '') = l.key_id
  WHERE u.is_counted AND u.is_in_period AND u.quantity > 0 AND u.priced_tier IS NOT NULL
),
moved AS (
  SELECT u.provider, u.account_id, u.key_id, u.day, u.billed, u.tier, u.token_type,
    SUM(u.quantity * (p.usd_per_token - u.usd_per_token)) AS usd
  FROM used AS u
  INNER JOIN book.sheet AS s
    ON u.provider = s.provider AND u.billed = s.model AND s.service_tier = 'standard'
    AND s.region = u.region AND s.min_prompt = 0
    AND u.bucket_from_us >= s.from_us AND u.bucket_from_us < s.to_us
  INNER JOIN book.price AS p ON s.sheet_id = p.sheet_id AND u.token_type = p.token_type
  WHERE u.tier <> 'standard' AND u.context_tier = ''
  GROUP BY u.provider, u.account_id, u.key_id, u.day, u.billed, u.tier, u.token_type
),
tier AS (
  SELECT DISTINCT provider, account_id, key_id, day, billed, tier FROM moved
  WHERE (provider, account_id, key_id, day, billed) IN (
    SELECT (provider, account_id, key_id, day, billed) FROM used
    GROUP BY provider, account_id, key_id, day, billed HAVING COUNT(DISTINCT tier) > 2)
)
SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type,
  CASE t.tier WHEN 'batch' THEN 'batch_price' ELSE 'service_tier' END AS cause,
  'what the usage says is of tier ' || t.tier || ' billed at the standard price' AS evidence,
  CAST(l.list_usd + COALESCE(m.usd, 0) AS DECIMAL(38,15)) AS usd
FROM several AS l
INNER JOIN tier AS t USING (provider, account_id, key_id, day, billed)
LEFT JOIN moved AS m
  ON l.provider = m.provider AND l.account_id = m.account_id AND l.key_id = m.key_id
  AND l.day = m.day AND l.billed = m.billed AND l.token_type = m.token_type AND t.tier = m.tier
