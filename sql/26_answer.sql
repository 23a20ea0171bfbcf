-- heavy
-- reads:  raw.answer, raw.request, raw.request_row, book.duplicate
-- writes: book.answer
-- grain:  one row a response of which an application logged the headers, with the gateway row that
--         it is, by the most precise id that both know: the gateway's call id, the response's id,
--         the provider's request id, or a trace id that one row alone has
WITH request AS (
  SELECT r.row_id, r.call_id, r.request_id, r.response_id, r.provider_request_id, r.trace_id,
    r.gateway
  FROM raw.request AS r
  LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
  WHERE d.row_id IS NULL
),
met AS (
  SELECT a.row_id, r.row_id AS request_row, 1 AS rule
  FROM raw.answer AS a INNER JOIN request AS r ON a.call_id = r.call_id
  UNION ALL
  SELECT a.row_id, r.row_id, 2
  FROM raw.answer AS a INNER JOIN request AS r ON a.call_id = r.request_id
  UNION ALL
  SELECT a.row_id, r.row_id, 3
  FROM raw.answer AS a INNER JOIN request AS r ON a.response_id = r.response_id
  UNION ALL
  SELECT a.row_id, r.row_id, 4
  FROM raw.answer AS a INNER JOIN request AS r ON a.provider_request_id = r.provider_request_id
  UNION ALL
  SELECT a.row_id, MIN(r.row_id), 5
  FROM raw.answer AS a INNER JOIN request AS r ON a.trace_id = r.trace_id
  GROUP BY a.row_id
  HAVING COUNT(*) = 1
),
ranked AS (
  SELECT m.row_id, m.request_row, m.rule,
    ROW_NUMBER() OVER (
      PARTITION BY m.row_id
      ORDER BY m.rule, r.started_us, r.file_id, r.line, r.request_id) AS place
  FROM met AS m INNER JOIN raw.request_row AS r ON m.request_row = r.row_id
)
SELECT a.row_id, a.file_id, a.line, a.gateway, a.gateway_version, a.call_id,
  a.provider_request_id, a.response_id,
  a.trace_id, a.model_id, a.spend_usd, a.at_us, m.request_row,
  CASE m.rule WHEN 1 THEN 'call_id' WHEN 2 THEN 'request_id' WHEN 3 THEN 'response_id'
    WHEN 4 THEN 'provider_request_id' WHEN 5 THEN 'trace_id' ELSE 'none' END AS match_rule
FROM raw.answer AS a
LEFT JOIN ranked AS m ON a.row_id = m.row_id AND m.place = 1
