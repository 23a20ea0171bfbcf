-- reads:  book.price_line
-- writes: book.seen
-- grain:  one row a provider, account, key, UTC day and billed thing (as in book.price_line):
--         what is billed for use, and how much of it the gateway saw and a trace backs, by charge,
--         or by tokens where no price is known; to a billionth of a dollar
WITH billed AS (
  SELECT provider, account_id, key_id, day, billed, SUM(bill_usd) AS billed_usd,
    SUM(base_usd) AS base_usd, SUM(charge_gateway_usd) AS gateway_usd,
    SUM(charge_trace_usd) AS trace_usd, SUM(quantity) AS quantity,
    SUM(quantity_gateway) AS quantity_gateway, SUM(quantity_trace) AS quantity_trace,
    SUM(unpriced) > 0 AS is_unpriced
  FROM book.price_line WHERE has_bill
  GROUP BY provider, account_id, key_id, day, billed
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
    AS DECIMAL(38,15)) AS trace_usd
FROM unit
