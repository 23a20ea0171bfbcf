-- reads:  published.tenants, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.tenants IS
  'what each tenant and pool pays, by name, cost centre and account, and the rounding row';
COMMENT ON COLUMN published.tenants.tenant_id IS
  'tenant; a pool such as (no request), (no price), (credit); or (rounding): the exact amount '
  'less the cents that all pay';
COMMENT ON COLUMN published.tenants.kind IS 'tenant, pool or rounding';
COMMENT ON COLUMN published.tenants.tenant_name IS 'its name, from the configuration';
COMMENT ON COLUMN published.tenants.cost_center IS 'its cost centre, from the configuration';
COMMENT ON COLUMN published.tenants.gl_account IS
  'its account in the general ledger, from the configuration';
COMMENT ON COLUMN published.tenants.requests IS 'requests';
COMMENT ON COLUMN published.tenants.spend_usd IS 'what the gateway recorded for it';
COMMENT ON COLUMN published.tenants.charge_usd IS 'exact charge of its requests';
COMMENT ON COLUMN published.tenants.billed_usd IS 'its part of what providers billed';
COMMENT ON COLUMN published.tenants.unbilled_usd IS
  'its charge where the provider has not billed yet';
COMMENT ON COLUMN published.tenants.allocated_usd IS
  'what policies moved to it, or away from it';
COMMENT ON COLUMN published.tenants.amount_usd IS
  'what it pays, exact: billed, unbilled and allocated together; all rows are the bill and the '
  'charge without a bill';
COMMENT ON COLUMN published.tenants.payable_usd IS
  'amount in cents, shared out by largest remainder, equal ones by name';
COMMENT ON COLUMN published.tenants.rounding_usd IS 'on the row (rounding): what cents leave over';
