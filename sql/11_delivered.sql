-- heavy
-- reads:  raw.span
-- writes: book.delivered
-- grain:  one row a delivery of a span beside the one that counts: of versions that a store keeps
--         the last, which may say that there is none any more, else what has counts and says
--         most; but of deliveries that count alike the one that splits the tokens furthest
WITH repeated AS (
  SELECT trace_id, span_id, MAX(version_us) AS version_us
  FROM raw.span
  GROUP BY trace_id, span_id
  HAVING COUNT(*) > 1
),
delivery AS (
  SELECT s.row_id, s.trace_id, s.span_id, s.prompt_tokens,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
      + COALESCE(s.image_out, 0) AS answered,
    CASE WHEN s.cache_write_5m IS NULL THEN 0 ELSE 8 END
      + CASE WHEN s.cache_read IS NULL THEN 0 ELSE 4 END
      + CASE WHEN s.cache_write IS NULL THEN 0 ELSE 2 END
      + CASE WHEN s.reasoning IS NULL THEN 0 ELSE 1 END AS detail,
    ROW_NUMBER() OVER (
      PARTITION BY s.trace_id, s.span_id
      ORDER BY CASE WHEN s.version_us < d.version_us THEN 1 ELSE 0 END,
        CASE WHEN s.prompt_tokens IS NULL THEN 1 ELSE 0 END,
        COALESCE(s.attributes, 0) DESC, COALESCE(s.ended_us, 0) DESC,
        COALESCE(s.prompt_tokens, 0) DESC, COALESCE(s.output, 0) DESC,
        s.file_id, s.line, s.item) AS place,
    s.version_us < d.version_us AS is_old
  FROM raw.span AS s
  INNER JOIN repeated AS d ON s.trace_id = d.trace_id AND s.span_id = d.span_id
),
-- Those of the one that says most.
compared AS (
  SELECT row_id, trace_id, span_id, detail, place,
    CASE WHEN place = 1 OR is_old IS NOT TRUE
        AND answered = MAX(CASE WHEN place = 1 THEN answered END) OVER deliveries
        AND prompt_tokens = MAX(CASE WHEN place = 1 THEN prompt_tokens END) OVER deliveries
      THEN 0 ELSE 1 END AS differs
  FROM delivery
  WINDOW deliveries AS (PARTITION BY trace_id, span_id)
),
ranked AS (
  SELECT row_id,
    ROW_NUMBER() OVER (
      PARTITION BY trace_id, span_id ORDER BY differs, detail DESC, place) AS nth
  FROM compared
)
SELECT row_id FROM ranked WHERE nth > 1
