-- heavy
-- reads:  raw.span, book.delivered, book.span_around
-- writes: book.span_drop
-- drops: book.delivered, book.span_around
-- grain:  one row a span that tells of no call of its own: delivered twice, or one that repeats
--         the usage of the calls inside it, or of one of them, straight beneath it or beneath
--         agents, chains and tools, unless they saw the same response and are one call
--         (book.same_call); or a client's span of a call that a gateway's span inside counts
--         otherwise, or alone; or a gateway's span, of which the client's around it has the same
--         counts in more detail; or an agent that its file has no calls of, when another file has
--         them. Where it is one call that is repeated, that is heir to what the span knows
--         (book.again)
-- A span may leave out the cached tokens of the call that it repeats. Models are alike when only
-- the prefix of a router or a date sets them apart.
WITH inner_call AS (
  SELECT row_id, inner_row, is_beneath, prompt_tokens, answered, inner_prompt_tokens,
    inner_answered,
    CASE WHEN inner_prompt_tokens = prompt_tokens AND inner_answered = answered THEN TRUE
      WHEN inner_prompt_tokens = prompt_tokens + inner_cached AND cached = 0
        AND inner_cached > 0 AND answered > 0 AND inner_answered = answered THEN TRUE
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
        AND (model IS NULL OR model = inner_model) AND prompt_tokens = inner_prompt_tokens THEN TRUE
      ELSE FALSE END AS is_finer
  FROM book.span_around
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
  LEFT JOIN (SELECT inner_row FROM book.span_around GROUP BY inner_row) AS o
    ON a.row_id = o.inner_row
  LEFT JOIN (SELECT row_id FROM book.span_around GROUP BY row_id) AS i ON a.heir_row = i.row_id
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
