-- reads:  published.answers, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.answers IS
  'one row a response of which an application logged the headers, or a client''s span has '
  'them: the third place of the request id, and a second statement of the gateway''s figure';
COMMENT ON COLUMN published.answers.gateway IS
  'gateway, by the headers, else of its row';
COMMENT ON COLUMN published.answers.gateway_version IS
  'its release, as a header says';
COMMENT ON COLUMN published.answers.request_id IS
  'the gateway row that it is';
COMMENT ON COLUMN published.answers.match_rule IS
  'by which id they met: call_id, request_id, response_id, provider_request_id, '
  'trace_id, or none';
COMMENT ON COLUMN published.answers.call_id IS
  'the gateway''s id of the call, as the header says';
COMMENT ON COLUMN published.answers.provider_request_id IS
  'the provider''s request id';
COMMENT ON COLUMN published.answers.response_id IS
  'the response''s id, where it was logged';
COMMENT ON COLUMN published.answers.trace_id IS
  'trace id';
COMMENT ON COLUMN published.answers.deployment_id IS
  'id of the deployment that served the call, which is no response model';
COMMENT ON COLUMN published.answers.header_usd IS
  'what the gateway said that the call cost, in the header';
COMMENT ON COLUMN published.answers.spend_usd IS
  'what it recorded';
COMMENT ON COLUMN published.answers.difference_usd IS
  'header_usd less spend_usd';
COMMENT ON COLUMN published.answers.status IS
  'ok, differs, no_row (the gateway has no row of it), no_cost or no_spend';
COMMENT ON COLUMN published.answers.logged_at IS
  'when it was logged, UTC';
COMMENT ON COLUMN published.answers.source_file IS
  'file of the log';
COMMENT ON COLUMN published.answers.source_line IS
  'line in it';
