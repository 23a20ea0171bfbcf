-- reads:  book.ledger, book.model_key, book.sheet, book.price, book.period
-- writes: book.other_charge
-- about: raw.request_row.other_charges, raw.span_row.other_charges
-- grain:  one row a request of the period and charge that it counts in other units than tokens
--         (seconds of audio, images, searches of files), at the list price where there is one;
--         is_open_fee: a call of a tool has none. call_row is the gateway's row, or less than 0
--         that of a call that only traces saw
WITH told AS (
  SELECT COALESCE(request_row, -span_row) AS call_row,
    provider_raw, model_raw, tier_raw, region_raw, started_us,
    COALESCE(prompt_tokens, 0) AS prompt_tokens,
    unnest(string_split(other_charges, ' ')) AS word
  FROM book.ledger
  WHERE other_charges IS NOT NULL AND started_us >= (SELECT period_from_us FROM book.period)
    AND started_us < (SELECT period_to_us FROM book.period)
),
counted AS (
  SELECT * EXCLUDE (word), split_part(word, '=', 1) AS charge,
    TRY_CAST(split_part(word, '=', 2) AS BIGINT) AS quantity
  FROM told
)
SELECT c.call_row, c.charge, c.quantity, s.sheet_id, p.usd_per_million, p.usd_per_token,
  p.usd_per_token IS NULL AND ends_with(c.charge, '_call') AS is_open_fee,
  CAST(CAST(c.quantity AS DECIMAL(18,0)) * p.usd_per_token AS DECIMAL(38,15)) AS charge_usd
FROM counted AS c
LEFT JOIN book.model_key AS k
  ON c.provider_raw = k.provider_raw AND c.model_raw = k.model_raw AND c.tier_raw = k.tier_raw
  AND c.region_raw = k.region_raw AND c.started_us >= k.from_us AND c.started_us < k.to_us
LEFT JOIN book.sheet AS s
  ON k.price_key = s.price_key AND c.started_us >= s.from_us AND c.started_us < s.to_us
  AND c.prompt_tokens >= s.min_prompt AND c.prompt_tokens < s.max_prompt
  AND c.started_us % 86400000000 >= s.tod_from_us AND c.started_us % 86400000000 < s.tod_to_us
LEFT JOIN book.price AS p ON s.sheet_id = p.sheet_id AND c.charge = p.token_type
WHERE c.quantity > 0
