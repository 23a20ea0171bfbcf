-- reads:  raw.page, raw.source_file, raw.delivery, raw.usage, raw.bill, book.period
-- writes: book.cut_off
-- grain:  one row a file of a provider's API that says that another page follows, which would
--         begin in the period, and no other file that tells of usage, or of a bill, reaches there,
--         nor is the next by its name's numbers an empty page
WITH told AS (
  SELECT DISTINCT file_id, provider, 'usage' AS leg FROM raw.usage
  UNION ALL
  SELECT DISTINCT file_id, provider, 'bill' FROM raw.bill
),
-- An empty page does not say of what. Its bytes are those of others, each under its own path. One
-- with another date in its name, or its folders', is of that day; a longer number is no date,
-- but for one with the time of day.
placed AS (
  SELECT f.file_id, f.format = 'empty' AND f.bytes > 0 AS is_empty, d.path,
    regexp_replace(d.path, '[0-9]+', '', 'g') AS form,
    list_transform(regexp_extract_all(
        regexp_replace(regexp_replace(regexp_replace(d.path,
          '(^|[^0-9])(20[0-9]{6})[0-9]{6}([^0-9]|$)', '\1\2\3', 'g'),
          '[0-9]{9,}', '', 'g'), '[A-Za-z_]+=', '', 'g'),
        '20[0-9]{2}[-_./]?(0[1-9]|1[0-2])[-_./]?(0[1-9]|[12][0-9]|3[01])'
        || '|([0-2][0-9]|3[01])[-_./]([0-2][0-9]|3[01])[-_./]20[0-9]{2}'),
      x -> regexp_replace(x, '[^0-9]', '', 'g')) AS dates,
    regexp_replace(regexp_replace(d.path, '[0-9]+', '00000000000000000000\0', 'g'),
      '[0-9]*([0-9]{20})', '\1', 'g') AS padded
  FROM raw.delivery AS d
  INNER JOIN raw.source_file AS f ON d.sha256 = f.sha256
  WHERE f.leg = 'provider' OR f.format = 'empty'
),
followed AS (
  SELECT file_id, dates, LEAD(is_empty) OVER named AS by_empty, LEAD(dates) OVER named AS of_dates
  FROM placed
  WINDOW named AS (PARTITION BY form ORDER BY padded, path)
)
SELECT g.file_id, MIN(t.provider) AS provider, MIN(t.leg) AS leg, MIN(g.next_to_us) AS next_us
FROM raw.page AS g
CROSS JOIN book.period AS p
INNER JOIN raw.source_file AS f ON g.file_id = f.file_id
LEFT JOIN told AS t ON g.file_id = t.file_id
WHERE g.next_to_us >= p.period_from_us AND g.next_to_us < p.period_to_us
  AND NOT EXISTS (
    SELECT 1 FROM raw.source_file AS o LEFT JOIN told AS w ON o.file_id = w.file_id
    WHERE o.file_id <> g.file_id
      AND o.first_us <= g.next_to_us
      AND (o.last_us >= g.next_to_us
        -- The page that follows may go on with the last bucket. The same page, fetched again, says
        -- itself that one follows.
        OR o.format = f.format AND o.last_us >= g.next_from_us AND NOT EXISTS (
          SELECT 1 FROM raw.page AS n
          WHERE n.file_id = o.file_id AND n.next_from_us >= g.next_from_us))
      AND (w.provider = t.provider AND w.leg = t.leg
        OR w.file_id IS NULL AND o.format = f.format))
  AND NOT EXISTS (
    SELECT 1 FROM followed AS n
    WHERE n.file_id = g.file_id AND n.by_empty AND (n.of_dates = n.dates
      OR list_has_any(n.of_dates, [strftime(make_timestamp(g.next_to_us), '%Y%m%d'),
        strftime(make_timestamp(g.next_to_us), '%d%m%Y'),
        strftime(make_timestamp(g.next_to_us), '%m%d%Y')])))
GROUP BY g.file_id
