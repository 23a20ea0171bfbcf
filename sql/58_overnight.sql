-- reads:  book.ended_later, book.request_key, raw.request, raw.span_row, book.same_call,
--         book.outside, book.long_day, book.period, book.volume
-- writes: book.overnight
-- grain:  one row a provider, account, key, UTC day and model: what a provider that books a call
--         when it ends counts more there (less, on the day it began) than one that books by start
WITH seen AS (
  SELECT s.row_id,
    COALESCE(s.call_id, c.call_id, s.response_id, c.told_id,
      s.trace_id || '/' || s.span_id) AS request_id
  FROM raw.span_row AS s
  INNER JOIN book.ended_later AS r ON r.request_row IS NULL AND s.row_id = r.span_row
  LEFT JOIN book.same_call AS c ON s.row_id = c.row_id
),
late AS MATERIALIZED (
  SELECT r.provider, COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id,
    r.model, r.day, r.late_day AS ended_day, COALESCE(g.request_id, s.request_id) AS request_id,
    r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output,
    r.reasoning, r.web_search,
    COALESCE(r.audio_in, 0) + COALESCE(r.audio_cached_in, 0) + COALESCE(r.audio_out, 0)
      + COALESCE(r.image_in, 0) + COALESCE(r.image_cached_in, 0) + COALESCE(r.image_out, 0)
      AS other
  FROM book.ended_later AS r
  LEFT JOIN raw.request AS g ON r.request_row = g.row_id
  LEFT JOIN seen AS s ON r.request_row IS NULL AND r.span_row = s.row_id
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind
    AND r.span_kind = k.span_kind
  UNION ALL
  -- Calls that began before the period and ended in it.
  SELECT o.provider, '', '', o.model, o.started_day, COALESCE(l.day, o.ended_day),
    o.request_id, o.input, o.cache_read, o.cache_write_5m, o.cache_write_1h, o.cache_write,
    o.output, o.reasoning, o.web_search, o.other
  FROM book.outside AS o
  CROSS JOIN book.period AS p
  LEFT JOIN book.long_day AS l
    ON o.provider = l.provider AND o.model = l.model AND o.ended_day = l.started_day
  WHERE o.started_us < p.period_from_us AND o.ended_us >= p.period_from_us
    AND o.started_day <> o.ended_day
),
one_write AS (
  SELECT DISTINCT provider, model FROM book.volume WHERE is_one_write
),
moved AS (
  SELECT b.provider, account_id, key_id, b.model, day, sign, request_id,
    sign * COALESCE(input, 0) AS input, sign * COALESCE(cache_read, 0) AS cache_read,
    CASE WHEN w.model IS NULL THEN sign * COALESCE(cache_write_5m, 0) ELSE 0 END AS write_5m,
    CASE WHEN w.model IS NULL THEN sign * COALESCE(cache_write_1h, 0) ELSE 0 END AS write_1h,
    sign * (COALESCE(cache_write, 0) + CASE WHEN w.model IS NULL THEN 0
      ELSE COALESCE(cache_write_5m, 0) + COALESCE(cache_write_1h, 0) END) AS write,
    sign * (COALESCE(output, 0) + COALESCE(reasoning, 0)) AS output,
    sign * COALESCE(web_search, 0) AS web_search, sign * other AS other
  FROM (
    SELECT *, -1 AS sign FROM late
    UNION ALL
    SELECT * REPLACE (ended_day AS day), 1 AS sign FROM late
  ) AS b
  CROSS JOIN book.period AS p
  LEFT JOIN one_write AS w ON b.provider = w.provider AND b.model = w.model
  WHERE day >= p.from_day AND day < p.to_day
)
SELECT provider, account_id, key_id, day, model, CAST(SUM(input) AS BIGINT) AS input,
  CAST(SUM(cache_read) AS BIGINT) AS cache_read, CAST(SUM(write_5m) AS BIGINT) AS write_5m,
  CAST(SUM(write_1h) AS BIGINT) AS write_1h, CAST(SUM(write) AS BIGINT) AS write,
  CAST(SUM(output) AS BIGINT) AS output, CAST(SUM(web_search) AS BIGINT) AS web_search,
  CAST(SUM(other) AS BIGINT) AS other, CAST(SUM(sign) AS BIGINT) AS calls, COUNT(*) AS rows,
  'booked on the other day of midnight UTC: ' || array_to_string(list_slice(
    list(DISTINCT request_id ORDER BY request_id), 1, 5), ', ')
    || CASE WHEN COUNT(DISTINCT request_id) > 5
      THEN ' and ' || COUNT(DISTINCT request_id) - 5 || ' more' ELSE '' END AS evidence
FROM moved
GROUP BY provider, account_id, key_id, day, model
