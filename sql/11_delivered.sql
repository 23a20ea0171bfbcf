-- heavy
-- reads:  raw.span
-- writes: book.delivered
-- grain:  one row a delivery of a span beside the one that counts: of versions that a store keeps
--         the last, which may say that there is none any more, else what says most
WITH repeated AS (
  SELECT trace_id, span_id, MAX(version_us) AS version_us
  FROM raw.span
  GROUP BY trace_id, span_id
  HAVING COUNT(*) > 1
),
ranked AS (
  SELECT s.row_id,
    ROW_NUMBER() OVER (
      PARTITION BY s.trace_id, s.span_id
      ORDER BY CASE WHEN s.version_us < d.version_us THEN 1 ELSE 0 END,
        COALESCE(s.attributes, 0) DESC, COALESCE(s.ended_us, 0) DESC,
        COALESCE(s.prompt_tokens, 0) DESC, COALESCE(s.output, 0) DESC,
        s.file_id, s.line, s.item) AS place
  FROM raw.span AS s
  INNER JOIN repeated AS d ON s.trace_id = d.trace_id AND s.span_id = d.span_id
)
SELECT row_id FROM ranked WHERE place > 1
