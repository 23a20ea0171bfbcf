-- heavy
-- reads:  book.rated, book.pair
-- writes: book.met_usage
-- grain:  one row a provider, UTC day and kind of tokens: what gateway and trace count of the
--         requests that both count, and of how many requests they differ
WITH met AS (
  SELECT r.provider, r.started_day, p.prompt_tokens, p.call_prompt_tokens AS span_prompt_tokens,
    p.cache_read, p.call_cache_read AS span_cache_read, p.answered,
    p.call_answered AS span_answered
  FROM book.rated AS r
  INNER JOIN book.pair AS p ON r.request_row = p.request_row
  WHERE p.prompt_tokens IS NOT NULL AND p.call_prompt_tokens IS NOT NULL
)
SELECT provider, started_day AS day, 'prompt' AS token_type, COUNT(*) AS rows,
  COUNT(*) FILTER (WHERE prompt_tokens <> span_prompt_tokens) AS rows_off,
  CAST(SUM(span_prompt_tokens) AS BIGINT) AS quantity_trace,
  CAST(SUM(prompt_tokens) AS BIGINT) AS quantity_gateway
FROM met GROUP BY provider, started_day
UNION ALL
SELECT provider, started_day, 'cache_read', COUNT(*),
  COUNT(*) FILTER (WHERE cache_read <> span_cache_read),
  CAST(SUM(span_cache_read) AS BIGINT), CAST(SUM(cache_read) AS BIGINT)
FROM met WHERE cache_read IS NOT NULL AND span_cache_read IS NOT NULL
GROUP BY provider, started_day
UNION ALL
SELECT provider, started_day, 'output', COUNT(*),
  COUNT(*) FILTER (WHERE answered <> span_answered), CAST(SUM(span_answered) AS BIGINT),
  CAST(SUM(answered) AS BIGINT)
FROM met GROUP BY provider, started_day
