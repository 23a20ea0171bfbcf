-- reads:  book.price_line, book.price_fit, book.untyped_line, book.flat_cost
-- writes: book.price_sum
-- grain:  one row a provider, account, key, UTC day and billed thing, as in book.price_line, and
--         part of the difference: what it comes to, which rule of price gives it, and what is known
--         of what has no price. Two parts are the tier of the usage's own and a factor of its price
WITH line AS (
  SELECT *, CASE WHEN SUM(base_usd) OVER thing > 0 AND MAX(ABS(bill_usd)) OVER thing < 1000000000
    THEN (book.units(SUM(bill_usd) OVER thing) * 2000 // book.units(SUM(base_usd) OVER thing) + 1)
      // 2 END AS thousandths
  FROM book.price_line
  WINDOW thing AS (PARTITION BY provider, account_id, key_id, day, billed)
),
summed AS (
  SELECT provider, account_id, key_id, day, billed AS model, SUM(charge_usd) AS charge_usd,
    SUM(base_usd) AS base_usd, SUM(bill_usd) AS bill_usd, SUM(quantum_usd) AS quantum_usd,
    SUM(free_usd) AS free_usd, MAX(free_as) AS free_as,
    SUM(list_usd) + SUM(charge_usd) > 0 AS is_priced_in_part,
    SUM(bill_usd) - SUM(base_usd) AS usd, SUM(ABS(bill_usd - base_usd)) AS gross_usd,
    SUM(list_usd) - SUM(base_usd) AS tier_usd, SUM(ABS(list_usd - base_usd)) AS tier_gross_usd,
    SUM(ABS(bill_usd - list_usd)) AS factor_gross_usd,
    COALESCE(SUM(SUM(bill_rows)) OVER (PARTITION BY provider, account_id, key_id, day)
      > SUM(bill_rows), FALSE) AS has_other,
    CAST(SUM(bill_rows) AS BIGINT) AS bill_rows, CAST(SUM(unpriced) AS BIGINT) AS unpriced,
    CAST(COALESCE(SUM(uncounted), 0) AS BIGINT) AS uncounted,
    SUM(unpriced) = SUM(unpriced_tools) AND billed IN ('*', '(web search)')
      AND SUM(charge_usd) = 0 AND SUM(bill_rows) > 0 AS is_tools,
    bool_or(has_count) AS has_count,
    bool_or(has_bill) AS has_bill, bool_or(is_billed_day) AS is_billed_day,
    bool_and(is_settled) AS is_settled,
    -- Token types that the bill leaves out, where it is right in all that it names.
    CASE WHEN SUM(bill_rows) > 0 AND bool_and(bill_rows = 0
        OR ABS(bill_usd - base_usd) <= quantum_usd * 0.5 + 0.000000000001)
      THEN string_agg(token_type, ', ' ORDER BY token_type)
        FILTER (bill_rows = 0 AND base_usd <> 0) END AS left_out,
    -- A factor that all lines have, of three digits at most.
    CASE WHEN MAX(thousandths) BETWEEN 1 AND 99999 AND bool_and(ABS(bill_usd
        - base_usd * CAST(thousandths AS BIGINT) * 0.001) <= quantum_usd * 0.5 + 0.000000000001)
      THEN CAST(MAX(thousandths) AS BIGINT) END AS thousandths,
    -- Token types that are billed otherwise, where others are right.
    CASE WHEN bool_or(bill_usd <> 0
        AND ABS(bill_usd - base_usd) <= quantum_usd * 0.5 + 0.000000000001)
      THEN string_agg(token_type, ', ' ORDER BY token_type)
        FILTER (ABS(bill_usd - base_usd) > quantum_usd * 0.5 + 0.000000000001) END AS of_types
  FROM line
  GROUP BY provider, account_id, key_id, day, billed
),
fit AS (
  SELECT * EXCLUDE (tier_cause, tier_evidence), CASE WHEN tier_cause IS NULL THEN 1 ELSE 2 END
    AS part, tier_cause IS NOT NULL AS is_in_two
  FROM book.price_fit
  UNION ALL
  SELECT * EXCLUDE (cause, evidence), 1, TRUE FROM book.price_fit WHERE tier_cause IS NOT NULL
)
SELECT s.* EXCLUDE (thousandths, of_types, usd, gross_usd, tier_usd, tier_gross_usd,
    factor_gross_usd),
  CASE WHEN NOT f.is_in_two OR f.part IS NULL THEN s.usd WHEN f.part = 1 THEN s.tier_usd
    ELSE s.usd - s.tier_usd END AS usd,
  CASE WHEN NOT f.is_in_two OR f.part IS NULL THEN s.gross_usd WHEN f.part = 1
    THEN s.tier_gross_usd ELSE s.factor_gross_usd END AS gross_usd,
  COALESCE(s.of_types, rtrim(rtrim(printf('%d.%03d', s.thousandths // 1000, s.thousandths % 1000),
    '0'), '.') || ' times it') AS of_what,
  COALESCE(f.part, 1) AS part, COALESCE(f.cause, u.cause) AS fit_cause,
  COALESCE(f.evidence, u.evidence) AS fit_evidence,
  s.unpriced > 0 AND NOT (s.is_tools AND s.has_other) AS is_unpriced,
  EXISTS (SELECT 1 FROM book.flat_cost AS c
    WHERE c.provider = s.provider AND c.day = s.day AND c.model IN (s.model, ''))
    AS is_committed
FROM summed AS s
LEFT JOIN fit AS f
  ON s.provider = f.provider AND s.account_id = f.account_id AND s.key_id = f.key_id
  AND s.day = f.day AND s.model = f.billed
LEFT JOIN book.untyped_line AS u
  ON s.provider = u.provider AND s.account_id = u.account_id AND s.key_id = u.key_id
  AND s.day = u.day AND s.model = u.model
  AND s.usd BETWEEN u.least_usd - s.quantum_usd - 0.000000000001
    AND u.most_usd + s.quantum_usd + 0.000000000001
