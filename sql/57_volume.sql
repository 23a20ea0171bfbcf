-- reads:  book.effect, book.period
-- writes: book.volume
-- grain:  one row a provider, account, key, UTC day and model whose tokens the provider counts, and
--         counts otherwise than gateway and traces: how many more of each type, their prices, and
--         how many calls each side counts; uncounted: of ours, those whose tokens no side counted,
--         which a provider may count or not. is_one_write: a side does not tell the lifetime of
--         the model's writes, which then are of one type, but where nothing else differs
WITH untold AS (
  SELECT DISTINCT provider, model FROM book.effect
  WHERE token_type = 'cache_write' AND (quantity_provider > 0 OR quantity_charged > 0)
),
compared AS (
  SELECT e.*, u.model IS NOT NULL AS is_one_write, u.model IS NOT NULL
    AND (bool_or(e.delta <> 0 AND e.token_type NOT LIKE 'cache_write%') OVER bucket
      OR SUM(CASE WHEN e.token_type LIKE 'cache_write%' THEN e.delta END) OVER bucket <> 0)
    AND e.token_type LIKE 'cache_write%' AS is_joined
  FROM book.effect AS e
  LEFT JOIN untold AS u ON e.provider = u.provider AND e.model = u.model
  WHERE NOT e.is_beside AND e.has_count AND e.is_priced OR e.token_type = 'unsplit'
  WINDOW bucket AS (PARTITION BY e.provider, e.account_id, e.key_id, e.day, e.model)
),
typed AS (
  SELECT provider, account_id, key_id, day, model, is_one_write,
    CASE WHEN is_joined THEN 'cache_write' ELSE token_type END AS token_type,
    CAST(SUM(delta) AS BIGINT) AS delta,
    COALESCE(MAX(usd_per_token) FILTER (token_type = 'cache_write'), MIN(usd_per_token))
      AS usd_per_token,
    SUM(volume_usd) AS volume_usd, SUM(charge_usd) AS charge_usd, SUM(bill_usd) AS bill_usd,
    SUM(quantity_reasoning) AS quantity_reasoning, SUM(quantity_charged) AS quantity_charged,
    SUM(requests_charged) AS requests_charged, SUM(requests_provider) AS requests_provider,
    SUM(requests_failed) AS requests_failed, SUM(uncounted) AS uncounted
  FROM compared
  GROUP BY provider, account_id, key_id, day, model, is_one_write,
    CASE WHEN is_joined THEN 'cache_write' ELSE token_type END
)
SELECT provider, account_id, key_id, day, model, is_one_write,
  CAST(COALESCE(SUM(delta) FILTER (token_type = 'input'), 0) AS BIGINT) AS input,
  CAST(COALESCE(SUM(delta) FILTER (token_type = 'cache_read'), 0) AS BIGINT) AS cache_read,
  CAST(COALESCE(SUM(delta) FILTER (token_type = 'cache_write_5m'), 0) AS BIGINT) AS write_5m,
  CAST(COALESCE(SUM(delta) FILTER (token_type = 'cache_write_1h'), 0) AS BIGINT) AS write_1h,
  CAST(COALESCE(SUM(delta) FILTER (token_type = 'cache_write'), 0) AS BIGINT) AS write,
  CAST(COALESCE(SUM(delta) FILTER (token_type IN ('output', 'reasoning')), 0) AS BIGINT) AS output,
  CAST(COALESCE(SUM(delta) FILTER (token_type = 'reasoning'), 0) AS BIGINT) AS of_reasoning,
  CAST(COALESCE(SUM(delta) FILTER (token_type = 'web_search'), 0) AS BIGINT) AS web_search,
  CAST(COALESCE(SUM(delta) FILTER (token_type NOT IN ('input', 'cache_read', 'cache_write_5m',
    'cache_write_1h', 'cache_write', 'output', 'reasoning', 'web_search')), 0) AS BIGINT) AS other,
  CAST(SUM(delta) AS BIGINT) AS tokens,
  MAX(usd_per_token) FILTER (token_type = 'input') AS usd_input,
  MAX(usd_per_token) FILTER (token_type = 'cache_read') AS usd_cache_read,
  MAX(usd_per_token) FILTER (token_type = 'cache_write_5m') AS usd_write_5m,
  MAX(usd_per_token) FILTER (token_type = 'cache_write_1h') AS usd_write_1h,
  MAX(usd_per_token) FILTER (token_type = 'cache_write') AS usd_write,
  MAX(usd_per_token) FILTER (token_type = 'output') AS usd_output,
  CAST(SUM(volume_usd) AS DECIMAL(38,15)) AS volume_usd,
  CAST(SUM(ABS(volume_usd)) AS DECIMAL(38,15)) AS gross_usd,
  CAST(COALESCE(SUM(charge_usd), 0) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(bill_usd) AS DECIMAL(38,15)) AS bill_usd,
  CAST(SUM(quantity_reasoning) AS BIGINT) AS reasoning,
  CAST(COALESCE(SUM(quantity_charged) FILTER (token_type = 'cache_read'), 0) AS BIGINT)
    AS our_cache_read,
  CAST(COALESCE(SUM(quantity_charged) FILTER (token_type LIKE 'cache_write%'), 0) AS BIGINT)
    AS our_written,
  CAST(COALESCE(SUM(requests_charged), 0) AS BIGINT) AS requests,
  CAST(SUM(requests_provider) AS BIGINT) AS requests_provider,
  CAST(COALESCE(SUM(requests_failed), 0) AS BIGINT) AS requests_failed,
  CAST(COALESCE(SUM(uncounted), 0) AS BIGINT) AS uncounted,
  CAST(COALESCE(SUM(volume_usd) FILTER (token_type = 'cache_read'), 0) AS DECIMAL(38,15))
    AS cache_read_usd,
  MIN(delta) >= 0 AS is_more, MAX(delta) <= 0 AS is_less,
  -- The same tokens as text here, as sound or image there; or of as many calls sound and images
  -- that only the provider counts.
  COALESCE(SUM(delta) FILTER (token_type IN ('input', 'audio_in', 'image_in')), 0) = 0
    AND COALESCE(SUM(delta) FILTER (token_type IN ('cache_read', 'audio_cached_in',
      'image_cached_in')), 0) = 0
    AND COALESCE(SUM(delta) FILTER (token_type IN ('output', 'reasoning', 'audio_out',
      'image_out')), 0) = 0
    AND bool_and(delta = 0 OR token_type IN ('input', 'audio_in', 'image_in', 'cache_read',
      'audio_cached_in', 'image_cached_in', 'output', 'reasoning', 'audio_out', 'image_out'))
    AND bool_or(delta <> 0 AND token_type NOT IN ('input', 'cache_read', 'output', 'reasoning'))
    OR bool_and(delta = 0 OR delta > 0 AND token_type IN ('audio_out', 'image_out'))
      AND SUM(requests_charged) = SUM(requests_provider) AS is_modality,
  string_agg(token_type || ' ' || printf('%+d', delta), ', ' ORDER BY token_type)
    FILTER (delta <> 0) AS moved
FROM typed
GROUP BY provider, account_id, key_id, day, model, is_one_write
HAVING bool_or(delta <> 0)
