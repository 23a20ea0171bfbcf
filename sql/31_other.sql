-- reads:  book.ledger, book.model_key, book.sheet, book.price, book.period
-- writes: book.other_charge
-- about: raw.request_row.other_charges, raw.span_row.other_charges
-- grain:  one row a request of the period and charge that it counts beside its own tokens (seconds
--         of audio, images, searches of files), at the list price where there is one;
--         is_open_fee: a call of a tool has none, or sound whose model is paid by the hour.
--         call_row is the gateway's row, or less than 0 that of a call that only traces saw. model
--         is that of an attempt which the provider made within the call, and bills at that model's
--         price: one that was declined before a word of answer is not billed
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
),
typed AS (
  SELECT * EXCLUDE (model_raw), contains(charge, '@') AS is_attempt,
    starts_with(charge, 'unbilled_') AS is_unbilled,
    replace(split_part(charge, '@', 1), 'unbilled_', '') AS token_type,
    CASE WHEN contains(charge, '@') THEN substr(charge, strpos(charge, '@') + 1)
      ELSE model_raw END AS model_raw
  FROM counted
  WHERE quantity > 0
),
-- The prompt of an attempt is its own.
sized AS (
  SELECT *, CASE WHEN is_attempt THEN COALESCE(SUM(quantity) FILTER (token_type <> 'output')
      OVER (PARTITION BY call_row, model_raw, is_attempt, is_unbilled), 0)
    ELSE prompt_tokens END AS prompt
  FROM typed
)
SELECT c.call_row, c.charge, c.token_type, c.quantity, s.sheet_id, p.usd_per_million,
  p.usd_per_token, CASE WHEN c.is_attempt THEN k.model END AS model, c.is_unbilled,
  p.usd_per_token IS NULL AND NOT c.is_attempt
    AND (ends_with(c.charge, '_call') OR h.usd_per_token IS NOT NULL) AS is_open_fee,
  CASE WHEN c.is_unbilled THEN CAST(0 AS DECIMAL(38,15))
    ELSE CAST(CAST(c.quantity AS DECIMAL(18,0)) * p.usd_per_token AS DECIMAL(38,15)) END
    AS charge_usd
FROM sized AS c
LEFT JOIN book.model_key AS k
  ON c.provider_raw = k.provider_raw AND c.model_raw = k.model_raw AND c.tier_raw = k.tier_raw
  AND c.region_raw = k.region_raw AND c.started_us >= k.from_us AND c.started_us < k.to_us
LEFT JOIN book.sheet AS s
  ON k.price_key = s.price_key AND c.started_us >= s.from_us AND c.started_us < s.to_us
  AND c.prompt >= s.min_prompt AND c.prompt < s.max_prompt
  AND c.started_us % 86400000000 >= s.tod_from_us AND c.started_us % 86400000000 < s.tod_to_us
LEFT JOIN book.price AS p ON s.sheet_id = p.sheet_id AND c.token_type = p.token_type
LEFT JOIN book.price AS h ON s.sheet_id = h.sheet_id AND h.token_type = 'audio_hour'
  AND c.token_type = 'other_input_audio_per_second'
