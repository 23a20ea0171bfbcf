-- heavy
-- reads:  raw.span, book.silent_step, book.delivered
-- writes: book.span_drop
-- drops: book.delivered
-- grain:  one row a span that tells of no call of its own: delivered twice, or one that repeats
--         the usage of the calls inside it, or of one of them, straight beneath it or beneath
--         agents, chains and tools, unless they saw the same response and are one call
--         (book.same_call); or a client's span of a call that a gateway's span inside counts
--         otherwise, or alone; or a gateway's span, of which the client's around it has the same
--         counts in more detail; or an agent that its file has no calls of, when another file has
--         them. Where it is one call that is repeated, that is heir to what the span knows
--         (book.again)
WITH call AS (
  SELECT s.row_id, s.trace_id, s.span_id, s.parent_span_id, s.role, s.response_id,
    s.prompt_tokens, s.started_us, COALESCE(s.ended_us, s.started_us) AS ended_us,
    CASE WHEN s.response_model_evidence = 'reported' THEN s.response_model END AS model,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
      + COALESCE(s.image_out, 0) AS answered,
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
),
step AS (
  SELECT p.row_id, p.role, p.response_id, p.model, p.prompt_tokens, p.answered, p.started_us,
    p.ended_us, p.detail, c.row_id AS inner_row, c.role AS inner_role,
    c.response_id AS inner_response_id, c.model AS inner_model,
    c.prompt_tokens AS inner_prompt_tokens, c.answered AS inner_answered,
    c.started_us AS inner_us, c.detail AS inner_detail, TRUE AS is_beneath
  FROM call AS p
  INNER JOIN call AS c ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
  WHERE c.prompt_tokens IS NOT NULL
    AND COALESCE(p.response_id, '') <> COALESCE(c.response_id, '-')
  UNION ALL
  SELECT p.row_id, p.role, p.response_id, p.model, p.prompt_tokens, p.answered, p.started_us,
    p.ended_us, p.detail, c.row_id, c.role, c.response_id, c.model, c.prompt_tokens, c.answered,
    c.started_us, c.detail, FALSE
  FROM book.silent_step AS m
  INNER JOIN call AS c ON m.trace_id = c.trace_id AND m.span_id = c.parent_span_id
  INNER JOIN call AS p ON m.row_id = p.row_id
  WHERE c.prompt_tokens IS NOT NULL
    AND COALESCE(p.response_id, '') <> COALESCE(c.response_id, '-')
),
-- Models are alike when only the prefix of a router or a date sets them apart.
inner_call AS (
  SELECT row_id, inner_row, is_beneath, prompt_tokens, answered, inner_prompt_tokens,
    inner_answered,
    CASE WHEN inner_prompt_tokens = prompt_tokens AND inner_answered = answered THEN TRUE
      ELSE FALSE END AS is_same,
    CASE WHEN answered > 0 AND inner_answered = answered AND inner_us >= started_us
        AND inner_us <= ended_us THEN TRUE
      ELSE FALSE END AS is_within,
    CASE WHEN role = 'llm_call' AND inner_role = 'gateway'
        AND (response_id IS NULL OR inner_response_id IS NULL)
        AND (model IS NULL OR inner_model IS NULL OR model = inner_model
          OR model LIKE '%/' || inner_model OR inner_model LIKE '%/' || model
          OR model LIKE inner_model || '-20%' OR inner_model LIKE model || '-20%'
          OR model LIKE '%/' || inner_model || '-20%'
          OR inner_model LIKE '%/' || model || '-20%')
        AND (prompt_tokens IS NULL OR answered > 0 AND inner_answered = answered) THEN TRUE
      ELSE FALSE END AS is_passed_on,
    CASE WHEN (detail & inner_detail) = inner_detail AND detail > inner_detail
        AND (model IS NULL OR model = inner_model) THEN TRUE
      ELSE FALSE END AS is_finer
  FROM step
),
around AS (
  SELECT row_id,
    CASE WHEN COUNT(*) FILTER (WHERE is_same) = 1 THEN MIN(inner_row) FILTER (WHERE is_same)
      WHEN COUNT(*) FILTER (WHERE is_same) = 0 AND COUNT(*) = 1 THEN MIN(inner_row)
    END AS heir_row,
    COUNT(*) = 1 AND COUNT(*) FILTER (WHERE is_same AND is_passed_on AND is_finer) = 1 AS is_finer
  FROM inner_call
  GROUP BY row_id, prompt_tokens, answered
  HAVING SUM(inner_prompt_tokens) = prompt_tokens AND SUM(inner_answered) = answered
    OR SUM(inner_prompt_tokens) FILTER (WHERE is_beneath) = prompt_tokens
      AND SUM(inner_answered) FILTER (WHERE is_beneath) = answered
    OR COUNT(*) FILTER (WHERE is_same AND is_within) > 0
    OR COUNT(*) = 1 AND COUNT(*) FILTER (WHERE is_passed_on) = 1
    OR prompt_tokens IS NULL AND COUNT(*) = COUNT(*) FILTER (WHERE is_passed_on)
),
-- A client's span stands for the call when nothing else is around it or inside the gateway's.
finer AS (
  SELECT a.row_id, a.heir_row
  FROM around AS a
  LEFT JOIN (SELECT inner_row FROM step GROUP BY inner_row) AS o ON a.row_id = o.inner_row
  LEFT JOIN (SELECT row_id FROM step GROUP BY row_id) AS i ON a.heir_row = i.row_id
  WHERE a.is_finer AND o.inner_row IS NULL AND i.row_id IS NULL
),
agent AS (
  SELECT a.row_id
  FROM raw.span AS a
  INNER JOIN raw.span AS c ON a.trace_id = c.trace_id
  WHERE a.usage_quality = 'container_only' AND c.role IN ('llm_call', 'gateway')
    AND COALESCE(c.usage_quality, '') <> 'container_only' AND c.prompt_tokens IS NOT NULL
)
SELECT row_id, MIN(reason) AS reason, MIN(heir_row) AS heir_row
FROM (
  SELECT row_id, 'delivered twice' AS reason, CAST(NULL AS BIGINT) AS heir_row
  FROM book.delivered
  UNION ALL
  SELECT a.row_id, 'repeats the calls inside it', a.heir_row
  FROM around AS a LEFT JOIN finer AS f ON a.row_id = f.row_id
  WHERE f.row_id IS NULL
  UNION ALL
  SELECT heir_row, 'repeated in more detail around it', row_id FROM finer
  UNION ALL
  SELECT row_id, 'repeats the calls of another file', NULL FROM agent
) AS dropped
GROUP BY row_id
