-- reads:  book.price_line, book.surplus
-- writes: book.seen
-- grain:  one row a provider, account, key, UTC day and billed thing (as in book.price_line):
--         what is billed for use, and how much of it the gateway saw and a trace backs, by charge,
--         or by tokens where no price is known; to a billionth of a dollar. What the gateway told
--         once too often is no part of that
WITH line AS (
  SELECT provider, account_id, key_id, day, billed, bill_usd, base_usd, charge_gateway_usd,
    charge_trace_usd, quantity, quantity_gateway, quantity_trace, unpriced
  FROM book.price_line WHERE has_bill
),
surplus AS (
  SELECT s.provider, s.account_id, s.key_id, s.day, COALESCE(b.billed, '*') AS billed,
    SUM(s.twice_usd) AS usd, SUM(s.quantity) AS quantity
  FROM book.surplus AS s
  LEFT JOIN (SELECT DISTINCT provider, account_id, key_id, day, billed FROM line) AS b
    ON s.provider = b.provider AND s.account_id = b.account_id AND s.key_id = b.key_id
    AND s.day = b.day AND s.model = b.billed
  WHERE s.token_type <> 'web_search'
  GROUP BY s.provider, s.account_id, s.key_id, s.day, COALESCE(b.billed, '*')
),
billed AS (
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, SUM(l.bill_usd) AS billed_usd,
    SUM(l.base_usd) AS base_usd, SUM(l.charge_gateway_usd) - COALESCE(MAX(s.usd), 0) AS gateway_usd,
    SUM(l.charge_trace_usd) AS trace_usd, SUM(l.quantity) AS quantity,
    SUM(l.quantity_gateway) - COALESCE(MAX(s.quantity), 0) AS quantity_gateway,
    SUM(l.quantity_trace) AS quantity_trace, SUM(l.unpriced) > 0 AS is_unpriced
  FROM line AS l
  LEFT JOIN surplus AS s
    ON l.provider = s.provider AND l.account_id = s.account_id AND l.key_id = s.key_id
    AND l.day = s.day AND l.billed = s.billed
  GROUP BY l.provider, l.account_id, l.key_id, l.day, l.billed
),
unit AS (
  SELECT *, CAST(floor(LEAST(billed_usd, 1000000000) * 1000000000) AS HUGEINT) AS billed_units,
    CASE WHEN is_unpriced THEN CAST(quantity AS HUGEINT)
      ELSE CAST(LEAST(base_usd, 1000000000) * 1000000000 AS HUGEINT) END AS whole,
    CASE WHEN is_unpriced THEN CAST(quantity_gateway AS HUGEINT)
      ELSE CAST(LEAST(gateway_usd, 1000000000) * 1000000000 AS HUGEINT) END AS of_gateway,
    CASE WHEN is_unpriced THEN CAST(quantity_trace AS HUGEINT)
      ELSE CAST(LEAST(trace_usd, 1000000000) * 1000000000 AS HUGEINT) END AS of_trace
  FROM billed
)
SELECT provider, account_id, key_id, day, billed, CAST(billed_usd AS DECIMAL(38,15)) AS billed_usd,
  CAST(CASE WHEN billed_usd <= 0 OR whole <= 0 THEN 0
    WHEN of_gateway >= whole THEN billed_usd
    ELSE CAST(CAST(billed_units * of_gateway // whole AS DECIMAL(24,0)) * 0.000000001
      AS DECIMAL(38,15)) END
    AS DECIMAL(38,15)) AS gateway_usd,
  CAST(CASE WHEN billed_usd <= 0 OR whole <= 0 THEN 0
    WHEN of_trace >= whole THEN billed_usd
    ELSE CAST(CAST(billed_units * of_trace // whole AS DECIMAL(24,0)) * 0.000000001
      AS DECIMAL(38,15)) END
    AS DECIMAL(38,15)) AS trace_usd, CAST(quantity_gateway AS BIGINT) AS quantity_gateway
FROM unit
