-- reads:  published.prices, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.prices IS 'the prices that this run''s names resolve to';
COMMENT ON COLUMN published.prices.sheet_id IS 'joins to requests.sheet_id';
COMMENT ON COLUMN published.prices.provider IS 'provider';
COMMENT ON COLUMN published.prices.model IS 'model id of the list';
COMMENT ON COLUMN published.prices.service_tier IS 'service tier';
COMMENT ON COLUMN published.prices.region IS 'region, empty for the default';
COMMENT ON COLUMN published.prices.min_prompt IS 'prompt tokens from which the price holds';
COMMENT ON COLUMN published.prices.max_prompt IS 'prompt tokens below which it holds';
COMMENT ON COLUMN published.prices.valid_from IS 'first moment, UTC';
COMMENT ON COLUMN published.prices.valid_to IS 'moment after the last, UTC';
COMMENT ON COLUMN published.prices.token_type IS 'token type';
COMMENT ON COLUMN published.prices.usd_per_million IS 'price';
COMMENT ON COLUMN published.prices.effective_from IS 'since when the listed price holds';
COMMENT ON COLUMN published.prices.effective_to IS 'until when';
COMMENT ON COLUMN published.prices.source IS 'where the price was seen';
COMMENT ON COLUMN published.prices.status IS 'announced or in_force';
COMMENT ON COLUMN published.prices.observed_on IS 'when it was seen';
COMMENT ON COLUMN published.prices.list_file IS 'price list file';
COMMENT ON COLUMN published.prices.list_line IS 'line in it';
COMMENT ON COLUMN published.prices.fallback IS
  'which other price stands in, when the list has none of this type';
