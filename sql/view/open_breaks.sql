-- reads:  breaks, a table of the published database that the script works in
-- writes: the view open_breaks, and what its columns mean
-- grain:  one row a break, the dearest first
CREATE VIEW open_breaks AS
SELECT cause, drift_usd, provider, response_model, day, tenant_id, request_id, rows, is_material,
  evidence, source_file, source_line
FROM breaks WHERE is_break
ORDER BY ABS(drift_usd) DESC, provider, day, response_model, tenant_id, request_id, cause;
COMMENT ON VIEW open_breaks IS 'the breaks that need action, the dearest first';
COMMENT ON COLUMN open_breaks.cause IS 'why the figures differ';
COMMENT ON COLUMN open_breaks.drift_usd IS
  'the earlier figure less the later: spend less charge, or charge less bill';
COMMENT ON COLUMN open_breaks.provider IS 'provider';
COMMENT ON COLUMN open_breaks.response_model IS 'model';
COMMENT ON COLUMN open_breaks.day IS 'UTC day';
COMMENT ON COLUMN open_breaks.tenant_id IS 'tenant, where one request is meant';
COMMENT ON COLUMN open_breaks.request_id IS 'request, where one is meant';
COMMENT ON COLUMN open_breaks.rows IS 'rows that it is told of';
COMMENT ON COLUMN open_breaks.is_material IS 'large enough to decide the verdict';
COMMENT ON COLUMN open_breaks.evidence IS 'what decided the cause';
COMMENT ON COLUMN open_breaks.source_file IS 'file to look at';
COMMENT ON COLUMN open_breaks.source_line IS 'line in it';
