-- reads:  book.drifting, book.change, book.sheet_trial, book.sheet_split
-- writes: book.pair_fit
-- grain:  one row a drifting request and two changed assumptions that together give the gateway's
--         figure, where no single one does: two mistakes in counting, one with another price or a
--         factor, two conditions of the price, or a mistake on the gateway's own count. first_usd
--         is what the first adds; the second adds the rest
-- A figure is met to a picodollar, or to the decimals that are written where these are many.
WITH open AS MATERIALIZED (
  SELECT d.request_row, d.charge_usd, d.target_usd,
    CAST(CASE WHEN ABS(d.target_usd - d.charge_usd) >= 5000 * d.half_step THEN d.half_step
      ELSE 0.000000000001 END AS DECIMAL(38,15)) AS room_usd
  FROM book.drifting AS d
  WHERE d.request_row IN (SELECT request_row FROM book.change)
),
own_change AS MATERIALIZED (
  SELECT c.*, d.charge_usd, d.target_usd
  FROM book.change AS c INNER JOIN open AS d ON c.request_row = d.request_row
  WHERE c.sheet_id IS NULL
),
whole AS MATERIALIZED (
  SELECT * FROM book.sheet_trial
  WHERE is_whole AND request_row IN (SELECT request_row FROM open)
),
part AS (
  SELECT request_row, cause, evidence, unnest(parts) AS change_usd, unnest(names) AS what
  FROM book.sheet_split WHERE request_row IN (SELECT request_row FROM open)
),
factor AS MATERIALIZED (
  SELECT d.request_row, f.* FROM book.drifting AS d, (VALUES
    ('unit_mismatch', 100, 1, 'cents recorded as dollars'),
    ('unit_mismatch', 1, 100, 'dollars recorded as if they were cents'),
    ('charged_twice', 2, 1, 'twice the cost: with its upstream cost, or two records'),
    ('charged_half', 1, 2, 'half the cost')) AS f(cause, times, parts, evidence)
  WHERE NOT d.has_stated_rates
),
tried AS (
  SELECT a.request_row, CASE WHEN a.is_rare OR b.is_rare THEN 7 ELSE 4 END AS rank,
    a.cause, a.evidence, b.cause AS second_cause, b.evidence AS second_evidence,
    a.change_usd AS first_usd, a.charge_usd + a.change_usd + b.change_usd AS usd, 1 AS times,
    1 AS parts
  FROM own_change AS a
  INNER JOIN own_change AS b ON a.request_row = b.request_row
  WHERE a.basis = 'own' AND b.basis = 'own' AND a.family < b.family AND a.cause <> b.cause
    AND a.family <> 'count' AND b.family <> 'count'
    -- What is taken alike for all that is cached, or for the prompt, is no second mistake on it.
    AND NOT (a.family = 'cache' AND b.family IN ('cache_read', 'cache_write', 'prompt'))
  UNION ALL
  SELECT a.request_row, CASE WHEN b.is_rare THEN 7 ELSE 5 END, a.cause, a.evidence, b.cause,
    b.evidence, a.change_usd, a.charge_usd + a.change_usd + b.change_usd, 1, 1
  FROM own_change AS a
  INNER JOIN own_change AS b ON a.request_row = b.request_row AND b.basis = 'gateway'
  WHERE a.family = 'count' AND a.cause <> b.cause
  UNION ALL
  SELECT t.request_row, CASE WHEN c.is_rare THEN 7 WHEN c.family = 'count' THEN 5 ELSE 4 END,
    t.cause, t.evidence, c.cause, c.evidence, t.change_usd,
    t.charge_usd + t.change_usd + c.change_usd, 1, 1
  FROM whole AS t
  INNER JOIN book.change AS c
    ON t.request_row = c.request_row AND t.sheet_id = c.sheet_id
  WHERE t.rank = 1 AND t.second_cause IS NULL
  UNION ALL
  -- One kind of tokens at another price, and a mistake.
  SELECT t.request_row, CASE WHEN a.is_rare THEN 7 ELSE 6 END, t.cause,
    t.what || ' charged at ' || t.evidence, a.cause, a.evidence, t.change_usd,
    a.charge_usd + t.change_usd + a.change_usd, 1, 1
  FROM part AS t
  INNER JOIN own_change AS a ON t.request_row = a.request_row AND a.basis = 'own'
  WHERE t.change_usd <> 0 AND a.family <> 'count'
  UNION ALL
  -- Of two conditions, the first adds what it does alone.
  SELECT t.request_row, 4, t.cause, t.evidence, t.second_cause, t.second_evidence,
    COALESCE(o.change_usd, t.change_usd), t.charge_usd + t.change_usd, 1, 1
  FROM whole AS t
  LEFT JOIN whole AS o
    ON t.request_row = o.request_row AND o.second_cause IS NULL AND o.cause = t.cause
    AND CASE o.cause WHEN 'long_context_tier' THEN o.min_prompt = t.min_prompt
      WHEN 'region_uplift' THEN o.region = t.region
      WHEN 'time_of_day_price' THEN o.tod_from_us = t.tod_from_us
      WHEN 'price_list_stale' THEN o.from_us = t.from_us
      ELSE o.service_tier = t.service_tier END
  WHERE t.second_cause IS NOT NULL
  UNION ALL
  SELECT c.request_row, CASE WHEN c.is_rare THEN 7 ELSE 6 END, c.cause, c.evidence, f.cause,
    f.evidence, c.change_usd, c.charge_usd + c.change_usd, f.times, f.parts
  FROM own_change AS c INNER JOIN factor AS f ON c.request_row = f.request_row
  WHERE c.basis = 'own'
  UNION ALL
  SELECT t.request_row, 6, t.cause, t.evidence, f.cause, f.evidence, t.change_usd,
    t.charge_usd + t.change_usd, f.times, f.parts
  FROM whole AS t INNER JOIN factor AS f ON t.request_row = f.request_row
  WHERE t.rank = 1 AND t.second_cause IS NULL
),
met AS (
  SELECT t.*, ABS(t.usd * t.times - o.target_usd * t.parts) > 0.000000000001 * t.parts
    AS is_rounded
  FROM tried AS t INNER JOIN open AS o ON t.request_row = o.request_row
  WHERE ABS(t.usd * t.times - o.target_usd * t.parts) <= o.room_usd * t.parts
)
SELECT request_row, rank, cause, evidence, second_cause, second_evidence, first_usd
FROM (
  SELECT request_row, CASE WHEN is_rounded THEN rank + 10 ELSE rank END AS rank, cause, evidence,
    second_cause, second_evidence, first_usd, row_number() OVER (
      PARTITION BY request_row, rank, is_rounded, cause, second_cause
      ORDER BY evidence, second_evidence, first_usd) AS nth
  FROM met
)
WHERE nth = 1
