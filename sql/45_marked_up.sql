-- reads:  book.drifting, book.what_if, book.margin, book.change, book.sheet_trial, book.call_group
-- writes: book.marked_up
-- grain:  one row a request and cause, of calls that no assumption explains until the margin of
--         their gateway, model, team or key is taken off: what is wrong besides, and the margin
WITH mark AS (
  SELECT DISTINCT place, kind, value, of, from_day, to_day, of_spend, of_charge, added
  FROM book.margin
),
open AS (
  SELECT d.request_row, d.charge_usd, d.target_usd, m.kind, m.value, m.of_spend, m.of_charge,
    m.added, CAST(d.target_usd * 1000000000000 AS BIGINT) AS spend,
    row_number() OVER (PARTITION BY d.request_row
      ORDER BY m.place, m.of_charge DESC, m.of_spend, m.added, m.from_day) AS nth
  FROM book.drifting AS d
  INNER JOIN book.call_group AS r ON d.request_row = r.request_row
  INNER JOIN mark AS m
    ON m.place = r.place AND m.of = r.of AND r.day BETWEEN m.from_day AND m.to_day
  WHERE NOT d.is_rounded AND d.target_usd BETWEEN 0 AND 1000000
    AND d.request_row NOT IN (SELECT request_row FROM book.what_if)
    AND d.request_row NOT IN (SELECT request_row FROM book.margin)
),
assumed AS (
  SELECT request_row, CASE WHEN is_rare THEN 2 ELSE 1 END AS rank, cause, evidence, change_usd,
    0 AS off_us
  FROM book.change WHERE sheet_id IS NULL AND basis = 'own'
  UNION ALL
  SELECT request_row, 1, cause, evidence, change_usd, off_us
  FROM book.sheet_trial WHERE is_whole AND rank = 1 AND second_cause IS NULL
),
fit AS (
  SELECT o.request_row, a.rank, a.cause, a.evidence, a.change_usd, a.off_us, o.kind, o.value,
    o.target_usd - o.charge_usd - a.change_usd AS margin_usd,
    CAST((o.charge_usd + a.change_usd) * 1000000000000 AS BIGINT) AS cost, o.spend, o.of_spend,
    o.of_charge, o.added
  FROM open AS o INNER JOIN assumed AS a ON o.request_row = a.request_row
  WHERE o.nth = 1 AND o.charge_usd + a.change_usd BETWEEN 0 AND 1000000
),
met AS (
  SELECT *, rank() OVER (PARTITION BY request_row ORDER BY rank) AS best,
    -- Of sheets of one price the nearest to the call.
    rank() OVER (PARTITION BY request_row, rank, cause ORDER BY off_us) AS near,
    row_number() OVER (PARTITION BY request_row, rank ORDER BY cause, evidence) AS nth
  FROM fit
  WHERE cost > 0 AND book.has_factor(spend, cost, of_spend, of_charge, added)
),
named AS (
  SELECT request_row, string_agg(DISTINCT cause, '|' ORDER BY cause) AS cause,
    string_agg(DISTINCT evidence, '; or ' ORDER BY evidence) FILTER (near = 1) AS evidence,
    MIN(change_usd) FILTER (nth = 1) AS change_usd, MIN(margin_usd) FILTER (nth = 1) AS margin_usd,
    MIN(kind || ' ' || value) AS marked
  FROM met WHERE best = 1 GROUP BY request_row
)
SELECT request_row, cause || '+internal_margin' AS explanation, cause, evidence,
  CAST(change_usd AS DECIMAL(38,15)) AS drift_usd
FROM named
UNION ALL
SELECT request_row, cause || '+internal_margin', 'internal_margin',
  'and the margin of the ' || marked || ' on top', CAST(margin_usd AS DECIMAL(38,15))
FROM named
