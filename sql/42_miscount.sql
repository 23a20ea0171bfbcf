-- reads:  book.tally, book.above, raw.request_kind
-- writes: book.miscount
-- grain:  one row a drifting request whose tokens the gateway counted otherwise than its response
--         says: by how much, of each type, and which mistake that is
WITH tally AS (
  SELECT *, COALESCE(output, 0) + COALESCE(reasoning, 0) AS answer FROM book.tally
)
SELECT o.request_row,
  -- Another answer too is no mistake about what is cached.
  CASE WHEN g.answer = o.answer AND g.prompt_tokens = o.prompt_tokens
      AND COALESCE(g.cache_read, 0) < COALESCE(o.cache_read, 0) THEN 'cache_read_undercount'
    WHEN g.answer = o.answer AND g.prompt_tokens = o.prompt_tokens
      AND COALESCE(g.cache_read, 0) > COALESCE(o.cache_read, 0) THEN 'cache_read_overcount'
    -- The same text in and out: the gateway has left cached tokens out of its prompt.
    WHEN g.answer = o.answer AND g.prompt_tokens < o.prompt_tokens AND g.input = o.input
    THEN CASE WHEN COALESCE(g.cache_read, 0) < COALESCE(o.cache_read, 0)
      THEN 'cache_read_undercount' ELSE 'cache_write_undercount' END
    WHEN g.answer = o.answer AND g.prompt_tokens = o.prompt_tokens AND g.written < o.written
      THEN 'cache_write_undercount'
    WHEN g.answer = o.answer AND g.prompt_tokens = o.prompt_tokens AND g.written > o.written
      THEN 'cache_write_overcount'
    -- Kong estimates the answer alone, and its rows say so.
    WHEN r.usage_origin = 'estimated' OR r.is_streamed AND r.gateway <> 'kong'
      AND g.cache_read IS NULL AND g.reasoning IS NULL THEN 'usage_estimated'
    WHEN g.prompt_tokens = o.prompt_tokens AND g.answer < o.answer THEN 'usage_partial'
    ELSE 'usage_differs' END AS cause,
  'the gateway counted ' || COALESCE(g.prompt_tokens, 0) || ' in ('
    || COALESCE(g.cache_read, 0) || ' cached), '
    || g.answer || ' out; the trace '
    || COALESCE(o.prompt_tokens, 0) || ' in (' || COALESCE(o.cache_read, 0) || ' cached), '
    || o.answer || ' out' AS evidence,
  COALESCE(g.input, 0) - COALESCE(o.input, 0) AS input,
  COALESCE(g.cache_read, 0) - COALESCE(o.cache_read, 0) AS cache_read,
  COALESCE(g.cache_write_5m, 0) - COALESCE(o.cache_write_5m, 0) AS cache_write_5m,
  COALESCE(g.cache_write_1h, 0) - COALESCE(o.cache_write_1h, 0) AS cache_write_1h,
  COALESCE(g.cache_write, 0) - COALESCE(o.cache_write, 0) AS cache_write,
  COALESCE(g.output, 0) - COALESCE(o.output, 0) AS output,
  COALESCE(g.reasoning, 0) - COALESCE(o.reasoning, 0) AS reasoning,
  COALESCE(g.audio_in, 0) - COALESCE(o.audio_in, 0) AS audio_in,
  COALESCE(g.audio_cached_in, 0) - COALESCE(o.audio_cached_in, 0) AS audio_cached_in,
  COALESCE(g.audio_out, 0) - COALESCE(o.audio_out, 0) AS audio_out,
  COALESCE(g.image_in, 0) - COALESCE(o.image_in, 0) AS image_in,
  COALESCE(g.image_cached_in, 0) - COALESCE(o.image_cached_in, 0) AS image_cached_in,
  COALESCE(g.image_out, 0) - COALESCE(o.image_out, 0) AS image_out
FROM tally AS o
INNER JOIN tally AS g ON o.request_row = g.request_row AND g.basis = 'gateway'
INNER JOIN book.above AS a ON o.request_row = a.request_row
INNER JOIN raw.request_kind AS r ON a.request_kind = r.kind_id
WHERE o.basis = 'own'
