-- reads:  published.rejects, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.rejects IS 'one row a record that could not be read';
COMMENT ON COLUMN published.rejects.source_file IS 'file';
COMMENT ON COLUMN published.rejects.source_line IS 'line';
COMMENT ON COLUMN published.rejects.reason IS 'what is wrong';
COMMENT ON COLUMN published.rejects.excerpt IS 'the record''s shape, contents masked';
