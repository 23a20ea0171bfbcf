-- reads:  published.controls, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.controls IS
  'one row a total that a gateway states of itself, beside what its rows come to';
COMMENT ON COLUMN published.controls.statement IS
  'what is totalled: a column of a daily table, or a counter';
COMMENT ON COLUMN published.controls.gateway IS
  'gateway';
COMMENT ON COLUMN published.controls.day IS
  'UTC day; none for counters';
COMMENT ON COLUMN published.controls.owner_kind IS
  'team, user, end_user or organization, where the total is of one';
COMMENT ON COLUMN published.controls.owner IS
  'which';
COMMENT ON COLUMN published.controls.measure IS
  'what it is compared with: spend_usd, a kind of tokens, requests, successes or failures';
COMMENT ON COLUMN published.controls.stated IS
  'the total, in USD, tokens or requests';
COMMENT ON COLUMN published.controls.of_rows IS
  'the sum of the rows';
COMMENT ON COLUMN published.controls.difference IS
  'stated less of_rows';
COMMENT ON COLUMN published.controls.status IS
  'ok, no_rows, total_is_less, rows_are_less, or not_comparable';
