-- reads:  book.charge_line
-- writes: book.chargeback
-- grain:  one row a tenant, UTC day, provider, model, token type and state of the charge
SELECT tenant_id, started_day AS day, provider, model, token_type, charge_status,
  CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(quantity) AS BIGINT) AS quantity,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd
FROM book.charge_line
GROUP BY tenant_id, started_day, provider, model, token_type, charge_status
