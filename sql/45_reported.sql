-- reads:  book.above, raw.bill
-- writes: book.reported
-- grain:  one row a drifting request whose spend is what the provider's own file bills for its id
SELECT a.request_row, 'provider_reported_cost' AS cause,
  'the provider''s own file bills this amount for the call' AS evidence
FROM book.above AS a
INNER JOIN (
  SELECT request_id, file_id, SUM(amount_usd) AS bill_usd
  FROM raw.bill WHERE request_id IS NOT NULL
  GROUP BY request_id, file_id
) AS b ON b.request_id = a.provider_request_id OR b.request_id = a.response_id
  OR b.request_id = a.request_id
WHERE a.request_row IS NOT NULL AND a.spend_usd IS NOT NULL
  AND ABS(a.spend_usd - b.bill_usd) <= 0.000000000001
GROUP BY a.request_row
