-- reads:  published.sources, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.sources IS
  'one row an input file with its control totals: rows_read = rows_loaded + rows_rejected + '
  'rows_duplicate';
COMMENT ON COLUMN published.sources.path IS 'file as named';
COMMENT ON COLUMN published.sources.sha256 IS 'hash of its bytes';
COMMENT ON COLUMN published.sources.bytes IS 'size';
COMMENT ON COLUMN published.sources.format IS 'format recognised';
COMMENT ON COLUMN published.sources.leg IS 'gateway, trace or provider';
COMMENT ON COLUMN published.sources.recognised_by IS 'what decided the format';
COMMENT ON COLUMN published.sources.rows_read IS 'records read';
COMMENT ON COLUMN published.sources.rows_loaded IS 'records counted';
COMMENT ON COLUMN published.sources.rows_rejected IS 'records that could not be read';
COMMENT ON COLUMN published.sources.rows_duplicate IS
  'records that another file or row tells of too';
COMMENT ON COLUMN published.sources.rows_ignored IS
  'records that carry nothing of ours: empty buckets, spans of databases';
COMMENT ON COLUMN published.sources.rounded_amounts IS
  'amounts with more than 15 fraction digits, rounded half to even; the text is kept in the store';
COMMENT ON COLUMN published.sources.first_at IS 'earliest record, UTC';
COMMENT ON COLUMN published.sources.last_at IS 'latest record, UTC';
