-- reads:  book.volume, book.overnight, book.rated, book.request_key, book.outside, book.period
-- writes: book.turn
-- grain:  one row a provider, account, key and model whose days may begin at another hour than
--         midnight by the clock of gateway and traces, midnight UTC of the period, and half hours
--         after it (before it, where negative; up to 14 hours): the calls begun in between
WITH by_end AS (
  SELECT DISTINCT v.provider, v.account_id, v.key_id
  FROM book.volume AS v
  INNER JOIN book.overnight AS o
    ON v.provider = o.provider AND v.account_id = o.account_id AND v.key_id = o.key_id
    AND v.day = o.day AND v.model = o.model AND v.input = o.input
    AND v.cache_read = o.cache_read AND v.write_5m = o.write_5m AND v.write_1h = o.write_1h
    AND v.write = o.write AND v.output = o.output AND v.web_search = o.web_search
    AND v.other = o.other
),
differs AS (
  SELECT v.*, epoch_us(strptime(v.day, '%Y-%m-%d')) // 86400000000 AS nth_day
  FROM book.volume AS v
  ANTI JOIN by_end AS e
    ON v.provider = e.provider AND v.account_id = e.account_id AND v.key_id = e.key_id
),
-- What one day has too much of another one lacks: most keys are none of these.
suspect AS MATERIALIZED (
  SELECT DISTINCT d.provider, d.account_id, d.key_id, d.model, d.is_one_write
  FROM differs AS d
  SEMI JOIN (
    SELECT a.provider, a.account_id, a.key_id
    FROM differs AS a
    INNER JOIN differs AS b
      ON a.provider = b.provider AND a.account_id = b.account_id AND a.key_id = b.key_id
      AND a.model = b.model AND a.nth_day + 1 = b.nth_day AND sign(a.tokens) = -sign(b.tokens)
  ) AS p ON d.provider = p.provider AND d.account_id = p.account_id AND d.key_id = p.key_id
),
call AS (
  SELECT s.provider, s.account_id, s.key_id, s.model, s.is_one_write, r.started_us, r.input,
    r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning,
    r.web_search, COALESCE(r.audio_in, 0) + COALESCE(r.audio_cached_in, 0)
      + COALESCE(r.audio_out, 0) + COALESCE(r.image_in, 0) + COALESCE(r.image_cached_in, 0)
      + COALESCE(r.image_out, 0) AS other
  FROM book.rated AS r
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind
    AND r.span_kind = k.span_kind
  INNER JOIN suspect AS s
    ON r.provider = s.provider AND r.model = s.model
    AND COALESCE(k.account_id, '') = s.account_id AND COALESCE(k.key_id, '') = s.key_id
  WHERE r.charge_status = 'rated'
  UNION ALL
  SELECT s.*, o.started_us, o.input, o.cache_read, o.cache_write_5m, o.cache_write_1h,
    o.cache_write, o.output, o.reasoning, o.web_search, o.other
  FROM book.outside AS o
  INNER JOIN suspect AS s
    ON o.provider = s.provider AND o.model = s.model AND s.account_id = '' AND s.key_id = ''
),
half_hour AS (
  SELECT provider, account_id, key_id, model, started_us // 1800000000 AS nth_half,
    COUNT(*) AS calls, SUM(input) AS input, SUM(cache_read) AS cache_read,
    SUM(cache_write_5m) FILTER (NOT is_one_write) AS write_5m,
    SUM(cache_write_1h) FILTER (NOT is_one_write) AS write_1h,
    SUM(COALESCE(cache_write, 0) + CASE WHEN is_one_write THEN COALESCE(cache_write_5m, 0)
      + COALESCE(cache_write_1h, 0) ELSE 0 END) AS write,
    SUM(COALESCE(output, 0) + COALESCE(reasoning, 0)) AS output,
    SUM(web_search) AS web_search, SUM(other) AS other
  FROM call GROUP BY ALL
),
-- Around each midnight, what begins up to 14 hours before it, or after.
around AS (
  SELECT s.*, m.nth_day, b.beside,
    CASE WHEN b.beside < 0 THEN b.beside ELSE b.beside + 1 END AS halves
  FROM suspect AS s
  CROSS JOIN (
    SELECT unnest(range(period_from_us // 86400000000, period_to_us // 86400000000 + 1))
      AS nth_day
    FROM book.period
  ) AS m
  CROSS JOIN (SELECT unnest(range(-28, 28)) AS beside) AS b
)
SELECT a.provider, a.account_id, a.key_id, a.model, a.nth_day, a.halves,
  CAST(COALESCE(SUM(h.calls) OVER outward, 0) AS BIGINT) AS calls,
  CAST(COALESCE(SUM(h.input) OVER outward, 0) AS BIGINT) AS input,
  CAST(COALESCE(SUM(h.cache_read) OVER outward, 0) AS BIGINT) AS cache_read,
  CAST(COALESCE(SUM(h.write_5m) OVER outward, 0) AS BIGINT) AS write_5m,
  CAST(COALESCE(SUM(h.write_1h) OVER outward, 0) AS BIGINT) AS write_1h,
  CAST(COALESCE(SUM(h.write) OVER outward, 0) AS BIGINT) AS write,
  CAST(COALESCE(SUM(h.output) OVER outward, 0) AS BIGINT) AS output,
  CAST(COALESCE(SUM(h.web_search) OVER outward, 0) AS BIGINT) AS web_search,
  CAST(COALESCE(SUM(h.other) OVER outward, 0) AS BIGINT) AS other
FROM around AS a
LEFT JOIN half_hour AS h
  ON a.provider = h.provider AND a.account_id = h.account_id AND a.key_id = h.key_id
  AND a.model = h.model AND a.nth_day * 48 + a.beside = h.nth_half
WINDOW outward AS (
  PARTITION BY a.provider, a.account_id, a.key_id, a.model, a.nth_day, a.beside < 0
  ORDER BY abs(a.halves))
