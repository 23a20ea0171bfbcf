-- heavy
-- reads:  raw.request, raw.request_row, book.repeated
-- writes: book.copied
-- drops: book.repeated
-- grain:  one row a gateway row that repeats another of its gateway, with the row kept: the same id
--         at the same moment, or the same batch asked after again, of which the first row with the
--         most tokens counts, or of rows of other spend the one of the later day's file
WITH restated AS (
  SELECT a.gateway, a.same_id, a.same_us, a.counts, MAX(r.spend_usd) AS dearest_usd
  FROM book.repeated AS a
  INNER JOIN raw.request_row AS r ON a.row_id = r.row_id
  WHERE NOT a.is_poll AND r.spend_usd > 0
  GROUP BY a.gateway, a.same_id, a.same_us, a.counts
  HAVING MIN(r.spend_usd) < MAX(r.spend_usd)
),
ranked AS (
  SELECT r.row_id, a.gateway, a.same_id, a.same_us, a.counts, a.is_poll,
    ROW_NUMBER() OVER (
      PARTITION BY a.gateway, a.same_id, a.same_us, a.counts, a.is_poll
      ORDER BY
        CASE WHEN a.is_poll
          THEN -COALESCE(r.prompt_tokens, 0) - COALESCE(r.output, 0) - COALESCE(r.reasoning, 0) END,
        CASE WHEN a.is_poll THEN r.started_us END,
        CASE WHEN r.status = 'success' THEN 0 ELSE 1 END,
        CASE WHEN r.response_model_evidence = 'reported' THEN 0 ELSE 1 END,
        CASE WHEN r.cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN r.reasoning IS NULL THEN 1 ELSE 0 END,
        CASE WHEN r.started_us = a.same_us THEN 0 ELSE 1 END,
        COALESCE(r.ended_us, 0) DESC, COALESCE(r.prompt_tokens, 0) DESC,
        COALESCE(r.output, 0) DESC, CASE WHEN r.spend_usd > 0 THEN 0 ELSE 1 END,
        -- What a gateway worked out anew stands in the later export.
        CASE WHEN t.dearest_usd IS NOT NULL THEN a.file_day END DESC,
        COALESCE(r.spend_usd, CAST(0 AS DECIMAL(38,15))) DESC,
        -- Rows of an array may share one line; what they say of an owner and a model decides then.
        r.file_id, r.line, r.provider, r.response_model, r.requested_model, r.organization_id,
        r.team_id, r.team_name, r.project_id, r.customer_id, r.user_id, r.api_key_id,
        r.api_key_name, r.tenant_tag, r.tags, r.workflow_id, r.session_id, r.trace_id, r.call_id,
        r.response_id) AS place
  FROM raw.request AS r
  INNER JOIN book.repeated AS a ON r.row_id = a.row_id
  LEFT JOIN restated AS t
    ON NOT a.is_poll AND a.gateway = t.gateway AND a.same_id = t.same_id
    AND a.same_us = t.same_us AND a.counts = t.counts
)
SELECT d.row_id, k.row_id AS kept_row_id
FROM ranked AS d
INNER JOIN ranked AS k
  ON d.gateway = k.gateway AND d.same_id = k.same_id AND d.same_us = k.same_us
  AND d.counts = k.counts AND d.is_poll = k.is_poll
WHERE d.place > 1 AND k.place = 1
