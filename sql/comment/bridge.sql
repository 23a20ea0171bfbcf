-- reads:  published.bridge, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.bridge IS
  'the way from total spend to total bill of a provider and account, a row a cause, the largest '
  'first, unexplained and provisional last; spend_usd plus all amount_usd is bill_usd, or '
  'charge_usd where no bill is loaded';
COMMENT ON COLUMN published.bridge.provider IS 'provider';
COMMENT ON COLUMN published.bridge.account IS
  'the provider''s account, where the gateway names it too or the bill names just one';
COMMENT ON COLUMN published.bridge.step IS 'place of the step, 1 is the largest';
COMMENT ON COLUMN published.bridge.cause IS 'cause; NULL when spend and bill are equal';
COMMENT ON COLUMN published.bridge.rows IS 'findings in the step';
COMMENT ON COLUMN published.bridge.amount_usd IS
  'what the cause adds on the way from spend to bill';
COMMENT ON COLUMN published.bridge.spend_usd IS 'total spend';
COMMENT ON COLUMN published.bridge.charge_usd IS 'total charge';
COMMENT ON COLUMN published.bridge.bill_usd IS 'total bill, NULL when none is loaded';
