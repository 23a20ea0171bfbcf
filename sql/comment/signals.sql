-- reads:  published.signals, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.signals IS
  'how far each of the five signals that attribution needs is there, by gateway, tenant, route, '
  'model family and day';
COMMENT ON COLUMN published.signals.gateway IS
  'gateway, or langfuse or trace only where no gateway logged the call';
COMMENT ON COLUMN published.signals.gateway_version IS
  'its release, where the row, its span, a logged header or the settings name it';
COMMENT ON COLUMN published.signals.tenant_id IS
  'tenant';
COMMENT ON COLUMN published.signals.route IS
  'operation and requested model';
COMMENT ON COLUMN published.signals.model_family IS
  'the model''s name without version and date';
COMMENT ON COLUMN published.signals.day IS
  'UTC day';
COMMENT ON COLUMN published.signals.signal IS
  'request_id, tenant, token_types, response_model or workflow';
COMMENT ON COLUMN published.signals.state IS
  'present, partial, absent, or denied: withheld by the export';
COMMENT ON COLUMN published.signals.how IS
  'what decided the state';
COMMENT ON COLUMN published.signals.requests IS
  'requests';
COMMENT ON COLUMN published.signals.requests_bp IS
  'their part of the requests of the same gateway, tenant, route, '
  'family and day, in hundredths of a percent';
COMMENT ON COLUMN published.signals.spend_usd IS
  'their spend';
COMMENT ON COLUMN published.signals.charge_usd IS
  'their charge';
COMMENT ON COLUMN published.signals.usd IS
  'their charge, or spend where they have no charge';
COMMENT ON COLUMN published.signals.money_bp IS
  'its part, likewise';
COMMENT ON COLUMN published.signals.at_risk_usd IS
  'usd, unless the signal is present';
COMMENT ON COLUMN published.signals.by_default IS
  'what the gateway gives of the signal without further configuration: present, partial or absent';
COMMENT ON COLUMN published.signals.remedy IS
  'which configuration closes the gap';
