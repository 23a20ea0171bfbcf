-- reads:  book.effect, book.bill
-- writes: book.billed
-- grain:  one row a row of book.effect that is of use, with the part of the bill that tells of it:
--         its span (the day, or the month of a provider that bills by month), the billed thing (a
--         model; '*' is all models without a bill row of their own; web searches stand apart) and
--         the billed type ('*' where the bill does not split the thing by token type). is_billed:
--         a bill of the account covers the day
WITH monthly AS (
  SELECT DISTINCT provider FROM book.bill
  WHERE is_counted AND is_in_period AND charge_category = 'usage' AND grain = 'month'
),
spanned AS MATERIALIZED (
  SELECT e.*, CASE WHEN m.provider IS NULL THEN e.day ELSE substr(e.day, 1, 7) END AS span,
    COALESCE(SUM(e.bill_rows) OVER (PARTITION BY e.provider, e.account_id), 0) > 0
      AS has_account_bill
  FROM book.effect AS e LEFT JOIN monthly AS m ON e.provider = m.provider
),
span_bill AS (
  SELECT provider, account_id, key_id, span,
    bool_or(model = '' AND bill_rows > 0 AND token_type = 'unsplit') AS has_sum,
    bool_or(bill_rows > 0 AND token_type = 'web_search') AS has_searches
  FROM spanned WHERE NOT is_beside GROUP BY provider, account_id, key_id, span
),
model_bill AS (
  SELECT provider, account_id, key_id, span, model,
    COALESCE(SUM(bill_rows), 0) > 0 AS has_own,
    COALESCE(SUM(bill_rows) FILTER (token_type = 'unsplit'), 0) = 0 AS is_split
  FROM spanned WHERE NOT is_beside AND token_type <> 'web_search'
  GROUP BY provider, account_id, key_id, span, model
),
told AS (
  SELECT s.*,
    CASE WHEN s.token_type = 'web_search' AND (b.has_searches OR NOT b.has_sum)
        THEN '(web search)'
      WHEN s.model <> '' AND m.has_own THEN s.model
      WHEN b.has_sum OR s.model = '' THEN '*' ELSE s.model END AS billed,
    COALESCE(m.is_split, TRUE) AS is_split
  FROM spanned AS s
  INNER JOIN span_bill AS b
    ON s.provider = b.provider AND s.account_id = b.account_id AND s.key_id = b.key_id
    AND s.span = b.span
  LEFT JOIN model_bill AS m
    ON s.provider = m.provider AND s.account_id = m.account_id AND s.key_id = m.key_id
    AND s.span = m.span AND s.model = m.model
  WHERE NOT s.is_beside
)
SELECT provider, account_id, key_id, day, model, token_type, span, billed,
  CASE WHEN billed IN ('*', '(web search)') OR NOT is_split THEN '*' ELSE token_type END
    AS billed_type,
  is_billed_day AND has_account_bill OR COALESCE(bill_rows, 0) > 0 AS is_billed,
  charge_usd, volume_usd, bill_usd, COALESCE(bill_rows, 0) AS bill_rows, quantum_usd, unpriced,
  has_count
FROM told
