-- reads:  published.chargeback, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.chargeback IS
  'what tenants and pools pay by UTC day, provider, response model, token type and class of '
  'workflow';
COMMENT ON COLUMN published.chargeback.tenant_id IS 'tenant, or a pool in brackets';
COMMENT ON COLUMN published.chargeback.kind IS 'tenant or pool';
COMMENT ON COLUMN published.chargeback.tenant_name IS
  'the tenant''s name on that day, from the configuration';
COMMENT ON COLUMN published.chargeback.cost_center IS 'its cost centre on that day';
COMMENT ON COLUMN published.chargeback.gl_account IS 'its account on that day';
COMMENT ON COLUMN published.chargeback.day IS 'UTC day';
COMMENT ON COLUMN published.chargeback.provider IS 'provider';
COMMENT ON COLUMN published.chargeback.response_model IS
  'the price list''s id of the model; empty where a bill names none';
COMMENT ON COLUMN published.chargeback.token_type IS
  'token type; unsplit where a bill does not say; the category of what is billed beside usage';
COMMENT ON COLUMN published.chargeback.workflow_class IS
  'class of the workflow run, as in workflows; empty when none is named';
COMMENT ON COLUMN published.chargeback.charge_status IS
  'as in requests: unpriced lines have no charge and stand in plain sight';
COMMENT ON COLUMN published.chargeback.basis IS
  'billed: its part of the bill; charged: its charge, where the provider has not billed yet; '
  'allocated: moved by a policy';
COMMENT ON COLUMN published.chargeback.origin IS
  'of allocated amounts: the pool or tenant where they stood; of billed ones that are of requests '
  'of another day, model, token type or state: which';
COMMENT ON COLUMN published.chargeback.method IS
  'of allocated amounts: by which policies they came, or shared out on the row that they left';
COMMENT ON COLUMN published.chargeback.ratio IS
  'of allocated amounts: the part of the origin''s amount; 1 together';
COMMENT ON COLUMN published.chargeback.requests IS
  'requests that had tokens of this type; not to be added over types';
COMMENT ON COLUMN published.chargeback.quantity IS
  'tokens, or calls for web_search, or the units of a charge that is not by tokens';
COMMENT ON COLUMN published.chargeback.charge_usd IS
  'exact charge; all tenants together are the charge of drift';
COMMENT ON COLUMN published.chargeback.amount_usd IS
  'what is paid, exact; all rows together are the bill, and the charge where there is no bill';
