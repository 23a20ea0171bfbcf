-- heavy
-- reads:  book.pair, raw.request, book.call
-- writes: book.usage_choice
-- grain:  one row a pair: which side's token counts are charged. Where the totals agree, the side
--         that splits them further; where they differ, the trace, which reads the provider's
--         response, unless its counts are partial or leave the cached tokens out
WITH sides AS (
  SELECT p.file_id, p.line, p.span_file_id, p.span_line, p.span_item, p.match_rule,
    r.prompt_tokens AS gateway_prompt, c.prompt_tokens AS trace_prompt,
    c.answered AS trace_answered, c.cached AS trace_cached, c.detail AS trace_detail,
    c.usage_quality, r.gateway_cache,
    COALESCE(r.output, 0) + COALESCE(r.reasoning, 0) + COALESCE(r.audio_out, 0)
      + COALESCE(r.image_out, 0) AS gateway_answered,
    CASE WHEN r.cache_write_5m IS NULL THEN 0 ELSE 8 END
      + CASE WHEN r.cache_read IS NULL THEN 0 ELSE 4 END
      + CASE WHEN r.cache_write IS NULL THEN 0 ELSE 2 END
      + CASE WHEN r.reasoning IS NULL THEN 0 ELSE 1 END AS gateway_detail
  FROM book.pair AS p
  INNER JOIN raw.request AS r ON p.file_id = r.file_id AND p.line = r.line
  INNER JOIN book.call AS c
    ON p.span_file_id = c.file_id AND p.span_line = c.line AND p.span_item = c.item
)
SELECT file_id, line, span_file_id, span_line, span_item, match_rule,
  CASE
    WHEN trace_prompt IS NULL THEN 'gateway'
    WHEN gateway_prompt IS NULL THEN 'trace'
    WHEN gateway_answered = trace_answered
      AND (gateway_prompt = trace_prompt OR gateway_prompt = trace_prompt + trace_cached)
      THEN CASE WHEN trace_detail > gateway_detail AND gateway_prompt = trace_prompt
        THEN 'trace' ELSE 'gateway' END
    WHEN usage_quality = 'ok' AND gateway_cache <> 'hit' THEN 'trace'
    ELSE 'gateway'
  END AS usage_source
FROM sides
