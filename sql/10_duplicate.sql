-- heavy
-- reads:  raw.request, raw.request_row
-- writes: book.duplicate
-- grain:  one row a gateway row that repeats another and is not counted, with the row kept: the
--         same id at the same moment, or the same batch asked after again, of which the first row
--         with the most tokens counts
WITH repeated AS (
  SELECT request_id
  FROM raw.request_row
  GROUP BY request_id
  HAVING COUNT(*) > 1
),
poll AS (
  SELECT row_id, gateway, COALESCE(response_id, request_id) AS same_id,
    CASE WHEN response_id IS NULL THEN started_us ELSE -1 END AS same_us
  FROM raw.request WHERE operation IN ('aretrieve_batch', 'retrieve_batch')
),
asked AS (
  SELECT row_id, same_id, same_us, TRUE AS is_poll
  FROM poll
  WHERE same_id IN (SELECT same_id FROM poll GROUP BY same_id HAVING COUNT(*) > 1)
  UNION ALL
  SELECT r.row_id, r.request_id, r.started_us, FALSE
  FROM raw.request_row AS r INNER JOIN repeated AS d ON r.request_id = d.request_id
  WHERE r.row_id NOT IN (SELECT row_id FROM poll)
),
ranked AS (
  SELECT r.row_id, r.file_id, r.line, r.gateway, r.request_id, r.spend_usd,
    r.prompt_tokens, r.output, r.reasoning, a.same_id, a.same_us, a.is_poll,
    ROW_NUMBER() OVER (
      PARTITION BY r.gateway, a.same_id, a.same_us, a.is_poll
      ORDER BY
        CASE WHEN a.is_poll
          THEN -COALESCE(r.prompt_tokens, 0) - COALESCE(r.output, 0) - COALESCE(r.reasoning, 0) END,
        CASE WHEN a.is_poll THEN r.started_us END,
        CASE WHEN r.status = 'success' THEN 0 ELSE 1 END,
        CASE WHEN r.response_model_evidence = 'reported' THEN 0 ELSE 1 END,
        CASE WHEN r.cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN r.reasoning IS NULL THEN 1 ELSE 0 END,
        COALESCE(r.ended_us, 0) DESC, COALESCE(r.prompt_tokens, 0) DESC,
        COALESCE(r.output, 0) DESC, COALESCE(r.spend_usd, CAST(0 AS DECIMAL(38,15))) DESC,
        -- Rows of an array may share one line; what they say of an owner and a model decides then.
        r.file_id, r.line, r.provider, r.response_model, r.requested_model, r.organization_id,
        r.team_id, r.team_name, r.project_id, r.customer_id, r.user_id, r.api_key_id,
        r.api_key_name, r.tenant_tag, r.tags, r.workflow_id, r.session_id, r.trace_id, r.call_id,
        r.response_id) AS place
  FROM raw.request AS r
  INNER JOIN asked AS a ON r.row_id = a.row_id
)
SELECT d.row_id, d.file_id, d.line, k.row_id AS kept_row_id, k.file_id AS kept_file_id,
  k.line AS kept_line, d.request_id, d.spend_usd,
  CASE WHEN COALESCE(d.spend_usd, CAST(-1 AS DECIMAL(38,15)))
        = COALESCE(k.spend_usd, CAST(-1 AS DECIMAL(38,15)))
      AND COALESCE(d.prompt_tokens, -1) = COALESCE(k.prompt_tokens, -1)
      AND COALESCE(d.output, 0) + COALESCE(d.reasoning, 0)
        = COALESCE(k.output, 0) + COALESCE(k.reasoning, 0)
    THEN TRUE ELSE FALSE END AS is_same
FROM ranked AS d
INNER JOIN ranked AS k
  ON d.gateway = k.gateway AND d.same_id = k.same_id AND d.same_us = k.same_us
  AND d.is_poll = k.is_poll
WHERE d.place > 1 AND k.place = 1
