-- reads:  published.restatement, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.restatement IS
  'one row a figure of a provider that a newer version of the same file changed, day by day of '
  'the period; the newer figure counts';
COMMENT ON COLUMN published.restatement.source_file IS 'file as named';
COMMENT ON COLUMN published.restatement.old_sha256 IS 'hash of the version that is replaced';
COMMENT ON COLUMN published.restatement.new_sha256 IS 'hash of the version that replaces it';
COMMENT ON COLUMN published.restatement.provider IS 'provider';
COMMENT ON COLUMN published.restatement.day IS 'UTC day';
COMMENT ON COLUMN published.restatement.model IS 'model as the file names it';
COMMENT ON COLUMN published.restatement.token_type IS 'token type';
COMMENT ON COLUMN published.restatement.old_quantity IS
  'tokens before; NULL when the old version had none';
COMMENT ON COLUMN published.restatement.new_quantity IS
  'tokens now; NULL when the new version has none';
COMMENT ON COLUMN published.restatement.old_amount_usd IS 'amount billed before';
COMMENT ON COLUMN published.restatement.new_amount_usd IS 'amount billed now';
