-- reads:  published.tenants, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.tenants IS 'what each tenant owes, and the rounding row';
COMMENT ON COLUMN published.tenants.tenant_id IS
  'tenant, or (rounding): the exact charge less the cents that all tenants pay';
COMMENT ON COLUMN published.tenants.requests IS 'requests';
COMMENT ON COLUMN published.tenants.spend_usd IS 'what the gateway recorded for it';
COMMENT ON COLUMN published.tenants.charge_usd IS 'exact charge';
COMMENT ON COLUMN published.tenants.payable_usd IS
  'charge in cents, shared out by largest remainder';
COMMENT ON COLUMN published.tenants.rounding_usd IS 'on the row (rounding): what cents leave over';
