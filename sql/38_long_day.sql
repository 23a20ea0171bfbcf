-- reads:  raw.usage, raw.bill, book.model_key, book.day_sum, book.period
-- writes: book.long_day
-- grain:  one row a provider, model and UTC day of which a provider's row tells that is longer than
--         a day, a month mostly: the day under which all is compared that is of these days, their
--         first one, and their end. A row that names no model tells of those that no row bills
WITH told AS (
  SELECT provider, model_raw, service_tier, region, bucket_from_us, bucket_to_us, bucket_day,
    FALSE AS is_bill
  FROM raw.usage
  UNION
  SELECT provider, model_raw, service_tier, region, bucket_from_us, bucket_to_us, bucket_day, TRUE
  FROM raw.bill WHERE charge_category = 'usage'
),
named AS MATERIALIZED (
  SELECT DISTINCT k.provider, COALESCE(k.model, '') AS model, t.bucket_from_us AS from_us,
    t.bucket_to_us AS to_us, t.bucket_day AS day, t.is_bill,
    t.bucket_to_us - t.bucket_from_us > 129600000000 AS is_long
  FROM told AS t
  CROSS JOIN book.period AS p
  INNER JOIN book.model_key AS k
    ON t.provider = k.provider_raw AND COALESCE(t.model_raw, '') = k.model_raw
    AND COALESCE(t.service_tier, '') = k.tier_raw AND COALESCE(t.region, '') = k.region_raw
    AND t.bucket_from_us >= k.from_us AND t.bucket_from_us < k.to_us
  WHERE t.bucket_from_us >= p.period_from_us AND t.bucket_from_us < p.period_to_us
),
unbilled AS (
  SELECT provider, model FROM book.day_sum
  UNION
  SELECT provider, model FROM named
  EXCEPT
  SELECT provider, model FROM named WHERE is_bill
),
long AS (
  SELECT provider, model, from_us, to_us, day FROM named WHERE is_long
  UNION
  SELECT n.provider, u.model, n.from_us, n.to_us, n.day
  FROM named AS n INNER JOIN unbilled AS u ON n.provider = u.provider
  WHERE n.is_long AND n.is_bill AND n.model = ''
),
-- Rows that overlap, as weeks and a month do, are compared as one.
parted AS (
  SELECT *, COALESCE(from_us >= MAX(to_us) OVER (
    PARTITION BY provider, model ORDER BY from_us, to_us
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), TRUE) AS begins
  FROM long
),
joined AS (
  SELECT *, SUM(CAST(begins AS BIGINT)) OVER (
    PARTITION BY provider, model ORDER BY from_us, to_us ROWS UNBOUNDED PRECEDING) AS nth
  FROM parted
),
whole AS (
  SELECT provider, model, MIN(day) AS day, MIN(from_us) AS from_us, MAX(to_us) AS to_us
  FROM joined GROUP BY provider, model, nth
),
listed AS (
  SELECT *, unnest(range(from_us // 86400000000, (to_us - 1) // 86400000000 + 1)) AS nth_day
  FROM whole
)
-- A bucket of another time zone ends within a day, on which the next one may begin.
SELECT provider, model, strftime(make_timestamp(nth_day * 86400000000), '%Y-%m-%d') AS started_day,
  MAX(day) AS day, MAX(to_us) AS to_us
FROM listed GROUP BY provider, model, nth_day
