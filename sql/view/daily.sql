-- reads:  drift, a table of the published database that the script works in
-- writes: the view daily, and what its columns mean
-- grain:  one row a provider, UTC day and model
CREATE VIEW daily AS
SELECT provider, day, response_model, CAST(SUM(quantity_charged) AS BIGINT) AS tokens,
  CAST(SUM(quantity_provider) AS BIGINT) AS tokens_provider,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(bill_usd) AS DECIMAL(38,15)) AS bill_usd,
  CAST(SUM(volume_usd) AS DECIMAL(38,15)) AS volume_usd,
  CAST(SUM(price_usd) AS DECIMAL(38,15)) AS price_usd,
  CAST(SUM(non_usage_usd) + SUM(rest_usd) AS DECIMAL(38,15)) AS other_usd
FROM drift
GROUP BY provider, day, response_model
ORDER BY provider, day, response_model;
COMMENT ON VIEW daily IS
  'spend, charge and bill of each provider, day and model, and by what bill and charge differ';
COMMENT ON COLUMN daily.provider IS 'provider';
COMMENT ON COLUMN daily.day IS 'UTC day';
COMMENT ON COLUMN daily.response_model IS 'model; empty for what names none';
COMMENT ON COLUMN daily.tokens IS 'tokens that are charged, of all types';
COMMENT ON COLUMN daily.tokens_provider IS 'tokens that the provider counted';
COMMENT ON COLUMN daily.spend_usd IS 'what the gateway recorded';
COMMENT ON COLUMN daily.charge_usd IS 'tokens times prices';
COMMENT ON COLUMN daily.bill_usd IS 'what the provider billed';
COMMENT ON COLUMN daily.volume_usd IS
  'bill less charge by tokens: the provider''s less ours, at our price';
COMMENT ON COLUMN daily.price_usd IS 'bill less charge by price';
COMMENT ON COLUMN daily.other_usd IS
  'bill less charge by what is beside usage, or where tokens, price or bill are not known';
