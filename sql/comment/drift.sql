-- reads:  published.drift, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.drift IS
  'one row a provider, UTC day, response model and token type: tokens and USD of each leg';
COMMENT ON COLUMN published.drift.provider IS 'provider';
COMMENT ON COLUMN published.drift.day IS 'UTC day';
COMMENT ON COLUMN published.drift.response_model IS
  'the price list''s id of the model; empty where a bill names none';
COMMENT ON COLUMN published.drift.token_type IS
  'token type, or unsplit: spend, request counts and bill rows that no source splits by type; '
  'reasoning stands within output where the provider bills it so';
COMMENT ON COLUMN published.drift.quantity_gateway IS 'tokens of requests that the gateway logged';
COMMENT ON COLUMN published.drift.quantity_trace IS 'tokens of requests that a trace saw';
COMMENT ON COLUMN published.drift.quantity_charged IS
  'tokens that should be billed: without gateway cache hits and failed attempts';
COMMENT ON COLUMN published.drift.quantity_provider IS
  'tokens that the provider''s usage export states';
COMMENT ON COLUMN published.drift.requests IS 'requests of the ledger (on unsplit rows)';
COMMENT ON COLUMN published.drift.requests_provider IS
  'requests that the provider counted (on unsplit rows)';
COMMENT ON COLUMN published.drift.spend_usd IS 'what the gateway recorded (on unsplit rows)';
COMMENT ON COLUMN published.drift.charge_usd IS 'what should have been paid';
COMMENT ON COLUMN published.drift.usage_charge_usd IS
  'the provider''s own counts times the list price';
COMMENT ON COLUMN published.drift.bill_usd IS 'what the provider billed';
COMMENT ON COLUMN published.drift.drift_usd IS 'charge_usd less bill_usd, missing counted as 0';
