-- reads:  book.request_cause, book.margin, book.day_sum, book.day_hour, raw.request_kind
-- writes: book.pattern
-- grain:  one row a break on a request that is part of a pattern (request_row is that of its
--         gateway row, or less than zero that of its span): at least ten requests with the same
--         cause that are at least half of all requests of a gateway, one of its releases, an
--         integration (gateway and provider, of all releases or of one), a key or an hour. It is
--         told once, by what explains the most of them, and of those by what has the fewest others.
--         Breaks of which all that a pattern may be about is the same are looked at as one: where
--         few services are traced, nearly all requests miss their trace. Traced calls of days of
--         which no gateway row tells are one too: a log that begins late or ends early
WITH alike AS (
  SELECT cause, provider, gateway_version, request_kind, started_us // 3600000000 AS hour,
    COUNT(*) AS rows
  FROM book.request_cause
  WHERE is_break AND cause <> 'internal_margin' AND request_row IS NOT NULL
  GROUP BY cause, provider, gateway_version, request_kind, started_us // 3600000000
),
break AS (
  SELECT a.*, row_number() OVER () AS alike, g.gateway,
    g.gateway || ' ' || a.gateway_version AS version, g.api_key_id,
    COALESCE(g.api_key_name, g.api_key_id) AS api_key_name, a.hour * 3600000000 AS hour_us
  FROM alike AS a INNER JOIN raw.request_kind AS g ON a.request_kind = g.kind_id
),
place AS (
  SELECT place, kind
  FROM (VALUES (1, 'gateway'), (2, 'version'), (3, 'integration'), (4, 'integration'), (5, 'key'),
    (6, 'hour')) AS p(place, kind)
),
member AS (
  SELECT b.cause, b.provider, b.gateway_version, b.request_kind, b.hour, b.alike, b.rows, p.place,
    p.kind,
    CASE p.place WHEN 1 THEN gateway WHEN 2 THEN version WHEN 3 THEN gateway || ' to ' || provider
      WHEN 4 THEN version || ' to ' || provider WHEN 5 THEN api_key_id
      ELSE CAST(hour_us AS VARCHAR) END AS value,
    CASE p.place WHEN 1 THEN gateway WHEN 2 THEN version WHEN 3 THEN gateway || ' to ' || provider
      WHEN 4 THEN version || ' to ' || provider WHEN 5 THEN api_key_name
      ELSE strftime(make_timestamp(hour_us), '%Y-%m-%d %H:00') || ' UTC' END AS name
  FROM break AS b CROSS JOIN place AS p
),
many AS (
  SELECT cause, place, value, CAST(SUM(rows) AS BIGINT) AS rows FROM member
  WHERE value IS NOT NULL GROUP BY cause, place, value HAVING SUM(rows) >= 10
),
whole AS (
  SELECT m.place, m.value, CAST(SUM(c.requests) AS BIGINT) AS rows
  FROM (SELECT DISTINCT place, value FROM many) AS m
  INNER JOIN (
    SELECT gateway, gateway || ' ' || gateway_version AS version,
      gateway || ' to ' || provider AS integration,
      gateway || ' ' || gateway_version || ' to ' || provider AS release_to,
      gateway_key_id AS api_key_id, CAST(NULL AS VARCHAR) AS hour, requests
    FROM book.day_sum WHERE request_state <> 'only_trace'
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, CAST(hour_us AS VARCHAR), requests FROM book.day_hour
  ) AS c
    ON m.value = CASE m.place WHEN 1 THEN c.gateway WHEN 2 THEN c.version WHEN 3 THEN c.integration
      WHEN 4 THEN c.release_to WHEN 5 THEN c.api_key_id ELSE c.hour END
  GROUP BY m.place, m.value
),
chosen AS (
  SELECT m.cause, m.provider, m.gateway_version, m.request_kind, m.hour, m.kind, m.name, n.rows,
    w.rows AS of_rows,
    row_number() OVER (PARTITION BY m.alike ORDER BY n.rows DESC, w.rows, m.place) AS nth
  FROM member AS m
  INNER JOIN many AS n ON m.cause = n.cause AND m.place = n.place AND m.value = n.value
  INNER JOIN whole AS w ON m.place = w.place AND m.value = w.value
  WHERE n.rows * 2 >= w.rows
),
unlogged AS (
  SELECT span_row, cause, started_day AS day FROM book.request_cause
  WHERE cause = 'row_missing_gateway' AND request_row IS NULL AND started_day NOT IN (
    SELECT started_day FROM book.day_sum WHERE request_state <> 'only_trace')
)
SELECT c.request_row, c.cause, p.kind, p.name,
  p.rows || ' of ' || p.of_rows || ' calls of the ' || p.kind || ' ' || p.name AS evidence
FROM book.request_cause AS c
INNER JOIN chosen AS p
  ON c.cause = p.cause AND c.request_kind = p.request_kind AND c.started_us // 3600000000 = p.hour
  AND c.provider IS NOT DISTINCT FROM p.provider
  AND c.gateway_version IS NOT DISTINCT FROM p.gateway_version
WHERE p.nth = 1 AND c.is_break AND c.request_row IS NOT NULL
UNION ALL
SELECT request_row, cause, kind, value, evidence FROM book.margin
UNION ALL
SELECT -u.span_row, u.cause, 'day', '', 'no gateway row is of ' || d.days
  || ' days on which calls were traced, ' || d.from_day || ' to ' || d.to_day
FROM unlogged AS u, (
  SELECT COUNT(DISTINCT day) AS days, MIN(day) AS from_day, MAX(day) AS to_day
  FROM unlogged HAVING COUNT(*) >= 10
) AS d
