-- reads:  book.above, book.what_if, raw.request_kind
-- writes: book.call_group
-- grain:  one row a request that drifts, with both charge and spend, and group of calls that a
--         margin on it may be common to (a place of book.groups_of). Amounts are whole
--         picodollars, so that a factor is exact. is_open: no changed assumption gives the
--         gateway's figure, or, of a gateway and an integration, none but that it is half; groups
--         without such calls have no row
WITH drifting AS (
  SELECT r.request_row, r.started_day AS day, w.request_row IS NULL AS is_open,
    COALESCE(w.is_half, FALSE) AS is_half,
    CAST(r.spend_usd * 1000000000000 AS BIGINT) AS spend,
    CAST(r.charge_usd * 1000000000000 AS BIGINT) AS charge,
    book.groups_of(r.gateway, r.gateway_version, r.provider, r.model, r.tenant_id, g.api_key_id)
      AS groups, g.api_key_name
  FROM book.above AS r
  INNER JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  LEFT JOIN (SELECT request_row, bool_and(cause = 'charged_half') AS is_half FROM book.what_if
    GROUP BY request_row) AS w ON r.request_row = w.request_row
  WHERE r.request_row IS NOT NULL AND r.charge_status = 'rated' AND r.charge_usd > 0
    AND r.charge_usd < 1000000 AND r.spend_usd > 0 AND r.spend_usd < 1000000
),
member AS (
  SELECT request_row, day, is_open OR is_half AND place <= 2 AS is_open, is_half, spend, charge,
    api_key_name, of, place
  FROM (SELECT *, unnest(groups) AS of, unnest(range(1, 8)) AS place FROM drifting)
),
open AS (
  SELECT place, of FROM member WHERE is_open GROUP BY place, of HAVING COUNT(*) >= 2
)
SELECT m.request_row, m.place, m.of,
  CASE WHEN m.place = 5 THEN COALESCE(m.api_key_name, m.of) ELSE m.of END AS name, m.day,
  m.is_open, m.is_half, m.spend, m.charge
FROM member AS m INNER JOIN open AS o ON m.place = o.place AND m.of = o.of
