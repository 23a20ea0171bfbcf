-- heavy
-- reads:  book.rated, book.pair
-- writes: book.met_usage
-- grain:  one row a provider, UTC day and kind of tokens: what gateway and trace count of the
--         requests that both count, and of how many requests they differ
WITH summed AS (
  SELECT r.provider, r.started_day AS day, COUNT(*) AS rows,
    COUNT(*) FILTER (WHERE p.prompt_tokens <> p.call_prompt_tokens) AS prompt_off,
    SUM(p.call_prompt_tokens) AS prompt_trace, SUM(p.prompt_tokens) AS prompt_gateway,
    COUNT(*) FILTER (WHERE p.cache_read IS NOT NULL AND p.call_cache_read IS NOT NULL)
      AS cache_read_rows,
    COUNT(*) FILTER (WHERE p.cache_read <> p.call_cache_read) AS cache_read_off,
    SUM(p.call_cache_read) FILTER (WHERE p.cache_read IS NOT NULL) AS cache_read_trace,
    SUM(p.cache_read) FILTER (WHERE p.call_cache_read IS NOT NULL) AS cache_read_gateway,
    COUNT(*) FILTER (WHERE p.answered <> p.call_answered) AS output_off,
    SUM(p.call_answered) AS output_trace, SUM(p.answered) AS output_gateway
  FROM book.rated AS r
  INNER JOIN book.pair AS p ON r.request_row = p.request_row
  WHERE p.prompt_tokens IS NOT NULL AND p.call_prompt_tokens IS NOT NULL
  GROUP BY r.provider, r.started_day
),
kind AS (
  SELECT 'prompt' AS token_type
  UNION ALL
  SELECT 'cache_read'
  UNION ALL
  SELECT 'output'
)
SELECT s.provider, s.day, k.token_type,
  CASE k.token_type WHEN 'cache_read' THEN s.cache_read_rows ELSE s.rows END AS rows,
  CASE k.token_type WHEN 'prompt' THEN s.prompt_off WHEN 'cache_read' THEN s.cache_read_off
    ELSE s.output_off END AS rows_off,
  CAST(CASE k.token_type WHEN 'prompt' THEN s.prompt_trace WHEN 'cache_read'
    THEN s.cache_read_trace ELSE s.output_trace END AS BIGINT) AS quantity_trace,
  CAST(CASE k.token_type WHEN 'prompt' THEN s.prompt_gateway WHEN 'cache_read'
    THEN s.cache_read_gateway ELSE s.output_gateway END AS BIGINT) AS quantity_gateway
FROM summed AS s CROSS JOIN kind AS k
WHERE k.token_type <> 'cache_read' OR s.cache_read_rows > 0
