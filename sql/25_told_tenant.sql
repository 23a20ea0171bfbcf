-- reads:  book.told_row, book.tenant_rule, book.pair, book.lone_call, book.same_call, raw.request,
--         raw.span
-- writes: book.told_tenant
-- grain:  one row a gateway row, or call that only traces saw, when rules are configured: its
--         tenant by the first rule that says something, asked of the gateway row, its span, other
--         spans of the same response, and spans of its trace that name just one
WITH call AS (
  SELECT row_id, place, 2 AS rank, tenant_id FROM book.told_row WHERE leg = 'trace'
  UNION ALL
  SELECT k.row_id, t.place, 3, t.tenant_id
  FROM book.same_call AS k
  INNER JOIN book.same_call AS o ON k.response_id = o.response_id
  INNER JOIN book.told_row AS t ON t.leg = 'trace' AND o.row_id = t.row_id
  WHERE k.is_kept
  UNION ALL
  SELECT s.row_id, w.place, 4, w.tenant_id
  FROM raw.span AS s
  INNER JOIN (
    SELECT m.trace_id, t.place, MIN(t.tenant_id) AS tenant_id
    FROM book.told_row AS t INNER JOIN raw.span AS m ON t.row_id = m.row_id
    WHERE t.leg = 'trace' GROUP BY m.trace_id, t.place
    HAVING MIN(t.tenant_id) = MAX(t.tenant_id)
  ) AS w ON s.trace_id = w.trace_id
  WHERE s.role IN ('llm_call', 'gateway')
),
offered AS (
  SELECT row_id AS request_row, CAST(NULL AS BIGINT) AS span_row, place, 1 AS rank, tenant_id
  FROM book.told_row WHERE leg = 'gateway'
  UNION ALL
  SELECT p.request_row, NULL, c.place, c.rank, c.tenant_id
  FROM book.pair AS p INNER JOIN call AS c ON p.span_row = c.row_id
  UNION ALL
  SELECT NULL, l.row_id, c.place, c.rank, c.tenant_id
  FROM book.lone_call AS l INNER JOIN call AS c ON l.row_id = c.row_id
  UNION ALL
  SELECT row_id, NULL, 1000000, 9, 'unattributed' FROM raw.request
  WHERE EXISTS (SELECT 1 FROM book.tenant_rule)
  UNION ALL
  SELECT NULL, row_id, 1000000, 9, 'unattributed' FROM book.lone_call
  WHERE EXISTS (SELECT 1 FROM book.tenant_rule)
),
ranked AS (
  SELECT *, row_number() OVER (
    PARTITION BY request_row, span_row ORDER BY place, rank, tenant_id) AS nth
  FROM offered
)
SELECT o.request_row, o.span_row, o.tenant_id,
  CASE WHEN r.place IS NULL THEN 'none'
    ELSE 'rule ' || r.place || ': ' || CASE o.rank WHEN 1 THEN 'gateway ' ELSE 'trace ' END
      || r.field || CASE WHEN r.key <> '' THEN '.' || r.key ELSE '' END
      || CASE WHEN r.prefix <> '' THEN ' ' || r.prefix ELSE '' END END AS tenant_rule
FROM ranked AS o LEFT JOIN book.tenant_rule AS r ON o.place = r.place
WHERE o.nth = 1
