-- reads:  raw.request_row, raw.request_kind
-- writes: book.denied
-- grain:  one row a file and what its rows were stripped of, where that withholds a signal:
--         bodies or metadata that no row of the file has, or a body that was redacted
-- In most months nothing is withheld, and then no row is read.
WITH held AS (
  SELECT file_id, kind_id FROM raw.request_row
  WHERE file_id IN (
    SELECT file_id FROM raw.request_row
    WHERE kind_id IN (SELECT kind_id FROM raw.request_kind WHERE withheld IS NOT NULL))
  GROUP BY file_id, kind_id
),
file AS (
  SELECT h.file_id,
    bool_and(COALESCE(k.withheld LIKE '%metadata_left_out%', FALSE)) AS no_metadata,
    bool_and(COALESCE(k.withheld LIKE '%body_left_out%', FALSE)) AS no_body
  FROM held AS h INNER JOIN raw.request_kind AS k ON h.kind_id = k.kind_id
  GROUP BY h.file_id
)
SELECT DISTINCT h.file_id, k.withheld, f.no_metadata AS is_metadata_denied,
  f.no_body AS is_body_denied, k.withheld LIKE '%body_redacted%' AS is_body_redacted
FROM held AS h
INNER JOIN raw.request_kind AS k ON h.kind_id = k.kind_id
INNER JOIN file AS f ON h.file_id = f.file_id
WHERE k.withheld IS NOT NULL
  AND (f.no_metadata OR f.no_body OR k.withheld LIKE '%body_redacted%')
