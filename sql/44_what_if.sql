-- reads:  book.drifting, book.own_fit, book.sheet_trial, book.mistake, book.pair_fit
-- writes: book.what_if
-- grain:  one row a drifting request, explanation and cause in it: an explanation is one changed
--         assumption, or two, that give the gateway's figure. Only the explanations with the
--         fewest changes stand; drift_usd is what the cause adds to the gateway's figure
WITH noise AS (SELECT CAST('0.000000000001' AS DECIMAL(38,15)) AS usd),
single AS MATERIALIZED (
  SELECT request_row, rank, cause, evidence, 0 AS off_us FROM book.own_fit
  UNION ALL
  SELECT t.request_row,
    CASE WHEN t.is_whole THEN t.rank
      -- Known of some gateways, and not by its amount: it may be that of another mistake.
      WHEN t.cause = 'long_context_tier' AND t.evidence LIKE 'the 1 h cache writes charged%'
        THEN 1
      ELSE 2 END
      + CASE WHEN ABS(t.charge_usd + t.change_usd - t.target_usd) <= n.usd THEN 0 ELSE 10 END,
    t.cause, t.evidence, t.off_us
  FROM book.sheet_trial AS t, noise AS n
  WHERE t.second_cause IS NULL AND (ABS(t.charge_usd + t.change_usd - t.target_usd) <= n.usd
    OR t.is_whole AND t.rank = 1
      AND ABS(t.charge_usd + t.change_usd - t.target_usd) <= t.half_step)
  UNION ALL
  -- The fee of a search taken for that of a thousand.
  SELECT m.request_row, 1, m.cause, -m.web_search || ' web searches at a thousandth of their fee',
    0
  FROM book.mistake AS m
  INNER JOIN book.drifting AS d ON m.request_row = d.request_row, noise AS n
  WHERE m.basis = 'own' AND m.web_search < 0
    AND ABS((d.charge_usd - d.target_usd) * 1000 + m.change_usd * 999) <= n.usd * 1000
),
-- Where another tier costs just twice as much, its price and a cost counted twice are told apart by
-- a row that names that tier alone; that of a model that the call names beside the one that
-- answered tells itself.
ranked AS (
  SELECT request_row, CASE WHEN cause = 'model_alias_unresolved' AND rank = 1 THEN 0
    WHEN cause = 'charged_twice' AND request_row IN (
      SELECT s.request_row FROM single AS s
      INNER JOIN book.drifting AS d ON s.request_row = d.request_row
      WHERE s.cause = 'service_tier' AND s.rank = 1 AND s.evidence LIKE '%, served as standard'
        AND NOT contains(s.evidence, concat(' the ', d.named_tier, ' price,')))
    THEN 1 ELSE rank END AS rank, cause, evidence, off_us
  FROM single
),
explained AS MATERIALIZED (
  SELECT s.request_row, s.rank, s.cause AS explanation, s.cause, s.evidence, s.off_us,
    CASE WHEN s.cause IN ('internal_margin', 'rounding')
      THEN d.target_usd + d.margin_usd - d.charge_usd
      ELSE d.target_usd - d.charge_usd END AS drift_usd
  FROM ranked AS s INNER JOIN book.drifting AS d ON s.request_row = d.request_row
  UNION ALL
  SELECT request_row, rank, cause || '+' || second_cause, cause, evidence, 0, first_usd
  FROM book.pair_fit
  UNION ALL
  SELECT p.request_row, p.rank, p.cause || '+' || p.second_cause, p.second_cause,
    p.second_evidence, 0, d.target_usd - d.charge_usd - p.first_usd
  FROM book.pair_fit AS p INNER JOIN book.drifting AS d ON p.request_row = d.request_row
),
best AS (
  SELECT request_row, MIN(rank) AS rank FROM explained GROUP BY request_row
),
-- Of sheets of one price the nearest to the call.
kept AS (
  SELECT e.request_row, e.explanation, e.cause,
    arg_min(e.evidence, (e.off_us, e.evidence)) AS evidence, MIN(e.drift_usd) AS drift_usd
  FROM explained AS e
  INNER JOIN best AS b ON e.request_row = b.request_row AND e.rank = b.rank
  GROUP BY e.request_row, e.explanation, e.cause
),
-- A margin on top of a figure that is wrong by itself is a part of its own.
marked AS (
  SELECT DISTINCT k.request_row, k.explanation, d.margin_usd
  FROM kept AS k INNER JOIN book.drifting AS d ON k.request_row = d.request_row
  WHERE d.margin_usd <> 0 AND k.cause NOT IN ('internal_margin', 'rounding')
)
SELECT k.request_row, k.explanation || CASE WHEN m.request_row IS NULL THEN ''
    ELSE '+internal_margin' END AS explanation, k.cause, k.evidence,
  CAST(k.drift_usd AS DECIMAL(38,15)) AS drift_usd
FROM kept AS k
LEFT JOIN marked AS m ON k.request_row = m.request_row AND k.explanation = m.explanation
UNION ALL
SELECT request_row, explanation || '+internal_margin', 'internal_margin',
  'what the gateway adds to its own figure, or takes off it',
  CAST(margin_usd AS DECIMAL(38,15))
FROM marked
