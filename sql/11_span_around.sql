-- heavy
-- reads:  raw.span, book.silent_step, book.delivered
-- writes: book.span_around
-- grain:  one row a call's span and that of a call inside it, straight beneath it or beneath
--         agents, chains and tools, unless they saw the same response, or each names the other as
--         the one around it; what the two answered is alike where one knows of no reasoning and
--         counts what the other does without it
WITH call AS (
  SELECT s.row_id, s.trace_id, s.span_id, s.parent_span_id, s.role, s.response_id,
    s.requested_model, s.prompt_tokens, s.started_us,
    COALESCE(s.ended_us, s.started_us) AS ended_us,
    CASE WHEN s.response_model_evidence = 'reported' THEN s.response_model END AS model,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
      + COALESCE(s.image_out, 0) AS answered, s.reasoning,
    COALESCE(s.cache_read, 0) + COALESCE(s.cache_write, 0) + COALESCE(s.cache_write_5m, 0)
      + COALESCE(s.cache_write_1h, 0) AS cached,
    CASE WHEN s.usage_quality = 'ok' AND s.usage_problem IS NULL THEN
      CASE WHEN s.reasoning IS NULL THEN 0 ELSE 1 END
        + CASE WHEN s.cache_write IS NULL THEN 0 ELSE 2 END
        + CASE WHEN s.cache_read IS NULL THEN 0 ELSE 4 END
        + CASE WHEN s.cache_write_5m IS NULL THEN 0 ELSE 8 END
        + CASE WHEN s.other_charges IS NULL AND COALESCE(s.audio_in, s.audio_out, s.image_in,
          s.image_out, s.web_search) IS NULL THEN 0 ELSE 16 END
      ELSE 0 END AS detail
  FROM raw.span AS s
  LEFT JOIN book.delivered AS d ON s.row_id = d.row_id
  WHERE d.row_id IS NULL AND (s.role IN ('llm_call', 'gateway') AND s.prompt_tokens IS NOT NULL
    OR s.role = 'llm_call' AND s.response_id IS NULL AND s.output IS NULL)
)
SELECT p.row_id, p.role, p.response_id, p.model, p.prompt_tokens, p.answered, p.started_us,
  p.ended_us, p.detail, p.cached, c.row_id AS inner_row, c.role AS inner_role,
  c.response_id AS inner_response_id, c.model AS inner_model,
  c.prompt_tokens AS inner_prompt_tokens,
  CASE WHEN p.reasoning IS NULL AND c.answered - c.reasoning = p.answered THEN p.answered
    WHEN c.reasoning IS NULL AND p.answered - p.reasoning = c.answered
      AND p.prompt_tokens = c.prompt_tokens THEN p.answered
    ELSE c.answered END AS inner_answered,
  c.started_us AS inner_us, c.detail AS inner_detail, c.cached AS inner_cached,
  TRUE AS is_beneath, p.requested_model, c.requested_model AS inner_requested
FROM call AS p
INNER JOIN call AS c ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
WHERE c.prompt_tokens IS NOT NULL AND c.span_id <> COALESCE(p.parent_span_id, '')
  AND COALESCE(p.response_id, '') <> COALESCE(c.response_id, '-')
UNION ALL
SELECT p.row_id, p.role, p.response_id, p.model, p.prompt_tokens, p.answered, p.started_us,
  p.ended_us, p.detail, p.cached, c.row_id, c.role, c.response_id, c.model, c.prompt_tokens,
  CASE WHEN p.reasoning IS NULL AND c.answered - c.reasoning = p.answered THEN p.answered
    WHEN c.reasoning IS NULL AND p.answered - p.reasoning = c.answered
      AND p.prompt_tokens = c.prompt_tokens THEN p.answered
    ELSE c.answered END,
  c.started_us, c.detail, c.cached, FALSE, p.requested_model, c.requested_model
FROM book.silent_step AS m
INNER JOIN call AS c ON m.trace_id = c.trace_id AND m.span_id = c.parent_span_id
INNER JOIN call AS p ON m.row_id = p.row_id
WHERE c.prompt_tokens IS NOT NULL AND c.row_id <> p.row_id
  AND COALESCE(p.response_id, '') <> COALESCE(c.response_id, '-')
