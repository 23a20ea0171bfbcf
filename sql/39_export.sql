-- reads:  raw.source_file, raw.usage, raw.bill
-- writes: book.export
-- grain:  one row a file: its path without the digits, and of a file with dates in its path three
--         of them, without the hyphens: the last one that its name says, that of its path, and the
--         last day that it tells of. book.is_older tells by them which of two is the older
WITH dated AS (
  SELECT file_id, regexp_replace(path, '[0-9]+', '', 'g') AS form,
    list_transform([parse_filename(path), path], named -> list_max(list_transform(
      regexp_extract_all(named,
        '20[0-9]{2}[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12][0-9]|3[01])'),
      said -> regexp_replace(said, '[^0-9]', '', 'g')))) AS dates
  FROM raw.source_file
),
reach AS (
  SELECT file_id, MAX(bucket_day) AS last_day
  FROM (
    SELECT file_id, bucket_day FROM raw.usage
    UNION ALL
    SELECT file_id, bucket_day FROM raw.bill
  )
  GROUP BY file_id
)
SELECT d.file_id, d.form, COALESCE(d.dates[1], '00000000') || d.dates[2]
  || replace(r.last_day, '-', '') AS dates
FROM dated AS d LEFT JOIN reach AS r ON d.file_id = r.file_id
