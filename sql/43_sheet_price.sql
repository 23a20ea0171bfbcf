-- reads:  book.sheet_case, book.drifting, book.tally, book.sheet
-- writes: book.sheet_price
-- grain:  one row a drifting request and other sheet: how much more each kind of its tokens costs
--         there. A kind that the sheet has no price for keeps its own; read_costs are, of cached
--         tokens for which another model has none, those at nothing and at its input price
SELECT c.*, d.charge_usd, d.target_usd, d.half_step, t.input AS input_tokens,
  o.input AS own_input, s.input AS other_input,
  CAST(CASE WHEN t.input > 0 AND s.input IS NOT NULL
    THEN CAST(t.input AS DECIMAL(18,0)) * (s.input - o.input) ELSE 0 END
    AS DECIMAL(38,15)) AS input_usd,
  CAST(CASE WHEN t.cache_read > 0 AND s.cache_read IS NOT NULL
    THEN CAST(t.cache_read AS DECIMAL(18,0)) * (s.cache_read - o.cache_read) ELSE 0 END
    AS DECIMAL(38,15)) AS read_usd,
  CAST(CASE WHEN t.cache_write_5m > 0 AND s.cache_write_5m IS NOT NULL
    THEN CAST(t.cache_write_5m AS DECIMAL(18,0)) * (s.cache_write_5m - o.cache_write_5m)
      ELSE 0 END
    + CASE WHEN t.cache_write > 0 AND s.cache_write IS NOT NULL
      THEN CAST(t.cache_write AS DECIMAL(18,0)) * (s.cache_write - o.cache_write) ELSE 0 END
    AS DECIMAL(38,15)) AS write_usd,
  CAST(CASE WHEN t.cache_write_1h > 0 AND s.cache_write_1h IS NOT NULL
    THEN CAST(t.cache_write_1h AS DECIMAL(18,0)) * (s.cache_write_1h - o.cache_write_1h)
    ELSE 0 END AS DECIMAL(38,15)) AS write_1h_usd,
  CAST(CASE WHEN t.output > 0 AND s.output IS NOT NULL
    THEN CAST(t.output AS DECIMAL(18,0)) * (s.output - o.output) ELSE 0 END
    AS DECIMAL(38,15)) AS output_usd,
  CAST(CASE WHEN t.reasoning > 0 AND s.reasoning IS NOT NULL
    THEN CAST(t.reasoning AS DECIMAL(18,0)) * (s.reasoning - o.reasoning) ELSE 0 END
    AS DECIMAL(38,15)) AS reasoning_usd,
  CAST(CASE WHEN t.audio_in > 0 AND s.audio_in IS NOT NULL
    THEN CAST(t.audio_in AS DECIMAL(18,0)) * (s.audio_in - o.audio_in) ELSE 0 END
    + CASE WHEN t.audio_cached_in > 0 AND s.audio_cached_in IS NOT NULL
      THEN CAST(t.audio_cached_in AS DECIMAL(18,0)) * (s.audio_cached_in - o.audio_cached_in)
      ELSE 0 END
    + CASE WHEN t.audio_out > 0 AND s.audio_out IS NOT NULL
      THEN CAST(t.audio_out AS DECIMAL(18,0)) * (s.audio_out - o.audio_out) ELSE 0 END
    + CASE WHEN t.image_in > 0 AND s.image_in IS NOT NULL
      THEN CAST(t.image_in AS DECIMAL(18,0)) * (s.image_in - o.image_in) ELSE 0 END
    + CASE WHEN t.image_cached_in > 0 AND s.image_cached_in IS NOT NULL
      THEN CAST(t.image_cached_in AS DECIMAL(18,0)) * (s.image_cached_in - o.image_cached_in)
      ELSE 0 END
    + CASE WHEN t.image_out > 0 AND s.image_out IS NOT NULL
      THEN CAST(t.image_out AS DECIMAL(18,0)) * (s.image_out - o.image_out) ELSE 0 END
    + CASE WHEN t.web_search > 0 AND s.web_search IS NOT NULL
      THEN CAST(t.web_search AS DECIMAL(18,0)) * (s.web_search - o.web_search) ELSE 0 END
    AS DECIMAL(38,15)) AS other_usd,
  CASE WHEN c.cause = 'model_alias_unresolved' AND t.cache_read > 0 AND s.cache_read IS NULL THEN [
    CAST(CAST(t.cache_read AS DECIMAL(18,0)) * -o.cache_read AS DECIMAL(38,15)),
    CAST(CAST(t.cache_read AS DECIMAL(18,0)) * (s.input - o.cache_read) AS DECIMAL(38,15))
  ] END AS read_costs
FROM book.sheet_case AS c
INNER JOIN book.drifting AS d ON c.request_row = d.request_row
INNER JOIN book.tally AS t ON c.request_row = t.request_row AND t.basis = 'own'
INNER JOIN book.sheet AS o ON d.sheet_id = o.sheet_id
INNER JOIN book.sheet AS s ON c.sheet_id = s.sheet_id
