-- reads:  book.usage, book.bill, book.provider_key, book.provider_call, book.effect
-- writes: book.provider_state
-- grain:  one row a provider row of the period that counts: in which state of matching it is. A
--         row with a request's id is matched by it, any other by its bucket; what is billed beside
--         usage is not comparable
WITH told AS (
  SELECT 'usage' AS leg, u.row_id, u.provider, u.day, u.model, u.request_id,
    FALSE AS is_beside
  FROM book.usage AS u WHERE u.is_counted AND u.is_in_period
  UNION ALL
  SELECT 'bill', b.row_id, b.provider, b.day, b.model, b.request_id,
    b.charge_category <> 'usage'
  FROM book.bill AS b WHERE b.is_counted AND b.is_in_period
),
bucket AS (
  SELECT DISTINCT provider, account_id, key_id, day, model, match_state
  FROM book.effect WHERE NOT is_beside
)
SELECT t.leg, t.row_id, t.provider,
  CASE WHEN t.is_beside THEN 'not_comparable'
    WHEN c.request_row IS NOT NULL AND c.span_row IS NOT NULL THEN 'all_three'
    WHEN c.request_row IS NOT NULL THEN 'gateway_provider'
    WHEN c.span_row IS NOT NULL THEN 'trace_provider'
    WHEN c.request_id IS NOT NULL THEN 'only_provider'
    ELSE COALESCE(b.match_state, 'only_provider') END AS match_state
FROM told AS t
LEFT JOIN book.provider_key AS k ON t.leg = k.leg AND t.row_id = k.row_id
LEFT JOIN book.provider_call AS c ON t.request_id = c.request_id
LEFT JOIN bucket AS b
  ON t.provider = b.provider AND COALESCE(k.account_id, '') = b.account_id
  AND COALESCE(k.key_id, '') = b.key_id AND t.day = b.day AND t.model = b.model
