-- reads:  published.identity, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.identity IS
  'one row an identity that must hold between two figures, and what it is held of; counts stand '
  'before money, because they tell volume from price';
COMMENT ON COLUMN published.identity.place IS 'order of the identities';
COMMENT ON COLUMN published.identity.identity IS 'I1 to I13';
COMMENT ON COLUMN published.identity.statement IS 'what must be equal: left = right';
COMMENT ON COLUMN published.identity.unit IS
  'rows, tokens, requests, usd, or keys, projects, workspaces';
COMMENT ON COLUMN published.identity.provider IS 'provider';
COMMENT ON COLUMN published.identity.account IS 'the provider''s account, where both sides name it';
COMMENT ON COLUMN published.identity.key IS 'project or key, where both sides name it';
COMMENT ON COLUMN published.identity.day IS 'UTC day';
COMMENT ON COLUMN published.identity.response_model IS
  'the price list''s id of the model; * for all of a bill without models';
COMMENT ON COLUMN published.identity.token_type IS
  'token type; * where the bill is not split by it';
COMMENT ON COLUMN published.identity.source_file IS 'file, of identities within a file';
COMMENT ON COLUMN published.identity.rows IS 'rows compared one by one';
COMMENT ON COLUMN published.identity.rows_off IS 'rows among them that differ';
COMMENT ON COLUMN published.identity.left_value IS 'figure on the left';
COMMENT ON COLUMN published.identity.right_value IS 'figure on the right';
COMMENT ON COLUMN published.identity.difference IS 'left less right';
COMMENT ON COLUMN published.identity.tolerance IS 'difference that is allowed';
COMMENT ON COLUMN published.identity.status IS
  'ok, rounding, provisional, price, volume, bypass, unmapped_model, committed or not_comparable';
