-- heavy
-- reads:  book.ledger, book.other_charge, book.model_key, book.sheet, book.period
-- writes: book.rated
-- words: book.word
-- grain:  one row a request of the period, priced: usage times the price in force. A request
--         that no provider billed is charged 0 with the reason; one without a price, or with
--         counts that cannot be, is charged nothing and says so. other_usd is what it counts in
--         other units than tokens, where that is priced, open_fees how many kinds of it have a
--         fee without a price
WITH other AS (
  SELECT call_row, CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS other_usd,
    COUNT(CASE WHEN is_open_fee THEN 1 END) AS open_fees,
    MAX(CASE WHEN model IS NOT NULL AND charge_usd IS NULL THEN 1 ELSE 0 END) AS open_attempts
  FROM book.other_charge
  GROUP BY call_row
),
named AS (
  SELECT l.*, k.provider, k.model, k.price_key, k.status AS price_status, o.other_usd,
    o.open_fees,
    CASE
      WHEN l.gateway_cache = 'hit' THEN 'gateway_cache_hit'
      WHEN l.status = 'error' THEN 'failed_attempt'
      WHEN l.usage_problem IS NOT NULL THEN 'impossible'
      -- The price of another model that the provider tried is not known.
      WHEN o.open_attempts > 0 THEN 'unpriced'
      -- An answer whose prompt nobody counted costs more than its own tokens.
      WHEN l.prompt_tokens IS NULL AND l.output > 0 AND o.call_row IS NULL THEN 'no_usage'
      WHEN l.output > 0 OR l.prompt_tokens > 0 OR l.reasoning > 0 OR l.web_search > 0
        OR l.audio_out > 0 OR l.image_out > 0 THEN 'rated'
      WHEN o.call_row IS NOT NULL
        THEN CASE WHEN o.other_usd IS NULL THEN 'unpriced' ELSE 'rated' END
      WHEN l.spend_usd > 0 THEN 'no_usage'
      WHEN l.prompt_tokens IS NULL AND l.output IS NULL AND l.web_search IS NULL THEN 'no_usage'
      ELSE 'rated'
    END AS billing
  FROM book.ledger AS l
  LEFT JOIN other AS o ON COALESCE(l.request_row, -l.span_row) = o.call_row
  LEFT JOIN book.model_key AS k
    ON l.provider_raw = k.provider_raw AND l.model_raw = k.model_raw
    AND l.tier_raw = k.tier_raw AND l.region_raw = k.region_raw
    AND l.started_us >= k.from_us AND l.started_us < k.to_us
),
-- A type without a price makes the sum NULL. The types that few calls have are looked at only
-- where one of them is there.
priced AS (
  SELECT n.*, s.sheet_id,
    CAST(CASE WHEN n.input > 0 THEN CAST(n.input AS DECIMAL(18,0))
        * s.input ELSE 0.000000000000000 END
      + CASE WHEN n.cache_read > 0 THEN CAST(n.cache_read AS DECIMAL(18,0))
        * s.cache_read ELSE 0.000000000000000 END
      + CASE WHEN n.cache_write_5m > 0 THEN CAST(n.cache_write_5m AS DECIMAL(18,0))
        * s.cache_write_5m ELSE 0.000000000000000 END
      + CASE WHEN n.output > 0 THEN CAST(n.output AS DECIMAL(18,0))
        * s.output ELSE 0.000000000000000 END
      + CASE WHEN n.reasoning > 0 THEN CAST(n.reasoning AS DECIMAL(18,0))
        * s.reasoning ELSE 0.000000000000000 END
      + CASE WHEN COALESCE(n.cache_write_1h, 0) + COALESCE(n.cache_write, 0)
          + COALESCE(n.audio_in, 0) + COALESCE(n.audio_cached_in, 0)
          + COALESCE(n.audio_out, 0) + COALESCE(n.image_in, 0)
          + COALESCE(n.image_cached_in, 0) + COALESCE(n.image_out, 0)
          + COALESCE(n.web_search, 0) > 0
        THEN CASE WHEN n.cache_write_1h > 0 THEN CAST(n.cache_write_1h AS DECIMAL(18,0))
            * s.cache_write_1h ELSE 0.000000000000000 END
          + CASE WHEN n.cache_write > 0 THEN CAST(n.cache_write AS DECIMAL(18,0))
            * s.cache_write ELSE 0.000000000000000 END
          + CASE WHEN n.audio_in > 0 THEN CAST(n.audio_in AS DECIMAL(18,0))
            * s.audio_in ELSE 0.000000000000000 END
          + CASE WHEN n.audio_cached_in > 0 THEN CAST(n.audio_cached_in AS DECIMAL(18,0))
            * s.audio_cached_in ELSE 0.000000000000000 END
          + CASE WHEN n.audio_out > 0 THEN CAST(n.audio_out AS DECIMAL(18,0))
            * s.audio_out ELSE 0.000000000000000 END
          + CASE WHEN n.image_in > 0 THEN CAST(n.image_in AS DECIMAL(18,0))
            * s.image_in ELSE 0.000000000000000 END
          + CASE WHEN n.image_cached_in > 0 THEN CAST(n.image_cached_in AS DECIMAL(18,0))
            * s.image_cached_in ELSE 0.000000000000000 END
          + CASE WHEN n.image_out > 0 THEN CAST(n.image_out AS DECIMAL(18,0))
            * s.image_out ELSE 0.000000000000000 END
          + CASE WHEN n.web_search > 0 THEN CAST(n.web_search AS DECIMAL(18,0))
            * s.web_search ELSE 0.000000000000000 END
        ELSE 0.000000000000000 END
      + CASE WHEN n.open_fees > 0 THEN NULL
        ELSE COALESCE(n.other_usd, 0.000000000000000) END AS DECIMAL(38,15)) AS usage_usd
  FROM named AS n
  LEFT JOIN book.sheet AS s
    ON n.price_key = s.price_key
    AND n.started_us >= s.from_us AND n.started_us < s.to_us
    AND COALESCE(n.prompt_tokens, 0) >= s.min_prompt
    AND COALESCE(n.prompt_tokens, 0) < s.max_prompt
    AND MOD(n.started_us, 86400000000) >= s.tod_from_us
    AND MOD(n.started_us, 86400000000) < s.tod_to_us
),
charged AS (
  SELECT p.*,
    CASE WHEN p.billing <> 'rated' THEN p.billing
      WHEN p.sheet_id IS NULL OR p.usage_usd IS NULL THEN 'unpriced'
      ELSE 'rated' END AS charge_status,
    CASE p.billing
      WHEN 'rated' THEN CASE WHEN p.sheet_id IS NULL THEN CAST(NULL AS DECIMAL(38,15))
        ELSE p.usage_usd END
      WHEN 'gateway_cache_hit' THEN CAST(0 AS DECIMAL(38,15))
      WHEN 'failed_attempt' THEN CAST(0 AS DECIMAL(38,15))
      ELSE CAST(NULL AS DECIMAL(38,15))
    END AS charge_usd
  FROM priced AS p
)
SELECT c.*,
  CAST(COALESCE(c.spend_usd, CAST(0 AS DECIMAL(38,15))) - c.charge_usd AS DECIMAL(38,15))
    AS drift_usd
FROM charged AS c
WHERE c.started_us >= (SELECT period_from_us FROM book.period)
  AND c.started_us < (SELECT period_to_us FROM book.period)
