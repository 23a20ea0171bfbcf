-- heavy
-- reads:  raw.span
-- writes: book.span_drop
-- grain:  one row a span that tells of no call of its own: delivered twice, or a container that
--         repeats the usage of the calls inside it
WITH repeated AS (
  SELECT trace_id, span_id
  FROM raw.span
  GROUP BY trace_id, span_id
  HAVING COUNT(*) > 1
),
delivered AS (
  SELECT s.file_id, s.line, s.item,
    ROW_NUMBER() OVER (
      PARTITION BY s.trace_id, s.span_id
      ORDER BY COALESCE(s.attributes, 0) DESC, COALESCE(s.ended_us, 0) DESC,
        COALESCE(s.prompt_tokens, 0) DESC, COALESCE(s.output, 0) DESC,
        s.file_id, s.line, s.item) AS place
  FROM raw.span AS s
  INNER JOIN repeated AS d ON s.trace_id = d.trace_id AND s.span_id = d.span_id
),
inner_calls AS (
  SELECT trace_id, parent_span_id, COUNT(*) AS calls,
    SUM(COALESCE(prompt_tokens, 0)) AS prompt_tokens,
    SUM(COALESCE(output, 0) + COALESCE(reasoning, 0) + COALESCE(audio_out, 0)
      + COALESCE(image_out, 0)) AS answered
  FROM raw.span
  WHERE role IN ('llm_call', 'gateway') AND parent_span_id IS NOT NULL
    AND prompt_tokens IS NOT NULL
  GROUP BY trace_id, parent_span_id
),
rollups AS (
  SELECT s.file_id, s.line, s.item
  FROM raw.span AS s
  INNER JOIN inner_calls AS i ON s.trace_id = i.trace_id AND s.span_id = i.parent_span_id
  WHERE s.role IN ('llm_call', 'gateway')
    AND s.prompt_tokens = i.prompt_tokens
    AND COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
      + COALESCE(s.image_out, 0) = i.answered
)
SELECT file_id, line, item, MIN(reason) AS reason
FROM (
  SELECT file_id, line, item, 'delivered twice' AS reason FROM delivered WHERE place > 1
  UNION ALL
  SELECT file_id, line, item, 'repeats the calls inside it' FROM rollups
) AS dropped
GROUP BY file_id, line, item
