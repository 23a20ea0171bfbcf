-- reads:  published.signals, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.signals IS
  'how far each of the five signals that attribution needs is there, by gateway and day';
COMMENT ON COLUMN published.signals.gateway IS 'gateway, or trace only';
COMMENT ON COLUMN published.signals.day IS 'UTC day';
COMMENT ON COLUMN published.signals.signal IS
  'request_id, tenant, token_types, response_model or workflow';
COMMENT ON COLUMN published.signals.state IS 'present, partial or absent';
COMMENT ON COLUMN published.signals.requests IS 'requests';
COMMENT ON COLUMN published.signals.spend_usd IS 'their spend';
COMMENT ON COLUMN published.signals.charge_usd IS 'their charge';
