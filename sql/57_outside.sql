-- reads:  raw.request_row, raw.request, raw.span_row, raw.span, book.duplicate, book.lone_call,
--         book.same_call, book.model_key, book.period
-- writes: book.outside
-- grain:  one row a gateway row, or a call that only traces saw, that began outside the period and
--         is in no charge of ours, though a provider may have booked it on a day of the period: one
--         whose days begin up to 14 hours off UTC's, or which books by end
WITH reach AS (
  SELECT period_from_us, period_to_us, period_from_us - 50400000000 AS reach_from_us,
    period_to_us + 50400000000 AS reach_to_us
  FROM book.period
),
-- Few of all rows, told by few columns.
request_row AS MATERIALIZED (
  SELECT r.row_id
  FROM raw.request_row AS r CROSS JOIN reach AS p
  WHERE r.started_us < p.reach_to_us
    AND (r.started_us < p.period_from_us OR r.started_us >= p.period_to_us)
    AND (r.started_us >= p.reach_from_us OR r.ended_us >= p.period_from_us)
),
span_row AS MATERIALIZED (
  SELECT s.row_id
  FROM book.lone_call AS l
  INNER JOIN raw.span_row AS s ON l.row_id = s.row_id
  LEFT JOIN book.same_call AS m ON s.row_id = m.row_id
  CROSS JOIN reach AS p
  WHERE COALESCE(m.started_us, s.started_us) < p.reach_to_us
    AND (COALESCE(m.started_us, s.started_us) < p.period_from_us
      OR COALESCE(m.started_us, s.started_us) >= p.period_to_us)
    AND (COALESCE(m.started_us, s.started_us) >= p.reach_from_us
      OR COALESCE(m.ended_us, s.ended_us) >= p.period_from_us)
),
call AS (
  SELECT r.row_id AS request_row, CAST(NULL AS BIGINT) AS span_row,
    COALESCE(r.provider, '') AS provider_raw, COALESCE(r.response_model, '') AS model_raw,
    COALESCE(r.service_tier, '') AS tier_raw, COALESCE(r.region, '') AS region_raw, r.status,
    r.gateway_cache, r.request_id, r.started_us, r.started_day, r.ended_us, r.ended_day, r.input,
    r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning,
    r.web_search, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in, r.image_cached_in,
    r.image_out
  FROM raw.request AS r
  INNER JOIN request_row AS o ON r.row_id = o.row_id
  LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
  WHERE d.row_id IS NULL
  UNION ALL
  SELECT NULL, s.row_id, COALESCE(m.provider, s.provider, ''),
    COALESCE(m.model, s.response_model, ''), COALESCE(m.service_tier, s.service_tier, ''), '',
    COALESCE(m.status, s.status), 'unknown',
    COALESCE(s.call_id, m.call_id, s.response_id, m.told_id,
      s.trace_id || '/' || s.span_id),
    COALESCE(m.started_us, s.started_us), COALESCE(m.started_day, s.started_day),
    COALESCE(m.ended_us, s.ended_us),
    book.day_text(COALESCE(m.ended_us, s.ended_us) // 86400000000), s.input,
    s.cache_read, s.cache_write_5m, s.cache_write_1h, s.cache_write, s.output, s.reasoning,
    s.web_search, s.audio_in, s.audio_cached_in, s.audio_out, s.image_in, s.image_cached_in,
    s.image_out
  FROM raw.span AS s
  INNER JOIN span_row AS o ON s.row_id = o.row_id
  LEFT JOIN book.same_call AS m ON s.row_id = m.row_id
)
SELECT c.request_row, c.span_row, k.provider, k.model, c.request_id, c.started_us, c.started_day,
  c.ended_us, c.ended_day, c.input, c.cache_read, c.cache_write_5m, c.cache_write_1h,
  c.cache_write, c.output, c.reasoning, c.web_search,
  COALESCE(c.audio_in, 0) + COALESCE(c.audio_cached_in, 0) + COALESCE(c.audio_out, 0)
    + COALESCE(c.image_in, 0) + COALESCE(c.image_cached_in, 0) + COALESCE(c.image_out, 0)
    AS other
FROM call AS c
INNER JOIN book.model_key AS k
  ON c.provider_raw = k.provider_raw AND c.model_raw = k.model_raw
  AND c.tier_raw = k.tier_raw AND c.region_raw = k.region_raw
  AND c.started_us >= k.from_us AND c.started_us < k.to_us
WHERE COALESCE(c.status, 'success') <> 'error' AND COALESCE(c.gateway_cache, 'unknown') <> 'hit'
