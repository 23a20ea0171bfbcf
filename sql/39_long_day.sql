-- reads:  raw.usage, raw.bill, book.bill_view, book.model_key, book.day_sum, book.period
-- writes: book.long_day
-- grain:  one row a provider, model and UTC day of which a provider's row tells that is longer than
--         a day, a month mostly: the day under which all is compared that is of these days, their
--         first one, and their end. A row that names no model tells of those that no row bills. The
--         model * is all of a provider, on days of which bills by the month alone tell
WITH told AS (
  SELECT provider, model_raw, CASE WHEN book.unbilled_as(provider, service_tier) IS NULL
      THEN service_tier END AS service_tier, region, bucket_from_us, bucket_to_us,
    FALSE AS is_bill, FALSE AS is_of_long
  FROM raw.usage
  UNION
  SELECT b.provider, b.model_raw, b.service_tier, b.region, b.bucket_from_us, b.bucket_to_us, TRUE,
    v.is_long
  FROM raw.bill AS b INNER JOIN book.bill_view AS v ON b.file_id = v.file_id
  WHERE b.charge_category = 'usage'
),
named AS MATERIALIZED (
  SELECT DISTINCT k.provider, COALESCE(k.model, '') AS model, t.is_bill, t.is_of_long,
    book.is_long(t.bucket_from_us, t.bucket_to_us) AS is_long,
    book.nearest_day(t.bucket_from_us) AS from_day, book.nearest_day(t.bucket_to_us) AS to_day
  FROM told AS t
  CROSS JOIN book.period AS p
  INNER JOIN book.model_key AS k
    ON t.provider = k.provider_raw AND COALESCE(t.model_raw, '') = k.model_raw
    AND COALESCE(t.service_tier, '') = k.tier_raw AND COALESCE(t.region, '') = k.region_raw
    AND t.bucket_from_us >= k.from_us AND t.bucket_from_us < k.to_us
  WHERE book.is_within(t.bucket_from_us, t.bucket_to_us, p.period_from_us, p.period_to_us)
),
unbilled AS (
  SELECT provider, model FROM book.day_sum
  UNION
  SELECT provider, model FROM named
  EXCEPT
  SELECT provider, model FROM named WHERE is_bill
),
long AS (
  SELECT provider, model, from_day, to_day FROM named WHERE is_long
  UNION
  SELECT provider, '*', from_day, to_day FROM named WHERE is_of_long
  UNION
  SELECT n.provider, u.model, n.from_day, n.to_day
  FROM named AS n INNER JOIN unbilled AS u ON n.provider = u.provider
  WHERE n.is_long AND n.is_bill AND n.model = ''
),
-- Rows that overlap, as weeks and a month do, are compared as one.
parted AS (
  SELECT *, COALESCE(from_day >= MAX(to_day) OVER (
    PARTITION BY provider, model ORDER BY from_day, to_day
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), TRUE) AS begins
  FROM long
),
joined AS (
  SELECT *, SUM(CAST(begins AS BIGINT)) OVER (
    PARTITION BY provider, model ORDER BY from_day, to_day ROWS UNBOUNDED PRECEDING) AS nth
  FROM parted
),
whole AS (
  SELECT provider, model, MIN(from_day) AS from_day, MAX(to_day) AS to_day
  FROM joined GROUP BY provider, model, nth
),
listed AS (
  SELECT *, unnest(range(from_day, to_day)) AS nth_day FROM whole
)
SELECT provider, model, book.day_text(nth_day) AS started_day, book.day_text(from_day) AS day,
  to_day * 86400000000 AS to_us
FROM listed
