-- reads:  book.drifting, book.other_charge, book.price, book.sheet
-- writes: book.attempted
-- about: raw.request_row.other_charges
-- grain:  one row a drifting request within which the provider tried other models too: what the
--         attempts cost, what they would at the price of the model that answered, and what they
--         would if those were billed that are not
WITH told AS (
  SELECT d.request_row, s.model AS answered_by, o.model, o.charge_usd,
    CAST(o.quantity AS DECIMAL(18,0)) * o.usd_per_token AS full_usd,
    CAST(o.quantity AS DECIMAL(18,0)) * p.usd_per_token AS own_usd
  FROM book.drifting AS d
  INNER JOIN book.other_charge AS o ON d.request_row = o.call_row AND o.model IS NOT NULL
  INNER JOIN book.sheet AS s ON d.sheet_id = s.sheet_id
  LEFT JOIN book.price AS p ON d.sheet_id = p.sheet_id AND o.token_type = p.token_type
)
SELECT request_row, MIN(answered_by) AS answered_by,
  string_agg(DISTINCT model, ', ' ORDER BY model) AS models,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CASE WHEN COUNT(own_usd) = COUNT(*) THEN CAST(SUM(own_usd) AS DECIMAL(38,15)) END AS own_usd,
  CASE WHEN COUNT(full_usd) = COUNT(*) THEN CAST(SUM(full_usd) AS DECIMAL(38,15)) END
    AS full_usd
FROM told
GROUP BY request_row
