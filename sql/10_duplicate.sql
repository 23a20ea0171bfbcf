-- heavy
-- reads:  raw.request_row, book.copied, book.crossed
-- writes: book.duplicate
-- drops: book.copied, book.crossed
-- grain:  one row a gateway row that repeats another and is not counted, with the row kept
WITH dropped AS (
  SELECT c.row_id, COALESCE(x.kept_row_id, c.kept_row_id) AS kept_row_id
  FROM book.copied AS c
  LEFT JOIN book.crossed AS x ON c.kept_row_id = x.row_id
  UNION ALL
  SELECT row_id, kept_row_id FROM book.crossed
)
SELECT d.row_id, r.file_id, r.line, d.kept_row_id, k.file_id AS kept_file_id,
  k.line AS kept_line, r.request_id, r.spend_usd,
  CASE WHEN COALESCE(r.spend_usd, CAST(-1 AS DECIMAL(38,15)))
        = COALESCE(k.spend_usd, CAST(-1 AS DECIMAL(38,15)))
      AND COALESCE(r.prompt_tokens, -1) = COALESCE(k.prompt_tokens, -1)
      AND COALESCE(r.output, 0) + COALESCE(r.reasoning, 0)
        = COALESCE(k.output, 0) + COALESCE(k.reasoning, 0)
    THEN TRUE ELSE FALSE END AS is_same
FROM dropped AS d
INNER JOIN raw.request_row AS r ON d.row_id = r.row_id
INNER JOIN raw.request_row AS k ON d.kept_row_id = k.row_id
