-- reads:  published.provider_rows, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.provider_rows IS
  'one row a record of a provider''s usage or bill that is of the period: what drift and '
  'chargeback come from, by file and line';
COMMENT ON COLUMN published.provider_rows.leg IS
  'usage or bill; a record that tells both has a row of each';
COMMENT ON COLUMN published.provider_rows.provider IS 'provider';
COMMENT ON COLUMN published.provider_rows.account IS
  'the provider''s account, organization or subscription, as the file says';
COMMENT ON COLUMN published.provider_rows.project IS 'its project or workspace';
COMMENT ON COLUMN published.provider_rows.day IS 'UTC day that it begins';
COMMENT ON COLUMN published.provider_rows.last_day IS
  'UTC day that it ends with: of a month or a week, the last one that most of is in it';
COMMENT ON COLUMN published.provider_rows.grain IS
  'minute, hour, day, month (or a week) or request: how long it is of';
COMMENT ON COLUMN published.provider_rows.response_model IS
  'the price list''s id of the model; empty where the file names none';
COMMENT ON COLUMN published.provider_rows.model IS 'the model as the file says';
COMMENT ON COLUMN published.provider_rows.service_tier IS 'service tier, if the file says';
COMMENT ON COLUMN published.provider_rows.token_type IS
  'token type; empty where the file does not split by it';
COMMENT ON COLUMN published.provider_rows.charge_category IS
  'of a bill: usage, credit, discount, refund, tax, fee, commitment, adjustment or rounding';
COMMENT ON COLUMN published.provider_rows.line_item IS 'of a bill: its text';
COMMENT ON COLUMN published.provider_rows.invoice_id IS 'of a bill: the invoice, if the file says';
COMMENT ON COLUMN published.provider_rows.quantity IS
  'tokens, or the units of a charge that is not by tokens';
COMMENT ON COLUMN published.provider_rows.requests IS 'requests that it counts, if the file says';
COMMENT ON COLUMN published.provider_rows.amount_usd IS 'of a bill: what it bills, exact';
COMMENT ON COLUMN published.provider_rows.usd_per_million IS
  'price of the list for such tokens; NULL where there is none';
COMMENT ON COLUMN published.provider_rows.charge_usd IS 'its quantity at that price';
COMMENT ON COLUMN published.provider_rows.is_counted IS
  'false where another export, version or view tells of the same: then it is in no figure';
COMMENT ON COLUMN published.provider_rows.source_file IS 'file';
COMMENT ON COLUMN published.provider_rows.source_line IS 'line';
