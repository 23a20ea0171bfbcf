-- reads:  book.variant, book.change, book.rated
-- writes: book.what_if
-- grain:  one row a drifting request, explanation and cause in it: an explanation is one changed
--         assumption, or two, that give the gateway's figure. Only the explanations with the
--         fewest changes stand; drift_usd is what the cause adds to the gateway's figure
WITH float_noise AS (SELECT CAST('0.000000000001' AS DECIMAL(38,15)) AS usd),
single AS (
  SELECT v.request_row, v.rank, v.cause AS explanation, v.cause, v.evidence,
    v.spend_usd - v.charge_usd AS drift_usd
  FROM book.variant AS v, float_noise AS n
  WHERE v.cause IS NOT NULL AND ABS(v.base_usd - v.spend_usd) <= n.usd
  UNION ALL
  SELECT v.request_row, 1, c.cause, c.cause, c.evidence, v.spend_usd - v.charge_usd
  FROM book.variant AS v INNER JOIN book.change AS c ON v.variant = c.variant, float_noise AS n
  WHERE v.cause IS NULL AND ABS(v.base_usd + c.change_usd - v.spend_usd) <= n.usd
  UNION ALL
  SELECT v.request_row, 3, f.cause, f.cause, f.evidence, v.spend_usd - v.charge_usd
  FROM book.variant AS v, float_noise AS n, (VALUES
    ('unit_mismatch', 100, 1, 'cents recorded as dollars'),
    ('unit_mismatch', 1, 100, 'dollars recorded as if they were cents'),
    ('charged_twice', 2, 1, 'twice the charge: the cost and its upstream cost, or two records'),
    ('charged_half', 1, 2, 'half the charge')) AS f(cause, times, parts, evidence)
  WHERE v.cause IS NULL AND v.base_usd <> 0
    AND ABS(v.base_usd * f.times - v.spend_usd * f.parts) <= n.usd * f.parts
  UNION ALL
  SELECT v.request_row, 0, 'internal_margin', 'internal_margin',
    'the gateway''s own cost before margin and discount is the charge', v.spend_usd - v.charge_usd
  FROM book.variant AS v INNER JOIN raw.request AS g ON v.request_row = g.row_id, float_noise AS n
  WHERE v.cause IS NULL AND ABS(g.spend_original_usd - v.charge_usd) <= n.usd
),
-- Two changes are tried only where no single one fits.
open_variant AS (
  SELECT v.* FROM book.variant AS v
  WHERE v.request_row NOT IN (SELECT request_row FROM single)
),
pair AS (
  SELECT v.request_row, v.rank + 3 AS rank, v.cause || '+' || c.cause AS explanation,
    v.cause AS first_cause, v.evidence AS first_evidence,
    v.base_usd - v.charge_usd AS first_usd, c.cause AS second_cause,
    c.evidence AS second_evidence, v.spend_usd - v.base_usd AS second_usd
  FROM open_variant AS v INNER JOIN book.change AS c ON v.variant = c.variant, float_noise AS n
  WHERE v.cause IS NOT NULL AND ABS(v.base_usd + c.change_usd - v.spend_usd) <= n.usd
  UNION ALL
  SELECT v.request_row, 4, a.cause || '+' || b.cause, a.cause, a.evidence, a.change_usd,
    b.cause, b.evidence, v.spend_usd - v.charge_usd - a.change_usd
  FROM open_variant AS v
  INNER JOIN book.change AS a ON v.variant = a.variant
  INNER JOIN book.change AS b ON v.variant = b.variant AND a.family < b.family, float_noise AS n
  WHERE v.cause IS NULL AND ABS(v.base_usd + a.change_usd + b.change_usd - v.spend_usd) <= n.usd
),
explained AS (
  SELECT request_row, rank, explanation, cause, evidence, drift_usd FROM single
  UNION ALL
  SELECT request_row, rank, explanation, first_cause, first_evidence, first_usd FROM pair
  UNION ALL
  SELECT request_row, rank, explanation, second_cause, second_evidence, second_usd FROM pair
),
best AS (
  SELECT request_row, MIN(rank) AS rank FROM explained GROUP BY request_row
)
SELECT e.request_row, e.explanation, e.cause, MIN(e.evidence) AS evidence,
  CAST(MIN(e.drift_usd) AS DECIMAL(38,15)) AS drift_usd
FROM explained AS e INNER JOIN best AS b ON e.request_row = b.request_row AND e.rank = b.rank
GROUP BY e.request_row, e.explanation, e.cause
