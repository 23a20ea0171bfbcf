-- reads:  book.above, book.rated, raw.request, raw.bill
-- writes: book.reported
-- grain:  one row a drifting request whose spend is what the provider's own file bills for its id
SELECT a.request_row, 'provider_reported_cost' AS cause,
  'the provider''s own file bills this amount for the call' AS evidence
FROM book.above AS a
INNER JOIN book.rated AS r ON a.request_row = r.request_row
INNER JOIN raw.request AS g ON a.request_row = g.row_id
INNER JOIN (
  SELECT request_id, file_id, SUM(amount_usd) AS bill_usd
  FROM raw.bill WHERE request_id IS NOT NULL
  GROUP BY request_id, file_id
) AS b ON b.request_id = g.provider_request_id OR b.request_id = g.response_id
  OR b.request_id = g.request_id
WHERE r.spend_usd IS NOT NULL AND ABS(r.spend_usd - b.bill_usd) <= 0.000000000001
GROUP BY a.request_row
