-- heavy
-- reads:  raw.request, raw.span, book.pair, book.answer, book.stated_version
-- writes: book.version
-- grain:  one row a gateway row of which the gateway's release is known: the row names it, or its
--         span when the gateway wrote that, or a header that its caller logged, or the settings
WITH known AS (
  SELECT row_id AS request_row, gateway_version AS own, CAST(NULL AS VARCHAR) AS of_span,
    CAST(NULL AS VARCHAR) AS of_answer, CAST(NULL AS VARCHAR) AS stated
  FROM raw.request WHERE gateway_version IS NOT NULL
  UNION ALL
  SELECT p.request_row, NULL, s.gateway_version, NULL, NULL
  FROM raw.span AS s INNER JOIN book.pair AS p ON s.row_id = p.span_row
  WHERE s.gateway_version IS NOT NULL
  UNION ALL
  SELECT request_row, NULL, NULL, gateway_version, NULL
  FROM book.answer WHERE request_row IS NOT NULL AND gateway_version IS NOT NULL
  UNION ALL
  SELECT r.row_id, NULL, NULL, NULL, v.version
  FROM book.stated_version AS v
  INNER JOIN raw.request AS r
    ON v.gateway = r.gateway AND r.started_day >= v.from_day
    AND (v.to_day = '' OR r.started_day < v.to_day)
)
SELECT request_row, COALESCE(MAX(own), MAX(of_span), MAX(of_answer), MAX(stated)) AS version
FROM known GROUP BY request_row
