-- reads:  book.factor, book.call_group, book.day_sum, book.tally
-- writes: book.factor_span
-- grain:  one row a row of book.factor that is a margin or a discount: most calls of the group
--         have it, nine of ten where other causes give some of them (rank 1), or from the first
--         day that has it to the last every call drifts, and all by it (2), or by it and an amount
--         that is added (3), while hardly another call of the group is unexplained: a part of one
--         mistake may be a constant factor too. of_rows: the calls of these days
WITH tried AS (
  SELECT *, row_number() OVER (ORDER BY place, of, added > 0, nth) AS id FROM book.factor
),
judged AS (
  SELECT t.id, t.added, m.request_row, m.day, m.charge, m.is_open, m.is_half,
    book.has_factor(m.spend, m.charge, t.of_spend, t.of_charge, t.added) AS is_met
  FROM tried AS t INNER JOIN book.call_group AS m ON t.place = m.place AND t.of = m.of
),
drifting AS (
  SELECT id, day, COUNT(*) AS rows, COUNT(*) FILTER (is_open) AS open_rows
  FROM judged GROUP BY id, day
),
span AS (
  SELECT id, MIN(day) AS from_day, MAX(day) AS to_day, COUNT(*) AS rows,
    COUNT(DISTINCT charge) AS charges, COUNT(*) FILTER (is_open) AS open_rows,
    COUNT(*) FILTER (is_half) AS half_rows
  FROM judged WHERE is_met GROUP BY id
),
-- What is added to each call may be the price of tokens of which each has as many.
counted AS (
  SELECT j.id, t.sheet_id, t.input, t.cache_read, t.cache_write_5m, t.cache_write_1h,
    t.cache_write, t.output, t.reasoning, t.audio_in, t.image_in, t.web_search
  FROM judged AS j
  INNER JOIN book.tally AS t ON j.request_row = t.request_row AND t.basis = 'own'
  WHERE j.is_met AND j.added > 0
),
steady AS (
  SELECT c.id
  FROM (UNPIVOT counted ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output,
    reasoning, audio_in, image_in, web_search INTO NAME token_type VALUE quantity) AS c
  INNER JOIN span AS s ON c.id = s.id
  WHERE c.quantity > 0
  GROUP BY c.id, c.token_type, s.rows
  HAVING COUNT(*) = s.rows AND MIN(c.quantity) = MAX(c.quantity)
    AND MIN(c.sheet_id) = MAX(c.sheet_id)
),
-- All calls that a margin could show on, of the groups in question.
whole AS (
  SELECT t.id, c.day, CAST(SUM(c.rows) AS BIGINT) AS rows
  FROM tried AS t
  INNER JOIN (
    SELECT started_day AS day, charged_rows AS rows, unnest(range(1, 8)) AS place,
      unnest(book.groups_of(gateway, gateway_version, provider, model, tenant_id,
        gateway_key_id)) AS of
    FROM book.day_sum WHERE request_state <> 'only_trace' AND charged_rows > 0
  ) AS c ON t.place = c.place AND t.of = c.of
  GROUP BY t.id, c.day
),
told AS (
  SELECT s.*, w.day, w.rows AS day_rows, COALESCE(d.rows, 0) AS day_drifting,
    COALESCE(d.open_rows, 0) AS day_open,
    w.day BETWEEN s.from_day AND s.to_day AS is_within,
    MIN(w.day) OVER (PARTITION BY w.id) AS first_day,
    MAX(w.day) OVER (PARTITION BY w.id) AS last_day
  FROM span AS s
  INNER JOIN whole AS w ON s.id = w.id
  LEFT JOIN drifting AS d ON w.id = d.id AND w.day = d.day
),
-- On its first day it may begin after some calls, and on its last end before some.
held AS (
  SELECT id, from_day, to_day, rows, charges, open_rows, half_rows, first_day, last_day,
    SUM(day_rows) AS all_rows, SUM(day_rows) FILTER (is_within) AS span_rows,
    SUM(day_drifting) FILTER (is_within) AS drifting_rows, SUM(day_open) AS all_open_rows,
    bool_and(day_drifting >= day_rows OR NOT is_within OR from_day < to_day
      AND (day = from_day OR day = to_day AND to_day < last_day)) AS is_every
  FROM told
  GROUP BY id, from_day, to_day, rows, charges, open_rows, half_rows, first_day, last_day
),
ranked AS (
  SELECT t.*, h.*, CASE
      WHEN t.added = 0 AND t.nth = 1 AND t.place <= 5 AND rows >= 3 AND rows * 2 >= all_rows
        AND ((open_rows - half_rows) * 2 >= rows OR rows * 10 >= all_rows * 9) THEN 1
      WHEN NOT is_every OR charges < 3 OR open_rows * 2 < rows OR rows < drifting_rows
        OR (all_open_rows - open_rows) * 10 > rows THEN NULL
      WHEN t.added = 0 THEN 2
      WHEN id NOT IN (SELECT id FROM steady) THEN 3 END AS rank
  FROM tried AS t INNER JOIN held AS h USING (id)
)
SELECT place, of, of_spend, of_charge, added, rank,
  CASE WHEN rank = 1 THEN '' ELSE from_day END AS from_day,
  CASE WHEN rank = 1 THEN '9999' ELSE to_day END AS to_day, rows,
  CAST(CASE WHEN rank = 1 THEN all_rows ELSE span_rows END AS BIGINT) AS of_rows,
  CASE WHEN rank = 1 OR from_day = first_day AND to_day = last_day THEN ''
    WHEN from_day = to_day THEN ' on ' || from_day
    ELSE CASE WHEN from_day > first_day THEN ' from ' || from_day ELSE '' END
      || CASE WHEN to_day < last_day THEN ' to ' || to_day ELSE '' END END AS days
FROM ranked WHERE rank IS NOT NULL
