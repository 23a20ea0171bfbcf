-- heavy
-- reads:  raw.request, book.duplicate, raw.span, book.span_drop, book.same_call, book.other_id,
--         book.answered_as, book.alike_counts, book.copy_call
-- writes: book.candidate
-- drops: book.other_id, book.answered_as, book.alike_counts, book.copy_call
-- grain:  one row a gateway row, a traced call and a rule by which they may be the same; and
--         whose token counts would be charged: where the totals agree, the side that splits them
--         further; where they differ, the trace, which reads the provider's response, unless its
--         counts leave the cached tokens out, or are partial and the row counted anything. What
--         both count stands beside it
WITH request AS (
  SELECT r.row_id, r.kind_id, r.call_id, r.response_id, r.provider_request_id,
    r.trace_id, r.span_id, r.started_us, r.prompt_tokens, r.cache_read,
    -- Attempts at other models stand in the row alone, whose counts leave them out.
    CASE WHEN r.gateway_cache <> 'hit' AND COALESCE(r.other_charges, '') NOT LIKE '%@%'
      THEN FALSE ELSE TRUE END AS keeps_own,
    CASE WHEN r.status = 'error' THEN 1 ELSE 0 END AS failed,
    COALESCE(r.output, 0) + COALESCE(r.reasoning, 0) + COALESCE(r.audio_out, 0)
      + COALESCE(r.image_out, 0) AS answered,
    CASE WHEN r.cache_write_5m IS NULL THEN 0 ELSE 8 END
      + CASE WHEN r.cache_read IS NULL THEN 0 ELSE 4 END
      + CASE WHEN r.cache_write IS NULL THEN 0 ELSE 2 END
      + CASE WHEN r.reasoning IS NULL THEN 0 ELSE 1 END AS detail,
    -- To say that there is none of a type splits nothing.
    CASE WHEN r.cache_write_5m > 0 OR r.cache_write_1h > 0 THEN 8 ELSE 0 END
      + CASE WHEN r.cache_read > 0 THEN 4 ELSE 0 END
      + CASE WHEN r.cache_write > 0 THEN 2 ELSE 0 END
      + CASE WHEN r.reasoning > 0 THEN 1 ELSE 0 END AS shown
  FROM raw.request AS r
  LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
  WHERE d.row_id IS NULL
),
counted AS (
  SELECT s.row_id, s.kind_id, s.response_id, COALESCE(s.call_id, m.call_id) AS call_id,
    COALESCE(s.provider_request_id, m.provider_request_id) AS provider_request_id, s.trace_id,
    s.span_id, s.started_us, s.prompt_tokens, s.usage_quality, s.cache_read,
    CASE WHEN s.status = 'error' OR s.prompt_tokens IS NULL THEN 1 ELSE 0 END AS failed,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
      + COALESCE(s.image_out, 0) AS answered,
    COALESCE(s.cache_read, 0) + COALESCE(s.cache_write, 0) + COALESCE(s.cache_write_5m, 0)
      + COALESCE(s.cache_write_1h, 0) AS cached,
    CASE WHEN s.cache_write_5m IS NULL THEN 0 ELSE 8 END
      + CASE WHEN s.cache_read IS NULL THEN 0 ELSE 4 END
      + CASE WHEN s.cache_write IS NULL THEN 0 ELSE 2 END
      + CASE WHEN s.reasoning IS NULL THEN 0 ELSE 1 END AS detail
  FROM raw.span AS s
  LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id
  LEFT JOIN book.same_call AS m ON s.row_id = m.row_id
  WHERE s.role IN ('llm_call', 'gateway') AND d.row_id IS NULL
    AND COALESCE(m.is_kept, TRUE)
),
call AS (
  SELECT * FROM counted
  UNION ALL
  SELECT c.row_id, c.kind_id, CASE WHEN o.rule = 2 THEN o.id END,
    CASE WHEN o.rule = 1 THEN o.id END, CASE WHEN o.rule = 3 THEN o.id END,
    CASE WHEN o.rule = 4 THEN o.id END, o.span_id, c.started_us, c.prompt_tokens,
    c.usage_quality, c.cache_read, c.failed, c.answered, c.cached, c.detail
  FROM book.other_id AS o INNER JOIN counted AS c ON o.row_id = c.row_id
),
met AS (
  SELECT 1 AS rule, r.row_id AS request_row, c.row_id AS span_row,
    r.kind_id AS request_kind, c.kind_id AS span_kind,
    ABS(c.failed - r.failed) AS outcomes_apart, ABS(c.started_us - r.started_us) AS apart_us,
    r.keeps_own, c.usage_quality,
    r.prompt_tokens, c.prompt_tokens AS call_prompt_tokens, r.answered,
    c.answered AS call_answered, r.detail, r.shown, c.detail AS call_detail,
    c.cached AS call_cached, r.cache_read, c.cache_read AS call_cache_read
  FROM request AS r INNER JOIN call AS c ON r.call_id = c.call_id
  UNION ALL
  SELECT 2, r.row_id, c.row_id, r.kind_id, c.kind_id, ABS(c.failed - r.failed),
    ABS(c.started_us - r.started_us),
    r.keeps_own, c.usage_quality, r.prompt_tokens, c.prompt_tokens, r.answered,
    c.answered, r.detail, r.shown, c.detail, c.cached, r.cache_read, c.cache_read
  FROM request AS r INNER JOIN call AS c ON r.response_id = c.response_id
  WHERE COALESCE(r.call_id, '') <> COALESCE(c.call_id, '-')
  UNION ALL
  SELECT 2, r.row_id, c.row_id, r.kind_id, c.kind_id, ABS(c.failed - r.failed),
    ABS(c.started_us - r.started_us),
    r.keeps_own, c.usage_quality, r.prompt_tokens, c.prompt_tokens, r.answered,
    c.answered, r.detail, r.shown, c.detail, c.cached, r.cache_read, c.cache_read
  FROM book.answered_as AS a
  INNER JOIN call AS c ON a.told_id = c.response_id
  INNER JOIN request AS r ON a.row_id = r.row_id
  WHERE COALESCE(r.call_id, '') <> COALESCE(c.call_id, '-')
  UNION ALL
  SELECT 3, r.row_id, c.row_id, r.kind_id, c.kind_id, ABS(c.failed - r.failed),
    ABS(c.started_us - r.started_us),
    r.keeps_own, c.usage_quality, r.prompt_tokens, c.prompt_tokens, r.answered,
    c.answered, r.detail, r.shown, c.detail, c.cached, r.cache_read, c.cache_read
  FROM request AS r INNER JOIN call AS c ON r.provider_request_id = c.provider_request_id
  UNION ALL
  SELECT 4, r.row_id, c.row_id, r.kind_id, c.kind_id, ABS(c.failed - r.failed),
    ABS(c.started_us - r.started_us),
    r.keeps_own, c.usage_quality, r.prompt_tokens, c.prompt_tokens, r.answered,
    c.answered, r.detail, r.shown, c.detail, c.cached, r.cache_read, c.cache_read
  FROM request AS r INNER JOIN call AS c ON r.trace_id = c.trace_id AND r.span_id = c.span_id
  UNION ALL
  SELECT a.rule, r.row_id, c.row_id, r.kind_id, c.kind_id, ABS(c.failed - r.failed),
    ABS(c.started_us - r.started_us),
    r.keeps_own, c.usage_quality, r.prompt_tokens, c.prompt_tokens, r.answered,
    c.answered, r.detail, r.shown, c.detail, c.cached, r.cache_read, c.cache_read
  FROM (
    SELECT request_row, span_row, 5 AS rule FROM book.alike_counts
    UNION ALL
    SELECT request_row, span_row, rule FROM book.copy_call
  ) AS a
  INNER JOIN request AS r ON a.request_row = r.row_id
  INNER JOIN counted AS c ON a.span_row = c.row_id
)
SELECT rule, request_row, span_row, request_kind, span_kind, outcomes_apart, apart_us,
  prompt_tokens, call_prompt_tokens, answered, call_answered, cache_read, call_cache_read,
  CASE
    WHEN call_prompt_tokens IS NULL THEN FALSE
    WHEN prompt_tokens IS NULL THEN TRUE
    WHEN answered = call_answered AND prompt_tokens = call_prompt_tokens
      THEN CASE WHEN call_detail > detail THEN TRUE
        WHEN call_detail = detail AND call_cache_read <> cache_read AND usage_quality = 'ok'
          AND NOT keeps_own THEN TRUE
        WHEN (shown < 2 AND call_cached > 0
            OR call_detail >= shown AND call_cache_read > cache_read)
          AND usage_quality = 'ok' AND NOT keeps_own THEN TRUE
        ELSE FALSE END
    WHEN answered = call_answered AND prompt_tokens = call_prompt_tokens + call_cached THEN FALSE
    WHEN usage_quality = 'ok' AND NOT keeps_own THEN TRUE
    WHEN usage_quality = 'partial' AND NOT keeps_own AND prompt_tokens = 0 AND answered = 0
      THEN TRUE
    ELSE FALSE
  END AS is_trace_usage
FROM met
