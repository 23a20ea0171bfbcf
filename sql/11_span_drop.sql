-- heavy
-- reads:  raw.span, book.silent_step
-- writes: book.span_drop
-- grain:  one row a span that tells of no call of its own: delivered twice, or one that repeats
--         the usage of the calls inside it, straight beneath it or beneath agents, chains and
--         tools, unless they saw the same response and are one call (book.same_call); or an agent
--         that its file has no calls of, when another file has them
WITH repeated AS (
  SELECT trace_id, span_id
  FROM raw.span
  GROUP BY trace_id, span_id
  HAVING COUNT(*) > 1
),
delivered AS (
  SELECT s.row_id,
    ROW_NUMBER() OVER (
      PARTITION BY s.trace_id, s.span_id
      ORDER BY COALESCE(s.attributes, 0) DESC, COALESCE(s.ended_us, 0) DESC,
        COALESCE(s.prompt_tokens, 0) DESC, COALESCE(s.output, 0) DESC,
        s.file_id, s.line, s.item) AS place
  FROM raw.span AS s
  INNER JOIN repeated AS d ON s.trace_id = d.trace_id AND s.span_id = d.span_id
),
inner_call AS (
  SELECT p.row_id, p.prompt_tokens,
    COALESCE(p.output, 0) + COALESCE(p.reasoning, 0) + COALESCE(p.audio_out, 0)
      + COALESCE(p.image_out, 0) AS answered,
    c.prompt_tokens AS inner_prompt_tokens,
    COALESCE(c.output, 0) + COALESCE(c.reasoning, 0) + COALESCE(c.audio_out, 0)
      + COALESCE(c.image_out, 0) AS inner_answered, TRUE AS is_beneath
  FROM raw.span AS p
  INNER JOIN raw.span AS c ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
  WHERE p.role IN ('llm_call', 'gateway') AND c.role IN ('llm_call', 'gateway')
    AND p.prompt_tokens IS NOT NULL AND c.prompt_tokens IS NOT NULL
    AND COALESCE(p.response_id, '') <> COALESCE(c.response_id, '-')
  UNION ALL
  SELECT p.row_id, p.prompt_tokens,
    COALESCE(p.output, 0) + COALESCE(p.reasoning, 0) + COALESCE(p.audio_out, 0)
      + COALESCE(p.image_out, 0) AS answered,
    c.prompt_tokens AS inner_prompt_tokens,
    COALESCE(c.output, 0) + COALESCE(c.reasoning, 0) + COALESCE(c.audio_out, 0)
      + COALESCE(c.image_out, 0) AS inner_answered, FALSE AS is_beneath
  FROM book.silent_step AS m
  INNER JOIN raw.span AS c ON m.trace_id = c.trace_id AND m.span_id = c.parent_span_id
  INNER JOIN raw.span AS p ON m.row_id = p.row_id
  WHERE p.role IN ('llm_call', 'gateway') AND c.role IN ('llm_call', 'gateway')
    AND p.prompt_tokens IS NOT NULL AND c.prompt_tokens IS NOT NULL
    AND COALESCE(p.response_id, '') <> COALESCE(c.response_id, '-')
),
agent AS (
  SELECT a.row_id
  FROM raw.span AS a
  INNER JOIN raw.span AS c ON a.trace_id = c.trace_id
  WHERE a.usage_quality = 'container_only' AND c.role IN ('llm_call', 'gateway')
    AND COALESCE(c.usage_quality, '') <> 'container_only' AND c.prompt_tokens IS NOT NULL
)
SELECT row_id, MIN(reason) AS reason
FROM (
  SELECT row_id, 'delivered twice' AS reason FROM delivered WHERE place > 1
  UNION ALL
  SELECT row_id, 'repeats the calls inside it'
  FROM inner_call
  GROUP BY row_id, prompt_tokens, answered
  HAVING SUM(inner_prompt_tokens) = prompt_tokens AND SUM(inner_answered) = answered
    OR SUM(inner_prompt_tokens) FILTER (WHERE is_beneath) = prompt_tokens
      AND SUM(inner_answered) FILTER (WHERE is_beneath) = answered
  UNION ALL
  SELECT row_id, 'repeats the calls of another file' FROM agent
) AS dropped
GROUP BY row_id
