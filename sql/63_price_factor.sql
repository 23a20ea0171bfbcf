-- reads:  book.price_case
-- writes: book.price_factor
-- grain:  one row a constant factor by which a provider bills, in millionths, and what it holds
--         for: all days and things billed, where most lines are billed by it (1); or what is
--         billed from its first day to its last, where nine of ten lines are, of the provider (2)
--         or of one model (3), and these are too many to be chance. error_ppm is how inexact it is;
--         is_shared: nine of ten lines have it
WITH factored AS (
  SELECT provider, day, billed, base_usd, bill_usd, room_usd,
    CAST(CAST(bill_usd * 1000000000000 AS HUGEINT) * 1000000
      // CAST(base_usd * 1000000000000 AS HUGEINT) AS BIGINT) AS ppm,
    CAST(CAST(room_usd * 1000000000000 AS HUGEINT) * 1000000
      // CAST(base_usd * 1000000000000 AS HUGEINT) AS BIGINT) + 2 AS error_ppm,
    -- Those say something of which rounding is less than a hundredth.
    room_usd * 100 <= base_usd AS is_said, is_settled
  FROM book.price_case WHERE base_usd > 0.000001
),
-- Of lines that are as dear the factor is that of most lines, and then the nearest to the list's.
line AS MATERIALIZED (
  SELECT *, (base_usd, COUNT(*) OVER (PARTITION BY provider, ppm), -ABS(ppm - 1000000), ppm)
      AS weight
  FROM factored
),
common AS (
  SELECT r.provider, r.ppm, r.error_ppm, COUNT(*) AS lines,
    COUNT(*) FILTER (ABS(l.bill_usd - l.base_usd * r.ppm * 0.000001)
      <= l.room_usd + l.base_usd * r.error_ppm * 0.000001) AS met
  FROM (
    SELECT provider, arg_max(ppm, weight) AS ppm, arg_max(error_ppm, weight) AS error_ppm
    FROM line WHERE bill_usd > 0 GROUP BY provider
  ) AS r
  INNER JOIN line AS l ON r.provider = l.provider
  WHERE l.is_said
  GROUP BY r.provider, r.ppm, r.error_ppm
  HAVING ABS(r.ppm - 1000000) > r.error_ppm AND lines >= 3 AND 2 * met >= lines
),
-- Lines of a provider, and of each of its models; fees of searches have prices of their own.
member AS MATERIALIZED (
  SELECT l.*, s.scope, CASE s.scope WHEN 3 THEN l.billed ELSE '' END AS of
  FROM line AS l, (VALUES (2), (3)) AS s(scope)
  WHERE l.is_said AND l.is_settled AND l.billed <> '(web search)'
    AND (s.scope = 2 OR l.billed <> '*')
),
-- The factor of the dearest line that is not at the list price, and the days that have it.
judged AS (
  SELECT m.*, r.of_ppm, r.of_error, ABS(m.bill_usd - m.base_usd * r.of_ppm * 0.000001)
      <= m.room_usd + m.base_usd * r.of_error * 0.000001 AS is_met
  FROM member AS m
  INNER JOIN (
    SELECT provider, scope, of, arg_max(ppm, weight) AS of_ppm,
      arg_max(error_ppm, weight) AS of_error
    FROM member WHERE bill_usd > 0 AND ABS(ppm - 1000000) > error_ppm
    GROUP BY provider, scope, of
  ) AS r USING (provider, scope, of)
),
span AS (
  SELECT provider, scope, of, MIN(day) FILTER (is_met) AS from_day,
    MAX(day) FILTER (is_met) AS to_day, MIN(day) AS first_day, MAX(day) AS last_day
  FROM judged GROUP BY provider, scope, of
)
SELECT provider, 1 AS scope, '' AS of, '' AS from_day, '9999' AS to_day, ppm, error_ppm,
  'as most lines of the provider' AS told, met * 10 >= lines * 9 AS is_shared
FROM common
UNION ALL
SELECT s.provider, s.scope, s.of, s.from_day, s.to_day, j.of_ppm, j.of_error,
  'as the lines of ' || CASE s.scope WHEN 2 THEN 'the provider' ELSE s.of END
    || CASE WHEN s.from_day > s.first_day THEN ' from ' || s.from_day ELSE '' END
    || CASE WHEN s.to_day < s.last_day THEN ' to ' || s.to_day ELSE '' END, TRUE
FROM span AS s
INNER JOIN judged AS j
  ON s.provider = j.provider AND s.scope = j.scope AND s.of = j.of
  AND j.day BETWEEN s.from_day AND s.to_day
GROUP BY s.provider, s.scope, s.of, s.from_day, s.to_day, s.first_day, s.last_day, j.of_ppm,
  j.of_error
HAVING COUNT(*) FILTER (j.is_met) >= 6 AND COUNT(DISTINCT j.day) FILTER (j.is_met) >= 3
  AND COUNT(*) FILTER (j.is_met) * 10 >= COUNT(*) * 9
