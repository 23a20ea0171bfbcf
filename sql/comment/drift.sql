-- reads:  published.drift, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.drift IS
  'one row a provider, account and key where both sides know them, UTC day, response model and '
  'token type: tokens and USD of each leg, and what makes bill differ from charge';
COMMENT ON COLUMN published.drift.provider IS 'provider';
COMMENT ON COLUMN published.drift.account IS
  'the provider''s account, where gateway and provider both name it; else empty';
COMMENT ON COLUMN published.drift.key IS
  'project, key or both, where gateway and provider both name them; else empty';
COMMENT ON COLUMN published.drift.day IS 'UTC day';
COMMENT ON COLUMN published.drift.response_model IS
  'the price list''s id of the model; empty where a bill names none';
COMMENT ON COLUMN published.drift.token_type IS
  'token type, or unsplit: spend, request counts and bill rows that no source splits by type, or '
  'the category of what is billed beside usage: credit, discount, refund, tax, fee, commitment, '
  'adjustment, rounding; reasoning stands within output where the provider bills it so';
COMMENT ON COLUMN published.drift.match_state IS
  'which legs know the bucket: all_three, gateway_trace, gateway_provider, trace_provider, '
  'only_gateway, only_trace, only_provider; not_comparable for what is billed beside usage';
COMMENT ON COLUMN published.drift.is_settled IS 'false while the provider may still change the day';
COMMENT ON COLUMN published.drift.quantity_gateway IS 'tokens of requests that the gateway logged';
COMMENT ON COLUMN published.drift.quantity_trace IS 'tokens of requests that a trace saw';
COMMENT ON COLUMN published.drift.quantity_charged IS
  'tokens that should be billed: without gateway cache hits and failed attempts';
COMMENT ON COLUMN published.drift.quantity_provider IS
  'tokens that the provider''s usage export states, or its bill where no usage export covers the '
  'day';
COMMENT ON COLUMN published.drift.requests IS 'requests of the ledger (on unsplit rows)';
COMMENT ON COLUMN published.drift.requests_provider IS
  'requests that the provider counted (on unsplit rows)';
COMMENT ON COLUMN published.drift.spend_usd IS 'what the gateway recorded (on unsplit rows)';
COMMENT ON COLUMN published.drift.charge_usd IS 'what should have been paid';
COMMENT ON COLUMN published.drift.usage_charge_usd IS
  'the provider''s own counts times the list price';
COMMENT ON COLUMN published.drift.bill_usd IS 'what the provider billed';
COMMENT ON COLUMN published.drift.drift_usd IS
  'charge_usd less bill_usd, missing counted as 0: the four effects together, turned around';
COMMENT ON COLUMN published.drift.volume_usd IS
  'effect of tokens: the provider''s less ours, at our price';
COMMENT ON COLUMN published.drift.price_usd IS
  'effect of price: what is left of bill less charge where tokens and bill are known';
COMMENT ON COLUMN published.drift.non_usage_usd IS 'what is billed beside usage';
COMMENT ON COLUMN published.drift.rest_usd IS
  'bill less charge where tokens, price or bill are not known';
