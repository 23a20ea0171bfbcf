-- heavy
-- reads:  book.span_around
-- writes: book.span_copy
-- grain:  one row a span that repeats the usage of the calls inside it, or of one of them
--         (book.span_drop): with that one, if it is one, and whether the span tells more of it
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
    -- A framework's span of a call that its client inside counted alone.
    CASE WHEN prompt_tokens IS NULL AND inner_role = 'llm_call' AND is_beneath
        AND inner_answered > 0 AND (model IS NULL OR inner_model IS NULL OR model = inner_model)
        AND (requested_model IN (inner_requested, inner_model)
          OR inner_model LIKE requested_model || '-20%' OR model = inner_model) THEN TRUE
      ELSE FALSE END AS is_framed,
    CASE WHEN (detail & inner_detail) = inner_detail AND detail > inner_detail
        AND (model IS NULL OR model = inner_model
          OR inner_role = 'llm_call' AND inner_model IS NULL)
        AND prompt_tokens = inner_prompt_tokens THEN TRUE
      ELSE FALSE END AS is_finer
  FROM book.span_around
)
SELECT row_id,
  CASE WHEN COUNT(*) FILTER (WHERE is_same) = 1 THEN MIN(inner_row) FILTER (WHERE is_same)
    WHEN COUNT(*) FILTER (WHERE is_same) = 0 AND COUNT(*) = 1 THEN MIN(inner_row)
  END AS heir_row,
  COUNT(*) = 1 AND COUNT(*) FILTER (WHERE is_same AND is_finer) = 1 AS is_finer
FROM inner_call
GROUP BY row_id, prompt_tokens, answered
HAVING SUM(inner_prompt_tokens) = prompt_tokens AND SUM(inner_answered) = answered
  OR SUM(inner_prompt_tokens) FILTER (WHERE is_beneath) = prompt_tokens
    AND SUM(inner_answered) FILTER (WHERE is_beneath) = answered
  OR COUNT(*) FILTER (WHERE is_same AND is_within) > 0
  OR COUNT(*) = 1 AND COUNT(*) FILTER (WHERE is_passed_on OR is_framed) = 1
  OR prompt_tokens IS NULL AND COUNT(*) = COUNT(*) FILTER (WHERE is_passed_on)
