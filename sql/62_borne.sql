-- reads:  book.volume_fit, book.effect, book.turn_hour, book.dated, book.long_day,
--         book.request_key, book.usage, book.cause_kind, book.alike_call, book.repeat, book.rated
-- writes: book.borne
-- grain:  one row a day, model and token type of which the provider counts more than we do there,
--         and place of requests of ours that its finding names: begun on another day (of_day),
--         known under another model, attempts that failed, answers of the gateway's cache
--         (of_status), or the same calls, counted otherwise. usd is what it comes to at the list's
--         price; less than 0, of no place, what the bucket's own calls are counted elsewhere for,
--         or, where calls are missing beside rows logged twice, what is told twice. of_type and
--         of_makers, as in book.alike_call, narrow the place down, if there
WITH fit AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model,
    COALESCE(bool_or(cause = 'window_boundary' AND label IN ('', 'hour')), FALSE) AS is_by_call,
    COUNT(*) > 1 AND bool_or(cause = 'row_duplicated') AS is_twice,
    CASE WHEN COUNT(*) = 1 THEN MAX(cause) END AS cause,
    CASE WHEN COUNT(*) = 1 THEN MAX(label) END AS label
  FROM book.volume_fit GROUP BY provider, account_id, key_id, day, model
),
-- Findings that say, in a part of them or in each of their readings, that the calls are the same.
counted_otherwise AS (
  SELECT DISTINCT provider, account_id, key_id, day, model FROM (
    SELECT w.provider, w.account_id, w.key_id, w.day, w.model, w.reading,
      bool_and(k.cause_group = 'quantity' OR k.cause IN ('cache_write_ttl', 'modality_rate'))
        AS is_same
    FROM (
      SELECT provider, account_id, key_id, day, model, cause AS reading,
        unnest(string_split(replace(cause, '+', '|'), '|')) AS cause
      FROM book.volume_fit
    ) AS w INNER JOIN book.cause_kind AS k ON w.cause = k.cause
    GROUP BY ALL
  )
  WHERE is_same
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
),
elsewhere AS MATERIALIZED (
  SELECT t.provider, t.account_id, t.key_id, t.model, t.day, t.of_day,
    CASE WHEN t.token_type = 'reasoning' AND s.provider IS NULL THEN 'output'
      ELSE t.token_type END AS token_type, SUM(t.quantity) AS quantity
  FROM token AS t
  LEFT JOIN splits_reasoning AS s ON t.provider = s.provider
  WHERE t.day <> t.of_day
  GROUP BY ALL
),
counted AS MATERIALIZED (
  SELECT e.*, f.is_by_call, f.is_twice, f.cause, f.label,
    c.provider IS NOT NULL AND e.token_type <> 'web_search' AS is_same,
    first_value(CASE WHEN e.delta < 0 THEN e.token_type END) OVER (
      PARTITION BY e.provider, e.account_id, e.key_id, e.day, e.model
      ORDER BY LEAST(e.volume_usd, 0), e.token_type) AS lacking
  FROM book.effect AS e
  INNER JOIN fit AS f
    ON e.provider = f.provider AND e.account_id = f.account_id AND e.key_id = f.key_id
    AND e.day = f.day AND e.model = f.model
  LEFT JOIN counted_otherwise AS c
    ON e.provider = c.provider AND e.account_id = c.account_id AND e.key_id = c.key_id
    AND e.day = c.day AND e.model = c.model
  WHERE NOT e.is_beside AND e.has_count AND e.is_priced
),
moved AS MATERIALIZED (
  SELECT c.provider, c.account_id, c.key_id, c.day, c.model, c.token_type, m.of_day,
    CAST(m.quantity AS DECIMAL(18,0)) * c.usd_per_token AS usd
  FROM elsewhere AS m
  INNER JOIN counted AS c
    ON m.provider = c.provider AND m.account_id = c.account_id AND m.key_id = c.key_id
    AND m.day = c.day AND m.model = c.model AND m.token_type = c.token_type
  WHERE c.is_by_call AND c.usd_per_token > 0
  UNION ALL
  SELECT c.provider, c.account_id, c.key_id, c.day, c.model, c.token_type, NULL,
    -CAST(m.quantity AS DECIMAL(18,0)) * c.usd_per_token
  FROM elsewhere AS m
  INNER JOIN counted AS c
    ON m.provider = c.provider AND m.account_id = c.account_id AND m.key_id = c.key_id
    AND m.of_day = c.day AND m.model = c.model AND m.token_type = c.token_type
  WHERE CASE WHEN m.day = '' THEN c.is_twice ELSE c.is_by_call END AND c.usd_per_token > 0
),
surplus AS (
  SELECT c.*, CAST(c.volume_usd - COALESCE(m.usd, 0) AS DECIMAL(38,15)) AS left_usd
  FROM counted AS c
  LEFT JOIN (
    SELECT provider, account_id, key_id, day, model, token_type, SUM(usd) AS usd
    FROM moved GROUP BY provider, account_id, key_id, day, model, token_type
  ) AS m USING (provider, account_id, key_id, day, model, token_type)
  WHERE c.delta > 0 AND c.volume_usd - COALESCE(m.usd, 0) > 0
)
SELECT provider, account_id, key_id, day, model, token_type, of_day, model AS of_model,
  token_type AS of_type, 'rated' AS of_status, CAST(NULL AS VARCHAR[]) AS of_makers,
  CAST(SUM(usd) AS DECIMAL(38,15)) AS usd
FROM moved GROUP BY provider, account_id, key_id, day, model, token_type, of_day
UNION ALL
SELECT s.provider, s.account_id, s.key_id, s.day, s.model, s.token_type,
  CASE WHEN s.cause = 'window_boundary' THEN s.label ELSE s.day END,
  CASE WHEN s.cause = 'model_alias_unresolved' THEN s.label ELSE s.model END,
  CASE WHEN s.is_same THEN s.lacking ELSE s.token_type END,
  CASE s.cause WHEN 'failed_but_billed' THEN 'failed_attempt'
    WHEN 'cache_hit_billed' THEN 'gateway_cache_hit' ELSE 'rated' END,
  a.makers, s.left_usd
FROM surplus AS s
LEFT JOIN book.alike_call AS a USING (provider, account_id, key_id, day, model)
WHERE s.is_same OR s.label <> '' AND s.cause IN ('window_boundary', 'model_alias_unresolved',
    'failed_but_billed') AND s.label <> 'hour'
  OR s.label = '' AND s.cause IN ('failed_but_billed', 'cache_hit_billed')
