-- reads:  chargeback, a table of the published database that the script works in
-- writes: the view cost_centers, and what its columns mean
-- grain:  one row a cost centre, GL account, tenant and provider
CREATE VIEW cost_centers AS
SELECT cost_center, gl_account, tenant_id, tenant_name, provider,
  CAST(SUM(amount_usd) AS DECIMAL(38,15)) AS amount_usd
FROM chargeback
GROUP BY cost_center, gl_account, tenant_id, tenant_name, provider
ORDER BY cost_center, gl_account, tenant_id, provider;
COMMENT ON VIEW cost_centers IS
  'what each cost centre pays for its tenants, by provider: all together are the bill';
COMMENT ON COLUMN cost_centers.cost_center IS 'cost centre, by the settings';
COMMENT ON COLUMN cost_centers.gl_account IS 'general ledger account, by the settings';
COMMENT ON COLUMN cost_centers.tenant_id IS 'tenant or pool';
COMMENT ON COLUMN cost_centers.tenant_name IS 'its name, by the settings';
COMMENT ON COLUMN cost_centers.provider IS 'provider';
COMMENT ON COLUMN cost_centers.amount_usd IS 'what it pays, exact';
