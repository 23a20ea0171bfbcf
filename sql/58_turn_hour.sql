-- reads:  book.turn, book.volume, book.cover
-- writes: book.turn_hour
-- grain:  one row a row of book.volume of a key whose days begin at another hour than midnight, by
--         the clock of gateway and traces: what the provider counts more there, or less, for that
--         (its days are cut in another zone, or the gateway's times are local ones). The hour is
--         known where calls change days with it on two neighbouring days and both differ by
--         exactly these, and where more than three of four days that it would change differ so
WITH suspect AS (
  SELECT DISTINCT provider, account_id, key_id, model FROM book.turn
),
differs AS (
  SELECT v.*, epoch_us(strptime(v.day, '%Y-%m-%d')) // 86400000000 AS nth_day
  FROM book.volume AS v
  SEMI JOIN suspect AS s
    ON v.provider = s.provider AND v.account_id = s.account_id AND v.key_id = s.key_id
    AND v.model = s.model
),
-- A day that begins before midnight gains at its begin and loses at its end.
moved AS (
  SELECT provider, account_id, key_id, model, nth_day, halves,
    calls + lead(calls) OVER days AS moving, lead(calls) OVER days AS calls_at_end,
    sign(halves) * (lead(calls) OVER days - calls) AS calls,
    sign(halves) * (lead(input) OVER days - input) AS input,
    sign(halves) * (lead(cache_read) OVER days - cache_read) AS cache_read,
    sign(halves) * (lead(write_5m) OVER days - write_5m) AS write_5m,
    sign(halves) * (lead(write_1h) OVER days - write_1h) AS write_1h,
    sign(halves) * (lead(write) OVER days - write) AS write,
    sign(halves) * (lead(output) OVER days - output) AS output,
    sign(halves) * (lead(web_search) OVER days - web_search) AS web_search,
    sign(halves) * (lead(other) OVER days - other) AS other
  FROM book.turn
  WINDOW days AS (PARTITION BY provider, account_id, key_id, model, halves ORDER BY nth_day)
),
counted AS (
  SELECT s.*, epoch_us(strptime(c.day, '%Y-%m-%d')) // 86400000000 AS nth_day
  FROM suspect AS s
  INNER JOIN book.cover AS c ON s.provider = c.provider AND c.leg = 'usage'
  UNION
  SELECT provider, account_id, key_id, model, nth_day FROM differs
),
tried AS (
  SELECT m.*, v.day, COALESCE(v.input, 0) = m.input AND COALESCE(v.cache_read, 0) = m.cache_read
      AND COALESCE(v.write_5m, 0) = m.write_5m AND COALESCE(v.write_1h, 0) = m.write_1h
      AND COALESCE(v.write, 0) = m.write AND COALESCE(v.output, 0) = m.output
      AND COALESCE(v.web_search, 0) = m.web_search AND COALESCE(v.other, 0) = m.other
      AND COALESCE(v.requests_provider - v.requests = m.calls, TRUE) AS fits
  FROM moved AS m
  SEMI JOIN counted AS c
    ON m.provider = c.provider AND m.account_id = c.account_id AND m.key_id = c.key_id
    AND m.model = c.model AND m.nth_day = c.nth_day
  LEFT JOIN differs AS v
    ON m.provider = v.provider AND m.account_id = v.account_id AND m.key_id = v.key_id
    AND m.model = v.model AND m.nth_day = v.nth_day
  WHERE m.moving > 0
),
-- What a day hands over another one must have: a proof where both differ by it, and none of it
-- where the other one does not differ at all.
placed AS (
  SELECT *,
    fits AND day IS NOT NULL AND COALESCE(calls_at_end > 0 AND lead(nth_day) OVER days = nth_day + 1
      AND lead(fits AND day IS NOT NULL) OVER days, FALSE) AS is_proof,
    COALESCE(calls_at_end > 0 AND lead(nth_day) OVER days = nth_day + 1
        AND lead(day IS NULL AND NOT fits) OVER days, FALSE)
      OR COALESCE(moving > calls_at_end AND lag(nth_day) OVER days = nth_day - 1
        AND lag(day IS NULL AND NOT fits) OVER days, FALSE) AS is_refuted
  FROM tried
  WINDOW days AS (PARTITION BY provider, account_id, key_id, model, halves ORDER BY nth_day)
),
begins AS (
  SELECT provider, account_id, key_id, halves
  FROM placed
  GROUP BY provider, account_id, key_id, halves
  HAVING bool_or(is_proof) AND COUNT(*) FILTER (fits) > 3 * COUNT(*) FILTER (NOT fits)
  QUALIFY row_number() OVER (
    PARTITION BY provider, account_id, key_id
    ORDER BY COUNT(*) FILTER (fits) - COUNT(*) FILTER (NOT fits) DESC, halves % 2 <> 0,
      abs(halves), halves) = 1
)
SELECT t.provider, t.account_id, t.key_id, t.day, t.model, CAST(t.input AS BIGINT) AS input,
  CAST(t.cache_read AS BIGINT) AS cache_read, CAST(t.write_5m AS BIGINT) AS write_5m,
  CAST(t.write_1h AS BIGINT) AS write_1h, CAST(t.write AS BIGINT) AS write,
  CAST(t.output AS BIGINT) AS output, CAST(t.web_search AS BIGINT) AS web_search,
  CAST(t.other AS BIGINT) AS other, CAST(t.calls AS BIGINT) AS calls,
  t.halves, 'counted as if days began at ' || strftime(make_timestamp(
    (t.halves + 48) % 48 * 1800000000), '%H:%M') || ' UTC by the times of gateway and traces: '
    || 'the provider''s time zone is another, or theirs' AS evidence
FROM placed AS t
INNER JOIN begins AS b
  ON t.provider = b.provider AND t.account_id = b.account_id AND t.key_id = b.key_id
  AND t.halves = b.halves
WHERE t.day IS NOT NULL AND NOT t.is_refuted
