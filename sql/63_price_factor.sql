-- reads:  book.price_case
-- writes: book.price_factor
-- grain:  one row a constant factor by which a provider bills, in millionths, and what it holds
--         for: all days and things billed, where most lines are billed by it (1); or what is
--         billed from its first day to its last, where nine of ten lines are, of the provider (2)
--         or of one model (3), and these are too many to be chance. It is one of our price, or of
--         that of the tier that the usage tells, and of those that the rounding of its lines allows
--         the one of fewest digits, rather one that ends in 5. error_ppm is how inexact it is;
--         is_shared: nine of ten lines have it; is_tenth: it may be 1.1
WITH factored AS (
  SELECT provider, day, billed, is_of_list, of_usd, bill_usd, room_usd,
    CAST(book.units(bill_usd) * 1000000 // book.units(of_usd) AS BIGINT) AS ppm,
    CAST(book.units(room_usd) * 1000000 // book.units(of_usd) AS BIGINT) + 2 AS error_ppm,
    -- Those say something of which rounding is less than a hundredth, of any factor.
    room_usd * 100 <= of_usd AS is_said, is_settled
  FROM (
    SELECT *, FALSE AS is_of_list, base_usd AS of_usd FROM book.price_case
    UNION ALL
    SELECT *, TRUE, list_usd FROM book.price_case
    WHERE provider IN (SELECT provider FROM book.price_case WHERE has_count AND is_changed)
  )
  -- Nobody means a factor of a million.
  WHERE of_usd > 0.000001 AND CAST(bill_usd AS DECIMAL(38,6)) < of_usd * 1000000
    AND CAST(room_usd AS DECIMAL(38,6)) < of_usd * 1000000
),
-- Of lines that are as dear the factor is that of most lines, and then the nearest to the list's.
line AS MATERIALIZED (
  SELECT *, (of_usd, COUNT(*) OVER (PARTITION BY provider, is_of_list, ppm),
      -ABS(ppm - 1000000), ppm, -error_ppm) AS weight
  FROM factored
),
-- All lines of a provider (1); those of which the price is settled, without the fees of searches,
-- which have prices of their own (2); and of these the lines of each model (3).
member AS MATERIALIZED (
  SELECT l.*, s.scope, CASE s.scope WHEN 3 THEN l.billed ELSE '' END AS of
  FROM line AS l, (VALUES (1), (2), (3)) AS s(scope)
  WHERE s.scope = 1 OR l.is_settled AND l.billed <> '(web search)'
    AND (s.scope = 2 OR l.billed <> '*')
),
-- The factor tried is that of the dearest line, of days that of the dearest one that is not at the
-- list price. Rounding leaves no doubt where it is less than a fourth of what the factor changes.
judged AS (
  SELECT m.*, r.of_ppm, r.of_error, ABS(m.bill_usd - m.of_usd * r.of_ppm * 0.000001)
      <= m.room_usd + m.of_usd * r.of_error * 0.000001 AS is_met,
    m.is_said OR GREATEST(m.error_ppm, r.of_error) * 4 <= ABS(r.of_ppm - 1000000) AS is_asked
  FROM member AS m
  INNER JOIN (
    SELECT provider, is_of_list, scope, of, arg_max(ppm, (scope > 1 AND is_said, weight)) AS of_ppm,
      arg_max(error_ppm, (scope > 1 AND is_said, weight)) AS of_error
    FROM member WHERE bill_usd > 0 AND (scope = 1 OR ABS(ppm - 1000000) > error_ppm)
    GROUP BY provider, is_of_list, scope, of
  ) AS r USING (provider, is_of_list, scope, of)
),
span AS (
  SELECT provider, is_of_list, scope, of, MIN(day) FILTER (is_met) AS from_day,
    MAX(day) FILTER (is_met) AS to_day, MIN(day) AS first_day, MAX(day) AS last_day
  FROM judged WHERE is_asked GROUP BY provider, is_of_list, scope, of
),
met AS (
  SELECT s.*, j.of_ppm, j.of_error, COUNT(*) FILTER (j.is_asked) AS lines,
    COUNT(*) FILTER (j.is_asked AND j.is_met) AS lines_met,
    MAX(j.ppm - j.error_ppm) FILTER (j.is_met) AS low, MIN(j.ppm + j.error_ppm) FILTER (j.is_met)
      AS high
  FROM span AS s
  INNER JOIN judged AS j
    ON s.provider = j.provider AND s.is_of_list = j.is_of_list AND s.scope = j.scope
    AND s.of = j.of AND (s.scope = 1 OR j.day BETWEEN s.from_day AND s.to_day)
  GROUP BY ALL
  HAVING CASE s.scope WHEN 1 THEN ABS(j.of_ppm - 1000000) > j.of_error AND lines >= 3
      AND 2 * lines_met >= lines
    ELSE lines_met >= 6 AND COUNT(DISTINCT j.day) FILTER (j.is_asked AND j.is_met) >= 3
      AND lines_met * 10 >= lines * 9 END
),
-- Of two readings the one of more lines; then one below the list's price, and the usage's own tier.
chosen AS (
  SELECT *, CASE WHEN low <= high THEN LEAST(GREATEST(of_ppm, low), high) END AS between_ppm
  FROM met
  QUALIFY row_number() OVER (PARTITION BY provider, scope, of
    ORDER BY lines_met DESC, of_ppm < 1000000 DESC, is_of_list DESC) = 1
),
rounded AS (
  SELECT c.*, COALESCE(arg_max(t.ppm, (t.step, -ABS(t.ppm - c.between_ppm), t.ppm))
    FILTER (t.ppm BETWEEN GREATEST(c.low, 1) AND c.high), MAX(c.of_ppm)) AS ppm
  FROM chosen AS c
  CROSS JOIN LATERAL (
    SELECT step, (c.between_ppm // step + nth) * step AS ppm
    FROM (VALUES (1000000), (500000), (100000), (50000), (10000), (5000), (1000), (500), (100),
        (50), (10), (5), (1)) AS s(step),
      (VALUES (0), (1)) AS n(nth)
  ) AS t
  GROUP BY ALL
)
SELECT provider, scope, of, CASE scope WHEN 1 THEN '' ELSE from_day END AS from_day,
  CASE scope WHEN 1 THEN '9999' ELSE to_day END AS to_day, CAST(ppm AS BIGINT) AS ppm,
  of_error AS error_ppm, CASE scope WHEN 1 THEN 'as most lines of the provider'
    ELSE 'as the lines of ' || CASE scope WHEN 2 THEN 'the provider' ELSE of END
      || CASE WHEN from_day > first_day THEN ' from ' || from_day ELSE '' END
      || CASE WHEN to_day < last_day THEN ' to ' || to_day ELSE '' END END AS told,
  scope > 1 OR lines_met * 10 >= lines * 9 AS is_shared,
  CASE WHEN low <= high THEN 1100000 BETWEEN low AND high
    ELSE ABS(of_ppm - 1100000) <= of_error END AS is_tenth
FROM rounded
