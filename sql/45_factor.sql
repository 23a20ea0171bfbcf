-- reads:  book.call_group
-- writes: book.factor
-- grain:  one row a group of calls and factor that several of them may have: their spend is the
--         charge, of_spend to of_charge, and what is added, in picodollars. nth: how many have it,
--         the most first, of those without and with an addition. Of a gateway's, an
--         integration's, a team's or a key's, other causes may give most
WITH member AS (
  SELECT place, of, is_open, spend, charge,
    CAST((CAST(spend AS HUGEINT) * 1000000 + charge // 2) // charge AS HUGEINT) AS ppm
  FROM book.call_group
),
-- Exactly the ratio of the dearest call that has it; of those whose figure is not rounded, if any.
ratio AS (
  SELECT place, of, arg_max(spend, weight) AS of_spend, arg_max(charge, weight) AS of_charge,
    row_number() OVER (PARTITION BY place, of ORDER BY COUNT(*) DESC, ppm) AS nth
  FROM (
    SELECT *, charge + CASE WHEN spend * CAST(1000000 AS HUGEINT) = charge * ppm
      THEN CAST(10000000000000000000 AS HUGEINT) ELSE 0 END AS weight
    FROM member
  ) AS m
  GROUP BY place, of, ppm
  HAVING COUNT(*) >= 3 AND (COUNT(*) FILTER (is_open) * 2 >= COUNT(*)
    OR place IN (1, 2, 4, 5) AND COUNT(*) FILTER (is_open) >= 3)
),
-- Two calls of a group that cost about the same tell the factor apart from what is added.
near AS (
  SELECT place, of, charge, spend, charge - lag(charge) OVER w AS charge_step,
    CAST(spend - lag(spend) OVER w AS HUGEINT) AS spend_step
  FROM member WHERE is_open
  WINDOW w AS (PARTITION BY place, of ORDER BY charge, spend)
),
sloped AS (
  SELECT place, of, charge, spend,
    (spend_step * 1000000 + charge_step // 2) // charge_step AS ppm
  FROM near WHERE charge_step > 0 AND spend_step > 0
),
added AS (
  SELECT place, of, CAST(ppm AS BIGINT) AS of_spend,
    CAST((spend * CAST(1000000 AS HUGEINT) - charge * ppm + 5000000) // 10000000 * 10 AS BIGINT)
      AS added
  FROM sloped WHERE ppm BETWEEN 100000 AND 10000000
),
several AS (
  SELECT place, of, of_spend, added,
    row_number() OVER (PARTITION BY place, of ORDER BY COUNT(*) DESC, of_spend, added) AS nth
  FROM added WHERE added > 10
  GROUP BY place, of, of_spend, added HAVING COUNT(*) >= 2
)
SELECT place, of, nth, of_spend, of_charge, CAST(0 AS BIGINT) AS added FROM ratio WHERE nth <= 3
UNION ALL
SELECT place, of, nth, of_spend, 1000000, added FROM several WHERE nth = 1
