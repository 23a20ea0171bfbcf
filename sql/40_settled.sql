-- reads:  book.uncertain, book.unusual, book.dated, book.long_day, book.usage
-- writes: book.settled
-- grain:  one row a request whose drift is above its tolerance, though spend is within the range of
--         its charge, because provider counts settle that range at the lower end: nothing but the
--         lifetime of its cache writes is open, and of its day and model the provider counts
--         writes of 5 min alone, and at least as many as all requests do
WITH open AS (
  SELECT n.request_row, n.provider, n.model, COALESCE(l.day, n.started_day) AS day
  FROM book.unusual AS n
  LEFT JOIN book.long_day AS l
    ON n.provider = l.provider AND n.model = l.model AND n.started_day = l.started_day
  INNER JOIN book.uncertain AS u ON n.request_row = u.request_row
  WHERE u.is_unsaid AND NOT u.is_open AND n.is_off AND NOT n.is_above
),
asked AS (
  SELECT DISTINCT provider, model, day FROM open
),
ours AS (
  SELECT a.provider, a.model, a.day,
    SUM(COALESCE(r.cache_write, 0) + COALESCE(r.cache_write_5m, 0)) AS written
  FROM asked AS a
  INNER JOIN book.dated AS r
    ON r.provider = a.provider AND r.model = a.model AND r.day = a.day
  GROUP BY a.provider, a.model, a.day
),
theirs AS (
  SELECT provider, model, day, SUM(quantity) AS written
  FROM book.usage
  WHERE is_counted AND token_type LIKE 'cache_write%' AND quantity > 0
  GROUP BY provider, model, day
  HAVING bool_and(token_type = 'cache_write_5m')
)
SELECT o.request_row
FROM open AS o
INNER JOIN ours AS w ON o.provider = w.provider AND o.model = w.model AND o.day = w.day
INNER JOIN theirs AS t ON o.provider = t.provider AND o.model = t.model AND o.day = t.day
WHERE t.written >= w.written
