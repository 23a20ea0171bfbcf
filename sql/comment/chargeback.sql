-- reads:  published.chargeback, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.chargeback IS
  'charge by tenant, UTC day, provider, response model and token type';
COMMENT ON COLUMN published.chargeback.tenant_id IS 'tenant';
COMMENT ON COLUMN published.chargeback.day IS 'UTC day';
COMMENT ON COLUMN published.chargeback.provider IS 'provider';
COMMENT ON COLUMN published.chargeback.response_model IS 'the price list''s id of the model';
COMMENT ON COLUMN published.chargeback.token_type IS 'token type';
COMMENT ON COLUMN published.chargeback.charge_status IS
  'as in requests: unpriced lines have no charge and stand in plain sight';
COMMENT ON COLUMN published.chargeback.requests IS
  'requests that had tokens of this type; not to be added over types';
COMMENT ON COLUMN published.chargeback.quantity IS 'tokens, or calls for web_search';
COMMENT ON COLUMN published.chargeback.charge_usd IS
  'exact charge; all tenants together are the charge of drift';
