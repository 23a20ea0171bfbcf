-- reads:  raw.source_file, raw.delivery, raw.span, book.duplicate, book.span_drop, book.usage,
--         book.bill
-- writes: report.sources
-- grain:  one row a delivered file with its control totals
CREATE VIEW report.sources AS
-- A line that tells of usage and of a bill is one row, and is loaded where either counts.
WITH told AS (
  SELECT file_id, line, bool_or(is_counted) AS is_counted
  FROM (
    SELECT file_id, line, is_counted FROM book.usage
    UNION ALL
    SELECT file_id, line, is_counted FROM book.bill
  )
  GROUP BY file_id, line
),
doubled AS (
  SELECT file_id, COUNT(*) AS rows FROM book.duplicate GROUP BY file_id
  UNION ALL
  SELECT s.file_id, COUNT(*)
  FROM book.span_drop AS d INNER JOIN raw.span AS s ON d.row_id = s.row_id
  WHERE d.reason = 'delivered twice' GROUP BY s.file_id
  UNION ALL
  SELECT file_id, COUNT(*) FROM told WHERE NOT is_counted GROUP BY file_id
  UNION ALL
  SELECT file_id, rows_replaced FROM raw.source_file
)
SELECT f.path, f.sha256, f.bytes, f.format, f.leg, f.recognised_by, f.rows_read,
  f.rows_delivered - COALESCE(d.rows, 0) AS rows_loaded, f.rows_rejected,
  COALESCE(d.rows, 0) AS rows_duplicate, f.rows_ignored, f.rounded_amounts,
  make_timestamp(f.first_us) AS first_at, make_timestamp(f.last_us) AS last_at
FROM raw.source_file AS f
LEFT JOIN (SELECT file_id, CAST(SUM(rows) AS BIGINT) AS rows FROM doubled GROUP BY file_id) AS d
  ON f.file_id = d.file_id
UNION ALL
SELECT d.path, d.sha256, f.bytes, f.format, f.leg, 'the same bytes as ' || f.path, f.rows_read,
  0, 0, f.rows_read, f.rows_ignored, 0, make_timestamp(f.first_us), make_timestamp(f.last_us)
FROM raw.delivery AS d INNER JOIN raw.source_file AS f
  ON d.sha256 = f.sha256 AND d.path <> f.path;
