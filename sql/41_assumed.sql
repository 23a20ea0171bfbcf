-- reads:  book.rated, book.above, book.sheet, book.model_key, raw.request
-- writes: book.assumed
-- grain:  one row a drifting request and way to price it: its own sheet (rank 1, no cause), a
--         sheet that differs in just one condition, which is then the cause, and the gateway's own
--         counts where they differ (rank 2)
WITH drifting AS (
  SELECT r.*
  FROM book.rated AS r INNER JOIN book.above AS a ON r.request_row = a.request_row
  WHERE r.charge_status = 'rated' AND r.spend_usd IS NOT NULL
),
other_sheet AS (
  SELECT d.request_row, s.sheet_id,
    s.from_us <= d.started_us AND d.started_us < s.to_us AS is_now,
    s.min_prompt <= COALESCE(d.prompt_tokens, 0)
      AND COALESCE(d.prompt_tokens, 0) < s.max_prompt AS is_size,
    s.tod_from_us <= d.started_us % 86400000000
      AND d.started_us % 86400000000 < s.tod_to_us AS is_hour,
    s.price_key = o.price_key AS is_key, s.service_tier = o.service_tier AS is_tier,
    s.region = o.region AS is_region, s.service_tier, s.region, s.min_prompt, s.from_us, s.to_us,
    o.service_tier AS own_tier, d.started_us
  FROM drifting AS d
  INNER JOIN book.sheet AS o ON d.sheet_id = o.sheet_id
  INNER JOIN book.sheet AS s
    ON s.provider = o.provider AND s.model = o.model AND s.sheet_id <> o.sheet_id
),
changed AS (
  SELECT request_row, sheet_id, 'price_list_stale' AS cause,
    'charged at the price of another date: ' || CASE WHEN to_us <= started_us
      THEN 'it ended ' || strftime(make_timestamp(to_us), '%Y-%m-%d')
      ELSE 'it begins ' || strftime(make_timestamp(from_us), '%Y-%m-%d') END AS evidence
  FROM other_sheet WHERE is_key AND NOT is_now AND is_size AND is_hour
  UNION ALL
  SELECT request_row, sheet_id, 'long_context_tier',
    'charged at the price for prompts from ' || min_prompt || ' tokens'
  FROM other_sheet WHERE is_key AND is_now AND NOT is_size AND is_hour
  UNION ALL
  SELECT request_row, sheet_id, 'time_of_day_price', 'charged at the price of other hours'
  FROM other_sheet WHERE is_key AND is_now AND is_size AND NOT is_hour
  UNION ALL
  SELECT request_row, sheet_id,
    CASE WHEN own_tier = 'batch' OR service_tier = 'batch' THEN 'batch_price'
      ELSE 'service_tier' END,
    'charged at the ' || service_tier || ' price, served as ' || own_tier
  FROM other_sheet WHERE NOT is_tier AND is_region AND is_now AND is_size AND is_hour
  UNION ALL
  SELECT request_row, sheet_id, 'region_uplift',
    'charged at the price of region ' || COALESCE(NULLIF(region, ''), 'default')
  FROM other_sheet WHERE is_tier AND NOT is_region AND is_now AND is_size AND is_hour
  UNION ALL
  SELECT d.request_row, s.sheet_id, 'model_alias_unresolved',
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
),
priced AS (
  SELECT d.request_row, 1 AS rank, d.sheet_id, CAST(NULL AS VARCHAR) AS cause,
    CAST(NULL AS VARCHAR) AS evidence, d.spend_usd, d.charge_usd,
    d.input, d.cache_read, d.cache_write_5m, d.cache_write_1h, d.cache_write, d.output,
    d.reasoning, d.audio_in, d.audio_cached_in, d.audio_out, d.image_in, d.image_cached_in,
    d.image_out, d.web_search
  FROM drifting AS d
  UNION ALL
  SELECT d.request_row, 1, c.sheet_id, c.cause, c.evidence, d.spend_usd, d.charge_usd,
    d.input, d.cache_read, d.cache_write_5m, d.cache_write_1h, d.cache_write, d.output,
    d.reasoning, d.audio_in, d.audio_cached_in, d.audio_out, d.image_in, d.image_cached_in,
    d.image_out, d.web_search
  FROM drifting AS d INNER JOIN changed AS c ON d.request_row = c.request_row
  UNION ALL
  SELECT d.request_row, 2, d.sheet_id,
    CASE WHEN g.prompt_tokens = d.prompt_tokens
        AND COALESCE(g.cache_read, 0) < COALESCE(d.cache_read, 0) THEN 'cache_read_undercount'
      -- The same text in and out: the gateway has left cached tokens out of its prompt.
      WHEN g.prompt_tokens < d.prompt_tokens AND g.input = d.input
        AND COALESCE(g.output, 0) + COALESCE(g.reasoning, 0)
          = COALESCE(d.output, 0) + COALESCE(d.reasoning, 0)
      THEN CASE WHEN COALESCE(g.cache_read, 0) < COALESCE(d.cache_read, 0)
        THEN 'cache_read_undercount' ELSE 'cache_write_undercount' END
      WHEN g.prompt_tokens = d.prompt_tokens
        AND COALESCE(g.cache_read, 0) > COALESCE(d.cache_read, 0) THEN 'cache_read_overcount'
      WHEN g.is_streamed AND g.cache_read IS NULL AND g.reasoning IS NULL THEN 'usage_estimated'
      WHEN g.prompt_tokens = d.prompt_tokens
        AND COALESCE(g.output, 0) + COALESCE(g.reasoning, 0)
          < COALESCE(d.output, 0) + COALESCE(d.reasoning, 0) THEN 'usage_partial'
      ELSE 'usage_differs' END,
    'the gateway counted ' || COALESCE(g.prompt_tokens, 0) || ' in ('
      || COALESCE(g.cache_read, 0) || ' cached), '
      || COALESCE(g.output, 0) + COALESCE(g.reasoning, 0) || ' out; the trace '
      || COALESCE(d.prompt_tokens, 0) || ' in (' || COALESCE(d.cache_read, 0) || ' cached), '
      || COALESCE(d.output, 0) + COALESCE(d.reasoning, 0) || ' out',
    d.spend_usd, d.charge_usd,
    g.input, g.cache_read, g.cache_write_5m, g.cache_write_1h, g.cache_write, g.output,
    g.reasoning, g.audio_in, g.audio_cached_in, g.audio_out, g.image_in, g.image_cached_in,
    g.image_out, g.web_search
  FROM drifting AS d INNER JOIN raw.request AS g ON d.request_row = g.row_id
  WHERE d.usage_source = 'trace'
)
SELECT *, row_number() OVER (ORDER BY request_row, rank, cause, sheet_id) AS variant
FROM priced
