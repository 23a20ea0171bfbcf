-- reads:  book.effect
-- writes: book.billed
-- grain:  one row a row of book.effect that is of use, with the part of the bill that tells of it:
--         the billed thing (a model; '*' is all models without a bill row of their own; web
--         searches stand apart) and the billed type ('*' where the bill does not split the thing
--         by token type). is_billed: a bill of the account covers the day. kin is the token type,
--         or the first of its family where the two sides split cache writes by lifetime, or
--         answers by reasoning, otherwise
WITH owned AS (
  SELECT *, COALESCE(SUM(bill_rows) OVER (PARTITION BY provider, account_id), 0) > 0
    AS has_account_bill
  FROM book.effect
),
day_bill AS (
  SELECT provider, account_id, key_id, day,
    bool_or(model = '' AND bill_rows > 0 AND token_type = 'unsplit') AS has_sum,
    bool_or(bill_rows > 0 AND token_type = 'web_search') AS has_searches
  FROM owned WHERE NOT is_beside GROUP BY provider, account_id, key_id, day
),
model_bill AS (
  SELECT provider, account_id, key_id, day, model,
    COALESCE(SUM(bill_rows), 0) > 0 OR COALESCE(SUM(free_usd) = SUM(usage_charge_usd), FALSE)
      AS has_own,
    COALESCE(SUM(bill_rows) FILTER (token_type = 'unsplit'), 0) = 0 AS is_split
  FROM owned WHERE NOT is_beside AND token_type <> 'web_search'
  GROUP BY provider, account_id, key_id, day, model
),
-- Families of which one side counts more of one type and less of another, or bills one for another.
split_otherwise AS (
  SELECT provider, account_id, key_id, day, model, family
  FROM (
    SELECT provider, account_id, key_id, day, model, token_type,
      CASE WHEN token_type IN ('output', 'reasoning') THEN 'output' ELSE 'cache_write' END
        AS family, SUM(delta) AS delta, COALESCE(SUM(quantity_charged), 0) > 0 AS is_ours,
      COALESCE(SUM(bill_rows), 0) > 0 AS is_theirs
    FROM owned
    WHERE token_type IN ('output', 'reasoning', 'cache_write', 'cache_write_5m', 'cache_write_1h')
    GROUP BY provider, account_id, key_id, day, model, token_type
  )
  GROUP BY provider, account_id, key_id, day, model, family
  HAVING MIN(delta) < 0 AND MAX(delta) > 0
    OR bool_or(is_theirs AND NOT is_ours) AND bool_or(is_ours AND NOT is_theirs)
),
told AS (
  SELECT s.*, COALESCE(f.family, s.token_type) AS kin,
    CASE WHEN s.token_type = 'web_search' AND (b.has_searches OR NOT b.has_sum)
        THEN '(web search)'
      WHEN s.is_apart THEN '*'
      WHEN s.model <> '' AND m.has_own THEN s.model
      WHEN b.has_sum OR s.model = '' THEN '*' ELSE s.model END AS billed,
    COALESCE(m.is_split, TRUE) AS is_split
  FROM owned AS s
  INNER JOIN day_bill AS b
    ON s.provider = b.provider AND s.account_id = b.account_id AND s.key_id = b.key_id
    AND s.day = b.day
  LEFT JOIN model_bill AS m
    ON s.provider = m.provider AND s.account_id = m.account_id AND s.key_id = m.key_id
    AND s.day = m.day AND s.model = m.model
  LEFT JOIN split_otherwise AS f
    ON s.provider = f.provider AND s.account_id = f.account_id AND s.key_id = f.key_id
    AND s.day = f.day AND s.model = f.model AND f.family = CASE
      WHEN s.token_type IN ('output', 'reasoning') THEN 'output'
      WHEN s.token_type LIKE 'cache_write%' THEN 'cache_write' END
  WHERE NOT s.is_beside
)
SELECT provider, account_id, key_id, day, model, token_type, kin, billed,
  CASE WHEN billed IN ('*', '(web search)') OR NOT is_split THEN '*' ELSE kin END
    AS billed_type,
  is_billed_day AND has_account_bill OR COALESCE(bill_rows, 0) > 0 AS is_billed,
  delta, charge_usd, volume_usd, bill_usd, COALESCE(bill_rows, 0) AS bill_rows, quantum_usd,
  unpriced, has_count
FROM told
