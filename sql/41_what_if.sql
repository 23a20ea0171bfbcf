-- reads:  book.rated, book.sheet, book.model_key, raw.request
-- writes: book.what_if
-- grain:  one row a drifting request and changed assumption whose re-rating gives the gateway's
--         figure: the evidence for a cause
WITH drifting AS (
  SELECT r.*
  FROM book.rated AS r
  WHERE r.charge_status = 'rated' AND r.spend_usd IS NOT NULL AND r.drift_usd <> 0
),
assumed AS (
  SELECT request_row, spend_usd,
    'cache_write_ttl' AS cause, sheet_id, input, cache_read,
    COALESCE(cache_write_5m, 0) + cache_write_1h AS cache_write_5m, 0 AS cache_write_1h,
    cache_write, output, reasoning, audio_in, audio_cached_in, audio_out, image_in,
    image_cached_in, image_out, web_search,
    CAST(cache_write_1h AS VARCHAR) || ' tokens of 1 h cache write charged at the 5 m price'
      AS evidence
  FROM drifting WHERE cache_write_1h > 0
  UNION ALL
  SELECT request_row, spend_usd,
    'cache_at_full_price', sheet_id, input + cache_read, 0, cache_write_5m, cache_write_1h,
    cache_write, output, reasoning, audio_in, audio_cached_in, audio_out, image_in,
    image_cached_in, image_out, web_search,
    CAST(cache_read AS VARCHAR) || ' cached tokens charged at the full input price'
  FROM drifting WHERE cache_read > 0
  UNION ALL
  SELECT request_row, spend_usd,
    'cache_double_count', sheet_id, input + cache_read, cache_read, cache_write_5m,
    cache_write_1h, cache_write, output, reasoning, audio_in, audio_cached_in, audio_out,
    image_in, image_cached_in, image_out, web_search,
    CAST(cache_read AS VARCHAR) || ' cached tokens charged on top of the full prompt'
  FROM drifting WHERE cache_read > 0
  UNION ALL
  SELECT request_row, spend_usd,
    'reasoning_dropped', sheet_id, input, cache_read, cache_write_5m, cache_write_1h,
    cache_write, output, 0, audio_in, audio_cached_in, audio_out, image_in, image_cached_in,
    image_out, web_search,
    CAST(reasoning AS VARCHAR) || ' reasoning tokens left out of the output'
  FROM drifting WHERE reasoning > 0
  UNION ALL
  SELECT request_row, spend_usd,
    'reasoning_double_count', sheet_id, input, cache_read, cache_write_5m, cache_write_1h,
    cache_write, output, 2 * reasoning, audio_in, audio_cached_in, audio_out, image_in,
    image_cached_in, image_out, web_search,
    CAST(reasoning AS VARCHAR) || ' reasoning tokens charged twice'
  FROM drifting WHERE reasoning > 0
  UNION ALL
  SELECT d.request_row, d.spend_usd,
    'model_alias_unresolved', s.sheet_id, d.input, d.cache_read, d.cache_write_5m,
    d.cache_write_1h, d.cache_write, d.output, d.reasoning, d.audio_in, d.audio_cached_in,
    d.audio_out, d.image_in, d.image_cached_in, d.image_out, d.web_search,
    'priced as ' || k.model || ', answered by ' || d.model
  FROM drifting AS d
  INNER JOIN raw.request AS g ON d.request_row = g.row_id
  INNER JOIN book.model_key AS k
    ON k.provider_raw = d.provider_raw AND k.tier_raw = d.tier_raw
    AND k.region_raw = d.region_raw AND d.started_us >= k.from_us AND d.started_us < k.to_us
    AND (k.model_raw = g.response_model OR k.model_raw = g.requested_model)
  INNER JOIN book.sheet AS s
    ON s.price_key = k.price_key AND d.started_us >= s.from_us AND d.started_us < s.to_us
    AND COALESCE(d.prompt_tokens, 0) >= s.min_prompt
    AND COALESCE(d.prompt_tokens, 0) < s.max_prompt
  WHERE k.price_key <> d.price_key
  UNION ALL
  SELECT d.request_row, d.spend_usd,
    'price_list_stale', s.sheet_id, d.input, d.cache_read, d.cache_write_5m,
    d.cache_write_1h, d.cache_write, d.output, d.reasoning, d.audio_in, d.audio_cached_in,
    d.audio_out, d.image_in, d.image_cached_in, d.image_out, d.web_search,
    'charged at the price of another date: ' || CASE WHEN s.to_us <= d.started_us
      THEN 'it ended ' || strftime(make_timestamp(s.to_us), '%Y-%m-%d')
      ELSE 'it begins ' || strftime(make_timestamp(s.from_us), '%Y-%m-%d') END
  FROM drifting AS d
  INNER JOIN book.sheet AS s
    ON s.price_key = d.price_key AND (d.started_us < s.from_us OR d.started_us >= s.to_us)
    AND COALESCE(d.prompt_tokens, 0) >= s.min_prompt
    AND COALESCE(d.prompt_tokens, 0) < s.max_prompt
  UNION ALL
  SELECT d.request_row, d.spend_usd,
    'usage_differs', d.sheet_id, g.input, g.cache_read, g.cache_write_5m,
    g.cache_write_1h, g.cache_write, g.output, g.reasoning, g.audio_in, g.audio_cached_in,
    g.audio_out, g.image_in, g.image_cached_in, g.image_out, g.web_search,
    'the gateway counted ' || COALESCE(g.prompt_tokens, 0) || ' in, '
      || COALESCE(g.output, 0) + COALESCE(g.reasoning, 0) || ' out; the trace '
      || COALESCE(d.prompt_tokens, 0) || ' in, '
      || COALESCE(d.output, 0) + COALESCE(d.reasoning, 0) || ' out'
  FROM drifting AS d
  INNER JOIN raw.request AS g ON d.request_row = g.row_id
  WHERE d.usage_source = 'trace'
),
rated_again AS (
  SELECT a.request_row, a.cause, a.evidence, a.spend_usd,
    CAST(0 AS DECIMAL(38,15))
      + COALESCE(CAST(a.input AS DECIMAL(18,0)) * s.input, 0.000000000000000)
      + COALESCE(CAST(a.cache_read AS DECIMAL(18,0)) * s.cache_read, 0.000000000000000)
      + COALESCE(CAST(a.cache_write_5m AS DECIMAL(18,0)) * s.cache_write_5m, 0.000000000000000)
      + COALESCE(CAST(a.cache_write_1h AS DECIMAL(18,0)) * s.cache_write_1h, 0.000000000000000)
      + COALESCE(CAST(a.cache_write AS DECIMAL(18,0)) * s.cache_write, 0.000000000000000)
      + COALESCE(CAST(a.output AS DECIMAL(18,0)) * s.output, 0.000000000000000)
      + COALESCE(CAST(a.reasoning AS DECIMAL(18,0)) * s.reasoning, 0.000000000000000)
      + COALESCE(CAST(a.audio_in AS DECIMAL(18,0)) * s.audio_in, 0.000000000000000)
      + COALESCE(CAST(a.audio_cached_in AS DECIMAL(18,0)) * s.audio_cached_in, 0.000000000000000)
      + COALESCE(CAST(a.audio_out AS DECIMAL(18,0)) * s.audio_out, 0.000000000000000)
      + COALESCE(CAST(a.image_in AS DECIMAL(18,0)) * s.image_in, 0.000000000000000)
      + COALESCE(CAST(a.image_cached_in AS DECIMAL(18,0)) * s.image_cached_in, 0.000000000000000)
      + COALESCE(CAST(a.image_out AS DECIMAL(18,0)) * s.image_out, 0.000000000000000)
      + COALESCE(CAST(a.web_search AS DECIMAL(18,0)) * s.web_search, 0.000000000000000)
      AS what_if_usd
  FROM assumed AS a
  INNER JOIN book.sheet AS s ON a.sheet_id = s.sheet_id
)
SELECT request_row, cause, MIN(evidence) AS evidence
FROM rated_again
WHERE ABS(what_if_usd - spend_usd) <= CAST('0.000000000001' AS DECIMAL(38,15))
GROUP BY request_row, cause
