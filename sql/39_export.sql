-- reads:  raw.source_file
-- writes: book.export
-- grain:  one row a file: its path without the digits, and the last date that its name says, then
--         that of its path. Of two exports whose paths differ in digits alone, the one with the
--         later date is the newer
WITH dated AS (
  SELECT file_id, regexp_replace(path, '[0-9]+', '', 'g') AS form,
    list_transform([parse_filename(path), path], named -> list_max(list_transform(
      regexp_extract_all(named,
        '20[0-9]{2}[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12][0-9]|3[01])'),
      said -> regexp_replace(said, '[^0-9]', '', 'g')))) AS dates
  FROM raw.source_file
)
SELECT file_id, form, COALESCE(dates[1], '') || dates[2] AS named_on FROM dated
