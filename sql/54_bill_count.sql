-- reads:  book.bill, book.provider_key, book.cover, book.charge_line
-- writes: book.bill_count
-- grain:  one row a bill row of a day that no usage export covers, whose tokens are known: stated
--         by the bill, or what its exact amount comes to at the list price. The second is taken
--         where all rows of a day and model allow it and the amounts are not all the same multiple
--         of the charge, which would tell of a price and not of tokens
WITH kept AS MATERIALIZED (
  SELECT b.*, COALESCE(s.account_id, '') AS account_key, COALESCE(s.key_id, '') AS key_id
  FROM book.bill AS b
  LEFT JOIN book.provider_key AS s ON s.leg = 'bill' AND b.row_id = s.row_id
  LEFT JOIN book.cover AS c
    ON b.provider = c.provider AND b.day = c.day AND c.leg = 'usage'
  WHERE b.is_counted AND b.is_in_period AND b.charge_category = 'usage' AND c.day IS NULL
    AND b.model <> ''
),
bill_line AS (
  SELECT provider, account_key, key_id, day, model, token_type,
    SUM(CAST(replace(CAST(amount_usd AS VARCHAR), '.', '') AS HUGEINT)) AS bill_units
  FROM kept GROUP BY ALL
),
charge_line AS (
  SELECT provider, account_id, key_id, day, model,
    CASE token_type WHEN 'reasoning' THEN 'output' ELSE token_type END AS token_type,
    SUM(CAST(replace(CAST(charge_usd AS VARCHAR), '.', '') AS HUGEINT)) AS charge_units
  FROM book.charge_line GROUP BY ALL
),
ratio AS (
  SELECT b.provider, b.account_key, b.key_id, b.day, b.model,
    COUNT(DISTINCT CASE WHEN c.charge_units > 0 AND ABS(b.bill_units) < 1000000000000000000000000
      THEN b.bill_units * 1000000 // c.charge_units ELSE -1 END) AS ratios
  FROM bill_line AS b
  LEFT JOIN charge_line AS c
    ON b.provider = c.provider AND b.account_key = c.account_id AND b.key_id = c.key_id
    AND b.day = c.day AND b.model = c.model AND b.token_type = c.token_type
  GROUP BY ALL
),
known AS (
  SELECT k.provider, k.account_key, k.key_id, k.day, k.model,
    bool_and(k.token_type IS NOT NULL AND k.quantity IS NOT NULL) AS is_stated,
    bool_and(k.token_type IS NOT NULL AND k.exact_quantity IS NOT NULL) AND MAX(r.ratios) > 1
      AS is_exact
  FROM kept AS k
  INNER JOIN ratio AS r
    ON k.provider = r.provider AND k.account_key = r.account_key AND k.key_id = r.key_id
    AND k.day = r.day AND k.model = r.model
  GROUP BY ALL
)
SELECT k.row_id, k.provider, k.account_key AS account_id, k.key_id, k.day, k.model,
  k.token_type, CASE WHEN n.is_stated THEN k.quantity ELSE k.exact_quantity END AS quantity,
  k.usd_per_token,
  CAST(k.usd_per_token * CAST(CASE WHEN n.is_stated THEN k.quantity ELSE k.exact_quantity END
    AS DECIMAL(18,0)) AS DECIMAL(38,15)) AS charge_usd
FROM kept AS k
INNER JOIN known AS n
  ON k.provider = n.provider AND k.account_key = n.account_key AND k.key_id = n.key_id
  AND k.day = n.day AND k.model = n.model
WHERE n.is_stated OR n.is_exact
