-- reads:  book.assumed, book.sheet
-- writes: book.variant
-- grain:  one row a way to price a drifting request, with its prices and its amount
SELECT a.*,
  COALESCE(a.cache_write_5m, 0) + COALESCE(a.cache_write_1h, 0) + COALESCE(a.cache_write, 0)
    AS written,
  COALESCE(CAST(a.cache_write_5m AS DECIMAL(18,0)) * s.cache_write_5m, 0.000000000000000)
    + COALESCE(CAST(a.cache_write_1h AS DECIMAL(18,0)) * s.cache_write_1h, 0.000000000000000)
    + COALESCE(CAST(a.cache_write AS DECIMAL(18,0)) * s.cache_write, 0.000000000000000)
    AS written_usd,
  s.input AS usd_input, s.cache_read AS usd_cache_read, s.cache_write_5m AS usd_cache_write_5m,
  s.cache_write_1h AS usd_cache_write_1h, s.cache_write AS usd_cache_write,
  s.output AS usd_output, s.reasoning AS usd_reasoning, s.audio_in AS usd_audio_in,
  s.audio_cached_in AS usd_audio_cached_in, s.audio_out AS usd_audio_out,
  s.image_in AS usd_image_in, s.image_cached_in AS usd_image_cached_in,
  s.image_out AS usd_image_out, s.web_search AS usd_web_search,
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
    + COALESCE(CAST(a.web_search AS DECIMAL(18,0)) * s.web_search, 0.000000000000000) AS base_usd
FROM book.assumed AS a INNER JOIN book.sheet AS s ON a.sheet_id = s.sheet_id
