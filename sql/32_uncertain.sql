-- heavy
-- reads:  book.rated, book.sheet, book.reading, raw.request, raw.span
-- writes: book.uncertain
-- grain:  one row a rated request whose charge is a range, because neither its source nor its
--         fellows say whether the input holds the cached tokens, or how long cache writes live. The
--         charge takes the cached tokens out of the input and such writes at the 5m price, which
--         is the lower end; the upper has them on top of the input, and takes the 1h price
WITH doubted AS (
  SELECT r.request_row, r.span_row, r.price_key, r.sheet_id, r.started_us, r.prompt_tokens,
    r.charge_usd, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write,
    r.output, r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in,
    r.image_cached_in, r.image_out,
    COALESCE(r.cache_read, 0) + COALESCE(r.cache_write, 0) + COALESCE(r.cache_write_5m, 0)
      + COALESCE(r.cache_write_1h, 0) + COALESCE(r.audio_cached_in, 0)
      + COALESCE(r.image_cached_in, 0) AS cached,
    CASE WHEN r.usage_source = 'trace' THEN s.row_id ELSE g.row_id END IS NOT NULL AS is_unknown
  FROM book.rated AS r
  LEFT JOIN (
    SELECT q.row_id
    FROM raw.request AS q LEFT JOIN book.reading AS c ON q.kind_id = c.kind_id
    WHERE q.usage_convention = 'unknown' AND c.kind_id IS NULL
  ) AS g ON r.request_row = g.row_id
  LEFT JOIN raw.span AS s ON r.span_row = s.row_id AND s.usage_convention = 'unknown'
  WHERE r.charge_status = 'rated'
    AND (r.cache_write > 0 OR g.row_id IS NOT NULL OR s.row_id IS NOT NULL)
),
-- Cached tokens on top make the prompt larger, which may move the request to another sheet.
read AS (
  SELECT o.request_row, o.span_row, o.charge_usd, o.is_unknown AND o.cached > 0 AS is_open,
    COALESCE(o.cache_write > 0 AND w.cache_write_1h > w.cache_write, FALSE) AS is_unsaid,
    CAST(o.charge_usd
      + CASE WHEN o.is_unknown AND o.cached > 0 THEN CAST(o.cached AS DECIMAL(18,0))
        * t.input ELSE 0.000000000000000 END
      + CASE WHEN o.input > 0 THEN CAST(o.input AS DECIMAL(18,0))
        * (t.input - w.input) ELSE 0.000000000000000 END
      + CASE WHEN o.cache_read > 0 THEN CAST(o.cache_read AS DECIMAL(18,0))
        * (t.cache_read - w.cache_read) ELSE 0.000000000000000 END
      + CASE WHEN o.cache_write_5m > 0 THEN CAST(o.cache_write_5m AS DECIMAL(18,0))
        * (t.cache_write_5m - w.cache_write_5m) ELSE 0.000000000000000 END
      + CASE WHEN o.cache_write_1h > 0 THEN CAST(o.cache_write_1h AS DECIMAL(18,0))
        * (t.cache_write_1h - w.cache_write_1h) ELSE 0.000000000000000 END
      + CASE WHEN o.cache_write > 0 THEN CAST(o.cache_write AS DECIMAL(18,0))
        * (CASE WHEN t.cache_write_1h > t.cache_write THEN t.cache_write_1h
          ELSE t.cache_write END - w.cache_write) ELSE 0.000000000000000 END
      + CASE WHEN o.output > 0 THEN CAST(o.output AS DECIMAL(18,0))
        * (t.output - w.output) ELSE 0.000000000000000 END
      + CASE WHEN o.reasoning > 0 THEN CAST(o.reasoning AS DECIMAL(18,0))
        * (t.reasoning - w.reasoning) ELSE 0.000000000000000 END
      + CASE WHEN o.audio_in > 0 THEN CAST(o.audio_in AS DECIMAL(18,0))
        * (t.audio_in - w.audio_in) ELSE 0.000000000000000 END
      + CASE WHEN o.audio_cached_in > 0 THEN CAST(o.audio_cached_in AS DECIMAL(18,0))
        * (t.audio_cached_in - w.audio_cached_in) ELSE 0.000000000000000 END
      + CASE WHEN o.audio_out > 0 THEN CAST(o.audio_out AS DECIMAL(18,0))
        * (t.audio_out - w.audio_out) ELSE 0.000000000000000 END
      + CASE WHEN o.image_in > 0 THEN CAST(o.image_in AS DECIMAL(18,0))
        * (t.image_in - w.image_in) ELSE 0.000000000000000 END
      + CASE WHEN o.image_cached_in > 0 THEN CAST(o.image_cached_in AS DECIMAL(18,0))
        * (t.image_cached_in - w.image_cached_in) ELSE 0.000000000000000 END
      + CASE WHEN o.image_out > 0 THEN CAST(o.image_out AS DECIMAL(18,0))
        * (t.image_out - w.image_out) ELSE 0.000000000000000 END
      AS DECIMAL(38,15)) AS on_top_usd
  FROM doubted AS o
  INNER JOIN book.sheet AS w ON o.sheet_id = w.sheet_id
  LEFT JOIN book.sheet AS t
    ON o.price_key = t.price_key AND o.started_us >= t.from_us AND o.started_us < t.to_us
    AND MOD(o.started_us, 86400000000) >= t.tod_from_us
    AND MOD(o.started_us, 86400000000) < t.tod_to_us
    AND COALESCE(o.prompt_tokens, 0) + CASE WHEN o.is_unknown THEN o.cached ELSE 0 END
      >= t.min_prompt
    AND COALESCE(o.prompt_tokens, 0) + CASE WHEN o.is_unknown THEN o.cached ELSE 0 END
      < t.max_prompt
)
SELECT request_row, span_row, charge_usd AS low_usd, on_top_usd AS high_usd, is_open, is_unsaid
FROM read WHERE on_top_usd > charge_usd
