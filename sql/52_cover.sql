-- reads:  book.usage, book.bill, raw.source_file, book.period
-- writes: book.cover
-- grain:  one row a provider, leg (usage or bill) and UTC day of the period that an export covers,
--         its empty days included
WITH export AS (
  SELECT provider, 'usage' AS leg, file_id, MIN(bucket_from_us) AS from_us,
    MAX(bucket_to_us) AS to_us
  FROM book.usage WHERE NOT has_no_model AND correction IS NULL GROUP BY provider, file_id
  UNION ALL
  SELECT provider, 'bill', file_id, MIN(bucket_from_us), MAX(bucket_to_us)
  FROM book.bill WHERE correction IS NULL GROUP BY provider, file_id
),
whole AS (
  SELECT e.provider, e.leg,
    GREATEST(LEAST(e.from_us, COALESCE(f.first_us, e.from_us)), p.period_from_us) AS from_us,
    LEAST(GREATEST(e.to_us, COALESCE(f.last_us + 1, e.to_us)), p.period_to_us) AS to_us
  FROM export AS e
  CROSS JOIN book.period AS p
  LEFT JOIN raw.source_file AS f ON e.file_id = f.file_id
),
covered AS (
  SELECT provider, leg,
    unnest(range(from_us // 86400000000, (to_us - 1) // 86400000000 + 1)) AS nth_day
  FROM whole WHERE to_us > from_us
)
SELECT DISTINCT provider, leg,
  strftime(make_timestamp(nth_day * 86400000000), '%Y-%m-%d') AS day
FROM covered
