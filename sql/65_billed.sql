-- reads:  book.effect, book.named_line, book.usage, book.tiered
-- writes: book.billed
-- grain:  one row a row of book.effect that is of use, with the part of the bill that tells of it:
--         the billed thing (a model; '*' is all models without a bill row of their own; web
--         searches stand apart) and the billed type ('*' where the bill does not split the thing
--         by token type). is_billed: a bill of the account covers the day. kin is the token type,
--         or the first of its family where the two sides split cache writes by lifetime, or
--         answers by reasoning, otherwise. Amounts are without calls that the bill names, which
--         pay what it names them for. dearer_usd: as in book.tiered
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
splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
named AS (
  SELECT n.provider, n.account_id, n.key_id, n.bucket_day AS day, n.model,
    CASE WHEN n.token_type = 'reasoning' AND r.provider IS NULL THEN 'output' ELSE n.token_type END
      AS token_type,
    COALESCE(SUM(n.quantity) FILTER (
      n.charge_status NOT IN ('gateway_cache_hit', 'failed_attempt')), 0) AS quantity,
    COALESCE(SUM(n.quantity_provider), 0) AS quantity_provider,
    COALESCE(SUM(n.charge_usd), 0) AS charge_usd,
    COALESCE(SUM(n.usage_charge_usd), 0) AS usage_charge_usd,
    COALESCE(SUM(n.bill_usd), 0) AS bill_usd, COALESCE(SUM(n.quantum_usd), 0) AS quantum_usd
  FROM book.named_line AS n
  LEFT JOIN splits_reasoning AS r ON n.provider = r.provider
  GROUP BY ALL
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
SELECT t.provider, t.account_id, t.key_id, t.day, t.model, t.token_type, t.kin, t.billed,
  CASE WHEN t.billed IN ('*', '(web search)') OR NOT t.is_split THEN '*' ELSE t.kin END
    AS billed_type,
  t.is_billed_day AND t.has_account_bill OR COALESCE(t.bill_rows, 0) > 0 AS is_billed,
  CAST(t.delta - COALESCE(n.quantity_provider - n.quantity, 0) AS BIGINT) AS delta,
  CAST(t.charge_usd - COALESCE(n.charge_usd, 0) AS DECIMAL(38,15)) AS charge_usd,
  CAST(CASE WHEN n.provider IS NULL OR NOT t.has_count OR NOT t.is_priced THEN t.volume_usd
    WHEN t.usd_per_token IS NOT NULL
      THEN CAST(t.delta - n.quantity_provider + n.quantity AS DECIMAL(18,0)) * t.usd_per_token
    ELSE t.volume_usd - n.usage_charge_usd + n.charge_usd END AS DECIMAL(38,15)) AS volume_usd,
  COALESCE(d.dearer_usd, 0) AS dearer_usd,
  CAST(t.bill_usd - COALESCE(n.bill_usd, 0) AS DECIMAL(38,15)) AS bill_usd,
  COALESCE(t.bill_rows, 0) AS bill_rows,
  CAST(t.quantum_usd - COALESCE(n.quantum_usd, 0) AS DECIMAL(38,15)) AS quantum_usd,
  -- Where all that is ours is named, what is left of no price is not ours.
  CASE WHEN n.quantity >= t.quantity_charged THEN 0 ELSE t.unpriced END AS unpriced, t.has_count
FROM told AS t
LEFT JOIN named AS n
  ON t.provider = n.provider AND t.account_id = n.account_id AND t.key_id = n.key_id
  AND t.day = n.day AND t.model = n.model AND t.token_type = n.token_type
LEFT JOIN (
  SELECT provider, account_id, key_id, day, model, counted_as, SUM(dearer_usd) AS dearer_usd
  FROM book.tiered GROUP BY provider, account_id, key_id, day, model, counted_as
) AS d
  ON t.provider = d.provider AND t.account_id = d.account_id AND t.key_id = d.key_id
  AND t.day = d.day AND t.model = d.model AND t.token_type = d.counted_as
