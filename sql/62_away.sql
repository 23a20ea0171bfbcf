-- reads:  book.volume_fit, book.turn_hour, book.dated, book.long_day, book.request_key, book.usage,
--         book.repeat, book.rated
-- writes: book.away
-- grain:  one row a day, model and token type of which calls of ours are counted on another day,
--         where a provider books by end, or by days of another hour: of_day, ours, and the other.
--         That of rows logged twice, where calls are missing beside them, is ''
WITH fit AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model,
    COALESCE(bool_or(cause = 'window_boundary' AND label IN ('', 'hour')), FALSE) AS is_by_call,
    COUNT(*) > 1 AND bool_or(cause = 'row_duplicated') AS is_twice
  FROM book.volume_fit GROUP BY provider, account_id, key_id, day, model
),
splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
hour AS (
  SELECT DISTINCT provider, account_id, key_id, halves FROM book.turn_hour
),
-- Calls that a provider which books by end, or by days of another hour, counts on another day.
call AS (
  SELECT r.provider, COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id,
    r.model, r.day AS of_day, CASE WHEN h.halves IS NULL THEN COALESCE(l.day, r.ended_day)
      ELSE strftime(make_timestamp(r.started_us - h.halves * 1800000000), '%Y-%m-%d') END AS day,
    r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output,
    r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in, r.image_cached_in,
    r.image_out, r.web_search
  FROM book.dated AS r
  LEFT JOIN book.long_day AS l
    ON r.provider = l.provider AND r.model = l.model AND r.ended_day = l.started_day
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind AND r.span_kind = k.span_kind
  LEFT JOIN hour AS h
    ON r.provider = h.provider AND COALESCE(k.account_id, '') = h.account_id
    AND COALESCE(k.key_id, '') = h.key_id
  WHERE r.charge_status = 'rated' AND (h.halves IS NOT NULL OR r.started_day <> r.ended_day)
    AND (r.provider, r.model) IN (SELECT (provider, model) FROM fit WHERE is_by_call)
  UNION ALL
  -- Rows that tell of no call are counted on no day.
  SELECT e.provider, e.account_id, e.key_id, e.model, e.day, '', r.input, r.cache_read,
    r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.audio_in,
    r.audio_cached_in, r.audio_out, r.image_in, r.image_cached_in, r.image_out, r.web_search
  FROM book.repeat AS e
  INNER JOIN fit AS f
    ON f.is_twice AND e.provider = f.provider AND e.account_id = f.account_id
    AND e.key_id = f.key_id AND e.day = f.day AND e.model = f.model
  INNER JOIN book.rated AS r ON e.request_row = r.request_row
),
token AS (
  UNPIVOT call ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output,
    reasoning, audio_in, audio_cached_in, audio_out, image_in, image_cached_in, image_out,
    web_search
  INTO NAME token_type VALUE quantity
)
SELECT t.provider, t.account_id, t.key_id, t.model, t.day, t.of_day,
  CASE WHEN t.token_type = 'reasoning' AND s.provider IS NULL THEN 'output'
    ELSE t.token_type END AS token_type, CAST(SUM(t.quantity) AS BIGINT) AS quantity
FROM token AS t
LEFT JOIN splits_reasoning AS s ON t.provider = s.provider
WHERE t.day <> t.of_day
GROUP BY ALL
