-- reads:  book.above, book.unusual, book.settled, book.tolerance, raw.bill, raw.request_kind
-- writes: book.reported
-- grain:  one row a drifting request whose spend is what the provider's own file bills for its id,
--         or what the provider's answer states, or what the caller told the gateway to record, or
--         the row's tokens at the prices that it states itself; and
--         one a request whose spend is the charge, though its answer states another amount. This
--         is no drift of the spend (part_usd is 0) but of the bill
SELECT a.request_row, 'provider_reported_cost' AS cause,
  'the provider''s own file bills this amount for the call' AS evidence,
  CAST(NULL AS DECIMAL(38,15)) AS part_usd
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
UNION ALL
SELECT a.request_row,
  CASE k.spend_origin WHEN 'provider' THEN 'provider_reported_cost' ELSE 'internal_margin' END,
  CASE k.spend_origin
    WHEN 'caller' THEN 'the caller gave the gateway a price of its own for the call'
    WHEN 'rates' THEN 'the gateway''s own prices for the call, which the row states'
    ELSE 'the provider''s own answer states this amount' END, NULL
FROM book.above AS a
INNER JOIN raw.request_kind AS k ON a.request_kind = k.kind_id
WHERE (k.spend_origin IN ('provider', 'caller')
    OR k.spend_origin = 'rates' AND a.usage_source <> 'trace')
  AND a.request_row IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM raw.bill AS b
    WHERE b.request_id IN (a.provider_request_id, a.response_id, a.request_id))
UNION ALL
SELECT u.request_row, 'provider_reported_cost', 'the provider''s own answer states '
  || rtrim(rtrim(CAST(u.stated_usd AS VARCHAR), '0'), '.')
  || ' USD, and the gateway recorded another amount', CAST(0 AS DECIMAL(38,15))
FROM book.unusual AS u
INNER JOIN book.tolerance AS w ON w.scope = ''
WHERE NOT u.is_above AND u.request_row NOT IN (SELECT request_row FROM book.settled)
  AND ABS(u.stated_usd - u.spend_usd) > w.usd
