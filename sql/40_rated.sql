-- heavy
-- reads:  book.ledger, book.model_key, book.sheet
-- writes: book.rated
-- grain:  one row a request of the period, priced: usage times the price in force. A request
--         that no provider billed is charged 0 with the reason; one without a price, or with
--         counts that cannot be, is charged nothing and says so
WITH named AS (
  SELECT l.*, k.provider, k.model, k.price_key, k.status AS price_status,
    CASE
      WHEN l.gateway_cache = 'hit' THEN 'gateway_cache_hit'
      WHEN l.status = 'error' THEN 'failed_attempt'
      WHEN l.usage_problem IS NOT NULL THEN 'impossible'
      WHEN l.prompt_tokens IS NULL AND l.output IS NULL AND l.web_search IS NULL THEN 'no_usage'
      ELSE 'rated'
    END AS billing
  FROM book.ledger AS l
  LEFT JOIN book.model_key AS k
    ON l.provider_raw = k.provider_raw AND l.model_raw = k.model_raw
    AND l.tier_raw = k.tier_raw AND l.region_raw = k.region_raw
    AND l.started_us >= k.from_us AND l.started_us < k.to_us
),
priced AS (
  SELECT n.*, s.sheet_id,
    CASE
      WHEN n.billing <> 'rated' THEN n.billing
      WHEN s.sheet_id IS NULL THEN 'unpriced'
      WHEN (COALESCE(n.input, 0) > 0 AND s.input IS NULL)
        OR (COALESCE(n.cache_read, 0) > 0 AND s.cache_read IS NULL)
        OR (COALESCE(n.cache_write_5m, 0) > 0 AND s.cache_write_5m IS NULL)
        OR (COALESCE(n.cache_write_1h, 0) > 0 AND s.cache_write_1h IS NULL)
        OR (COALESCE(n.cache_write, 0) > 0 AND s.cache_write IS NULL)
        OR (COALESCE(n.output, 0) > 0 AND s.output IS NULL)
        OR (COALESCE(n.reasoning, 0) > 0 AND s.reasoning IS NULL)
        OR (COALESCE(n.audio_in, 0) > 0 AND s.audio_in IS NULL)
        OR (COALESCE(n.audio_cached_in, 0) > 0 AND s.audio_cached_in IS NULL)
        OR (COALESCE(n.audio_out, 0) > 0 AND s.audio_out IS NULL)
        OR (COALESCE(n.image_in, 0) > 0 AND s.image_in IS NULL)
        OR (COALESCE(n.image_cached_in, 0) > 0 AND s.image_cached_in IS NULL)
        OR (COALESCE(n.image_out, 0) > 0 AND s.image_out IS NULL)
        OR (COALESCE(n.web_search, 0) > 0 AND s.web_search IS NULL) THEN 'unpriced'
      ELSE 'rated'
    END AS charge_status,
    CAST(0 AS DECIMAL(38,15))
      + COALESCE(CAST(n.input AS DECIMAL(18,0)) * s.input, 0.000000000000000)
      + COALESCE(CAST(n.cache_read AS DECIMAL(18,0)) * s.cache_read, 0.000000000000000)
      + COALESCE(CAST(n.cache_write_5m AS DECIMAL(18,0)) * s.cache_write_5m, 0.000000000000000)
      + COALESCE(CAST(n.cache_write_1h AS DECIMAL(18,0)) * s.cache_write_1h, 0.000000000000000)
      + COALESCE(CAST(n.cache_write AS DECIMAL(18,0)) * s.cache_write, 0.000000000000000)
      + COALESCE(CAST(n.output AS DECIMAL(18,0)) * s.output, 0.000000000000000)
      + COALESCE(CAST(n.reasoning AS DECIMAL(18,0)) * s.reasoning, 0.000000000000000)
      + COALESCE(CAST(n.audio_in AS DECIMAL(18,0)) * s.audio_in, 0.000000000000000)
      + COALESCE(CAST(n.audio_cached_in AS DECIMAL(18,0)) * s.audio_cached_in, 0.000000000000000)
      + COALESCE(CAST(n.audio_out AS DECIMAL(18,0)) * s.audio_out, 0.000000000000000)
      + COALESCE(CAST(n.image_in AS DECIMAL(18,0)) * s.image_in, 0.000000000000000)
      + COALESCE(CAST(n.image_cached_in AS DECIMAL(18,0)) * s.image_cached_in, 0.000000000000000)
      + COALESCE(CAST(n.image_out AS DECIMAL(18,0)) * s.image_out, 0.000000000000000)
      + COALESCE(CAST(n.web_search AS DECIMAL(18,0)) * s.web_search, 0.000000000000000)
      AS usage_usd
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
    CASE p.charge_status
      WHEN 'rated' THEN p.usage_usd
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
