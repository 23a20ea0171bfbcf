-- reads:  published.breaks, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.breaks IS 'one row a finding: a break needs action, a note does not';
COMMENT ON COLUMN published.breaks.level IS
  'request, bucket (provider, day, model), pattern (what many requests or bill rows share, said '
  'once), provider, invoice or file';
COMMENT ON COLUMN published.breaks.cause IS
  'cause, from the list in README.md; two that explain it as well as each other stand as a|b';
COMMENT ON COLUMN published.breaks.is_break IS 'true for a break, false for a note';
COMMENT ON COLUMN published.breaks.is_material IS
  'true for a break above the materiality, where one is set: these decide the verdict';
COMMENT ON COLUMN published.breaks.provider IS 'provider';
COMMENT ON COLUMN published.breaks.response_model IS
  'the price list''s id of the model; * for all of a bill without models';
COMMENT ON COLUMN published.breaks.day IS 'UTC day';
COMMENT ON COLUMN published.breaks.tenant_id IS 'tenant';
COMMENT ON COLUMN published.breaks.request_id IS 'request';
COMMENT ON COLUMN published.breaks.tokens IS 'provider''s tokens less ours, of a bucket';
COMMENT ON COLUMN published.breaks.rows IS 'source rows that it covers';
COMMENT ON COLUMN published.breaks.spend_usd IS 'what the gateway recorded';
COMMENT ON COLUMN published.breaks.charge_usd IS 'what should have been paid';
COMMENT ON COLUMN published.breaks.bill_usd IS 'what was billed';
COMMENT ON COLUMN published.breaks.drift_usd IS
  'the earlier figure less the later: spend less charge, or charge less bill';
COMMENT ON COLUMN published.breaks.evidence IS 'what decided the cause';
COMMENT ON COLUMN published.breaks.source_file IS 'file to look at';
COMMENT ON COLUMN published.breaks.source_line IS 'line in that file';
