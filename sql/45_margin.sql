-- reads:  book.above, book.day_sum, book.what_if, raw.request_kind
-- writes: book.margin
-- grain:  one row a request that drifts by a factor which is constant over most calls of its
--         gateway, provider, model, team or key: a margin or a discount. Amounts are compared as
--         whole picodollars, so that the factor is exact
WITH drifting AS (
  SELECT r.request_row, r.gateway, r.provider, r.model, r.tenant_id, g.api_key_id,
    COALESCE(g.api_key_name, g.api_key_id) AS api_key_name, w.request_row IS NULL AS is_open,
    CAST(r.spend_usd * 1000000000000 AS HUGEINT) AS spend,
    CAST(r.charge_usd * 1000000000000 AS HUGEINT) AS charge
  FROM book.above AS r
  INNER JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  LEFT JOIN (SELECT DISTINCT request_row FROM book.what_if) AS w ON r.request_row = w.request_row
  WHERE r.request_row IS NOT NULL AND r.charge_status = 'rated' AND r.charge_usd > 0
    AND r.charge_usd < 1000000 AND r.spend_usd > 0 AND r.spend_usd < 1000000
),
member AS MATERIALIZED (
  SELECT d.*, k.place, k.kind,
    CASE k.place WHEN 1 THEN gateway WHEN 2 THEN gateway || ' to ' || provider
      WHEN 3 THEN provider || ' ' || model WHEN 4 THEN tenant_id ELSE api_key_id END AS value,
    (spend * 1000000 + charge // 2) // charge AS ppm
  FROM drifting AS d, (VALUES (1, 'gateway'), (2, 'integration'), (3, 'model'), (4, 'team'),
    (5, 'key')) AS k(place, kind)
),
-- The ratio that most of a group's calls have, exactly that of the dearest of them.
ratio AS (
  SELECT place, kind, value, ppm, arg_max(spend, charge) AS of_spend, MAX(charge) AS of_charge,
    row_number() OVER (PARTITION BY place, value ORDER BY COUNT(*) DESC, ppm) AS nth
  FROM member WHERE value IS NOT NULL
  GROUP BY place, kind, value, ppm
  HAVING COUNT(*) >= 3 AND COUNT(*) FILTER (is_open) * 2 >= COUNT(*)
),
fitting AS (
  SELECT m.request_row, m.api_key_name, m.tenant_id, m.place, m.kind, m.value, r.ppm,
    r.of_spend, r.of_charge,
    COUNT(*) OVER (PARTITION BY m.place, m.value) AS rows
  FROM member AS m
  INNER JOIN ratio AS r ON m.place = r.place AND m.value = r.value AND r.nth = 1
  WHERE ABS(m.spend * r.of_charge - r.of_spend * m.charge)
    <= 2 * (m.spend + r.of_charge + r.of_spend + m.charge)
),
-- All calls that a margin could show on, of the groups in question.
whole AS (
  SELECT f.place, f.value, CAST(SUM(c.rows) AS BIGINT) AS rows
  FROM (SELECT DISTINCT place, value FROM fitting) AS f
  INNER JOIN (
    SELECT gateway, provider, model, tenant_id, gateway_key_id AS api_key_id,
      charged_rows AS rows
    FROM book.day_sum
    WHERE request_state <> 'only_trace' AND charged_rows > 0
  ) AS c
    ON f.value = CASE f.place WHEN 1 THEN c.gateway WHEN 2 THEN c.gateway || ' to ' || c.provider
      WHEN 3 THEN c.provider || ' ' || c.model WHEN 4 THEN c.tenant_id ELSE c.api_key_id END
  GROUP BY f.place, f.value
),
chosen AS (
  SELECT f.request_row, f.kind, CASE WHEN f.kind = 'key' THEN f.api_key_name ELSE f.value END
      AS value, f.place, f.value AS group_value, f.of_spend, f.of_charge, f.ppm, f.rows,
    w.rows AS of_rows,
    row_number() OVER (PARTITION BY f.request_row ORDER BY f.place) AS nth
  FROM fitting AS f INNER JOIN whole AS w ON f.place = w.place AND f.value = w.value
  WHERE f.rows >= 3 AND f.rows * 2 >= w.rows
)
SELECT request_row, kind, value, place, group_value,
  CAST(of_spend AS DECIMAL(38,0)) AS of_spend, CAST(of_charge AS DECIMAL(38,0)) AS of_charge,
  'internal_margin' AS cause,
  'spend is ' || rtrim(printf('%d.%06d', CAST(ppm // 1000000 AS BIGINT),
    CAST(ppm % 1000000 AS BIGINT)), '0') || ' times the charge on ' || rows || ' of ' || of_rows
    || ' calls of the ' || kind || ' ' || value AS evidence
FROM chosen WHERE nth = 1
