-- reads:  raw.request, book.reading
-- writes: book.counted as a view
-- grain:  one row a gateway row, with its counts as they are charged: where the fellows of a row
--         say that cached tokens are on top of the input, they are (loaders take them out of it),
--         and of a stream that Kong guesses the answer of, nobody counted the prompt
SELECT r.* REPLACE (
  CASE WHEN r.is_on_top THEN r.input + r.cached ELSE r.input END AS input,
  CASE WHEN r.usage_origin = 'estimated' THEN NULLIF(r.prompt_tokens, 0)
    WHEN r.is_on_top THEN r.prompt_tokens + r.cached ELSE r.prompt_tokens END AS prompt_tokens)
FROM (
  SELECT g.*, c.convention = 'excludes_cache' AS is_on_top,
    COALESCE(g.cache_read, 0) + COALESCE(g.cache_write, 0) + COALESCE(g.cache_write_5m, 0)
      + COALESCE(g.cache_write_1h, 0) + COALESCE(g.audio_cached_in, 0)
      + COALESCE(g.image_cached_in, 0) AS cached
  FROM raw.request AS g LEFT JOIN book.reading AS c ON g.kind_id = c.kind_id
) AS r
