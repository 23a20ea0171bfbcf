-- reads:  book.volume, book.usage, book.provider_key
-- writes: book.key_line
-- grain:  one row a day and model of book.volume, key that the provider tells apart (project,
--         workspace, key; and account, where there are several) or all keys but one, and token
--         type: how much the provider counted; 'requests', the calls where these are counted
WITH several AS (
  SELECT provider FROM book.usage WHERE is_counted AND is_in_period
  GROUP BY provider HAVING MIN(account_id) < MAX(account_id)
),
usage_row AS (
  SELECT v.provider, v.account_id, v.key_id, v.day, v.model, u.token_type, u.quantity, u.requests,
    -- An account by which the sides are compared is known to the gateway.
    concat_ws(' ', CASE WHEN v.account_id = '' AND s.provider IS NOT NULL
      THEN NULLIF(u.account_id, '') END, NULLIF(u.project_id, ''), NULLIF(u.workspace_id, ''),
      NULLIF(u.api_key_id, '')) AS name
  FROM book.usage AS u
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  INNER JOIN book.volume AS v
    ON u.provider = v.provider AND u.day = v.day AND u.model = v.model
    AND COALESCE(k.account_id, '') = v.account_id AND COALESCE(k.key_id, '') = v.key_id
  LEFT JOIN several AS s ON u.provider = s.provider
  WHERE u.is_counted AND u.is_in_period AND u.request_id IS NULL
),
named AS MATERIALIZED (
  SELECT * FROM usage_row WHERE name <> ''
),
line AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, name, token_type, SUM(quantity) AS quantity
  FROM named GROUP BY ALL
  UNION ALL
  SELECT provider, account_id, key_id, day, model, name, 'requests', SUM(requests)
  FROM named WHERE requests IS NOT NULL GROUP BY ALL
),
total AS (
  SELECT provider, account_id, key_id, day, model, token_type, SUM(quantity) AS quantity
  FROM line GROUP BY provider, account_id, key_id, day, model, token_type
),
key_sum AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, name,
    string_agg(family || ' ' || quantity, ' ' ORDER BY family) FILTER (quantity <> 0) AS counts
  FROM (
    SELECT provider, account_id, key_id, day, model, name,
      CASE WHEN token_type = 'reasoning' THEN 'output'
        WHEN token_type LIKE 'write%' THEN 'cache_' || token_type ELSE token_type END AS family,
      SUM(quantity) AS quantity
    FROM line GROUP BY ALL
  )
  GROUP BY provider, account_id, key_id, day, model, name
),
bucket AS (
  SELECT provider, account_id, key_id, day, model, COUNT(*) AS all_keys,
    list(name ORDER BY name) AS all_names
  FROM key_sum GROUP BY provider, account_id, key_id, day, model
),
-- Of keys that the provider counted the same for, nothing says which one it is.
alike AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, MIN(name) AS name,
    string_agg(name, ' or ' ORDER BY name) AS names, COUNT(*) AS keys
  FROM key_sum GROUP BY provider, account_id, key_id, day, model, counts
)
SELECT k.provider, k.account_id, k.key_id, k.day, k.model, k.names AS label,
  'all that the provider counted for ' || k.names AS evidence, o.token_type,
  CAST(o.quantity AS BIGINT) AS quantity
FROM alike AS k
INNER JOIN line AS o
  ON k.provider = o.provider AND k.account_id = o.account_id AND k.key_id = o.key_id
  AND k.day = o.day AND k.model = o.model AND k.name = o.name
UNION ALL
-- All but one of two is the other one.
SELECT k.provider, k.account_id, k.key_id, k.day, k.model, 'but ' || k.names,
  'all that the provider counted ' || CASE WHEN k.keys = 1 AND b.all_keys <= 4
    THEN 'for ' || array_to_string(list_filter(b.all_names, x -> x <> k.name), ', ')
      || ', but not for ' ELSE 'but for ' END || k.names, t.token_type,
  CAST(t.quantity - COALESCE(o.quantity, 0) AS BIGINT)
FROM alike AS k
INNER JOIN bucket AS b
  ON k.provider = b.provider AND k.account_id = b.account_id AND k.key_id = b.key_id
  AND k.day = b.day AND k.model = b.model
INNER JOIN total AS t
  ON k.provider = t.provider AND k.account_id = t.account_id AND k.key_id = t.key_id
  AND k.day = t.day AND k.model = t.model
LEFT JOIN line AS o
  ON k.provider = o.provider AND k.account_id = o.account_id AND k.key_id = o.key_id
  AND k.day = o.day AND k.model = o.model AND k.name = o.name AND t.token_type = o.token_type
WHERE k.keys < b.all_keys AND b.all_keys > 2
