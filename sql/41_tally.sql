-- reads:  book.drifting, book.rated, raw.request
-- writes: book.tally
-- grain:  one row a drifting request and basis: the tokens that are charged ('own'), and those
--         that the gateway counted where they are others ('gateway')
SELECT d.request_row, 'own' AS basis, d.sheet_id, r.input, r.cache_read, r.cache_write_5m,
  r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.audio_in, r.audio_cached_in,
  r.audio_out, r.image_in, r.image_cached_in, r.image_out, r.web_search, r.prompt_tokens,
  COALESCE(r.cache_write_5m, 0) + COALESCE(r.cache_write_1h, 0) + COALESCE(r.cache_write, 0)
    AS written
FROM book.drifting AS d INNER JOIN book.rated AS r ON d.request_row = r.request_row
WHERE NOT d.is_rounded
UNION ALL
SELECT d.request_row, 'gateway', d.sheet_id, g.input, g.cache_read, g.cache_write_5m,
  g.cache_write_1h, g.cache_write, g.output, g.reasoning, g.audio_in, g.audio_cached_in,
  g.audio_out, g.image_in, g.image_cached_in, g.image_out, g.web_search, g.prompt_tokens,
  COALESCE(g.cache_write_5m, 0) + COALESCE(g.cache_write_1h, 0) + COALESCE(g.cache_write, 0)
FROM book.drifting AS d INNER JOIN raw.request AS g ON d.request_row = g.row_id
WHERE d.usage_source = 'trace' AND NOT d.is_rounded
