-- heavy
-- reads:  raw.request, raw.request_row
-- writes: book.duplicate
-- grain:  one row a gateway row that repeats another and is not counted, with the row kept
WITH repeated AS (
  SELECT request_id
  FROM raw.request_row
  GROUP BY request_id
  HAVING COUNT(*) > 1
),
ranked AS (
  SELECT r.row_id, r.file_id, r.line, r.gateway, r.request_id, r.started_us, r.spend_usd,
    r.prompt_tokens, r.output, r.reasoning,
    ROW_NUMBER() OVER (
      PARTITION BY r.gateway, r.request_id, r.started_us
      ORDER BY
        CASE WHEN r.status = 'success' THEN 0 ELSE 1 END,
        CASE WHEN r.response_model_evidence = 'reported' THEN 0 ELSE 1 END,
        CASE WHEN r.cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN r.reasoning IS NULL THEN 1 ELSE 0 END,
        COALESCE(r.ended_us, 0) DESC, COALESCE(r.prompt_tokens, 0) DESC,
        COALESCE(r.output, 0) DESC, COALESCE(r.spend_usd, CAST(0 AS DECIMAL(38,15))) DESC,
        r.file_id, r.line) AS place
  FROM raw.request AS r
  INNER JOIN repeated AS d ON r.request_id = d.request_id
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
  ON d.gateway = k.gateway AND d.request_id = k.request_id AND d.started_us = k.started_us
WHERE d.place > 1 AND k.place = 1
