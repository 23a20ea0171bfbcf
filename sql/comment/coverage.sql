-- reads:  published.coverage, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.coverage IS
  'how much of what is billed for use the gateway saw and a trace backs, by provider, day, '
  'account, key, project, workspace and team';
COMMENT ON COLUMN published.coverage.scope IS
  'provider, day, account (of several), key, project, workspace or team';
COMMENT ON COLUMN published.coverage.provider IS 'provider';
COMMENT ON COLUMN published.coverage.name IS 'the account, key, project, workspace, team or day';
COMMENT ON COLUMN published.coverage.day IS 'UTC day, of the scope day';
COMMENT ON COLUMN published.coverage.billed_usd IS
  'billed for use; for a team, whom no bill names, its charge';
COMMENT ON COLUMN published.coverage.gateway_usd IS 'the part that the gateway logged';
COMMENT ON COLUMN published.coverage.trace_usd IS 'the part that a trace saw';
COMMENT ON COLUMN published.coverage.gateway_bp IS
  'gateway_usd in hundredths of a percent of billed_usd, rounded down: 10000 is all';
COMMENT ON COLUMN published.coverage.trace_bp IS 'trace_usd likewise';
COMMENT ON COLUMN published.coverage.is_outside IS
  'true for an account, key, project or workspace that is billed and that the gateway never saw';
