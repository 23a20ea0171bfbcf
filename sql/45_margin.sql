-- reads:  book.call_group, book.factor_span
-- writes: book.margin
-- grain:  one row a request that drifts by a factor, or an amount that is added, which its
--         gateway, integration, model, team, key or version has, or a team's calls of a model: a
--         margin or a discount
WITH chosen AS (
  SELECT m.request_row, m.name, f.*, row_number() OVER (PARTITION BY m.request_row
      ORDER BY f.rank, f.place, f.rows DESC, f.from_day, f.of_spend) AS best
  FROM book.call_group AS m
  INNER JOIN book.factor_span AS f
    ON m.place = f.place AND m.of = f.of AND m.day BETWEEN f.from_day AND f.to_day
  WHERE book.has_factor(m.spend, m.charge, f.of_spend, f.of_charge, f.added)
),
told AS (
  SELECT *, name || days AS value, CAST((CAST(of_spend AS HUGEINT) * 1000000 + of_charge // 2)
      // of_charge AS BIGINT) AS ppm,
    ['gateway', 'integration', 'model', 'team', 'key', 'version', 'team'][place] AS kind
  FROM chosen WHERE best = 1
)
SELECT request_row, kind, value, place, of, from_day, to_day, of_spend, of_charge, added,
  'internal_margin' AS cause,
  'spend is ' || CASE WHEN ppm = 1000000 THEN '' ELSE rtrim(rtrim(printf('%d.%06d',
      ppm // 1000000, ppm % 1000000), '0'), '.') || ' times ' END || 'the charge'
    || CASE WHEN added = 0 THEN '' ELSE ' and ' || rtrim(printf('%d.%012d',
      added // 1000000000000, added % 1000000000000), '0') || ' USD' END
    || ' on ' || rows || ' of ' || of_rows || ' calls of the ' || kind || ' ' || value AS evidence
FROM told
