-- reads:  nothing
-- writes: the empty schemas raw, book and report, and the tables that loading fills
-- grain:  raw.request one row a gateway row; raw.span a span; raw.usage and raw.bill a source
--         row and token type; all rows know their file and line, and are never altered. row_id
--         names a row in joins of this run and is in no report
CREATE SCHEMA raw;
CREATE SCHEMA book;
CREATE SCHEMA report;

CREATE TABLE raw.source_file (
  file_id BIGINT PRIMARY KEY, path VARCHAR NOT NULL, sha256 VARCHAR, bytes BIGINT,
  format VARCHAR, leg VARCHAR, recognised_by VARCHAR,
  rows_read BIGINT, rows_delivered BIGINT, rows_rejected BIGINT, rows_ignored BIGINT,
  rounded_amounts BIGINT, first_us BIGINT, last_us BIGINT);

CREATE TABLE raw.request (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, gateway VARCHAR NOT NULL,
  request_id VARCHAR NOT NULL, call_id VARCHAR, provider_request_id VARCHAR,
  response_id VARCHAR, parent_request_id VARCHAR, attempt BIGINT,
  organization_id VARCHAR, team_id VARCHAR, team_name VARCHAR, project_id VARCHAR,
  customer_id VARCHAR, user_id VARCHAR, api_key_id VARCHAR, api_key_name VARCHAR,
  tenant_tag VARCHAR, tags VARCHAR, provider VARCHAR, region VARCHAR, operation VARCHAR,
  requested_model VARCHAR, response_model VARCHAR, response_model_evidence VARCHAR,
  service_tier VARCHAR, is_streamed BOOLEAN, status VARCHAR, error_code VARCHAR,
  gateway_cache VARCHAR,
  input BIGINT, cache_read BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT,
  cache_write BIGINT, output BIGINT, reasoning BIGINT, audio_in BIGINT,
  audio_cached_in BIGINT, audio_out BIGINT, image_in BIGINT, image_cached_in BIGINT,
  image_out BIGINT, web_search BIGINT, prompt_tokens BIGINT,
  usage_convention VARCHAR, usage_convention_how VARCHAR, usage_problem VARCHAR,
  usage_origin VARCHAR, spend_usd DECIMAL(38,15), spend_original_usd DECIMAL(38,15),
  spend_text VARCHAR, spend_unit VARCHAR, spend_status VARCHAR,
  trace_id VARCHAR, span_id VARCHAR, session_id VARCHAR, workflow_id VARCHAR,
  started_us BIGINT NOT NULL, ended_us BIGINT, started_day VARCHAR NOT NULL,
  ended_day VARCHAR);

CREATE TABLE raw.span (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, item BIGINT NOT NULL,
  trace_id VARCHAR, span_id VARCHAR, parent_span_id VARCHAR, span_name VARCHAR,
  service_name VARCHAR, scope_name VARCHAR, dialect VARCHAR, role VARCHAR, operation VARCHAR,
  request_id VARCHAR, call_id VARCHAR, provider_request_id VARCHAR, response_id VARCHAR,
  organization_id VARCHAR, team_id VARCHAR, team_name VARCHAR, project_id VARCHAR,
  customer_id VARCHAR, user_id VARCHAR, api_key_id VARCHAR, api_key_name VARCHAR,
  tenant_tag VARCHAR, session_id VARCHAR, workflow_id VARCHAR, workflow_name VARCHAR,
  agent_name VARCHAR, provider VARCHAR, requested_model VARCHAR, response_model VARCHAR,
  response_model_evidence VARCHAR, service_tier VARCHAR, is_streamed BOOLEAN,
  status VARCHAR, error_type VARCHAR,
  input BIGINT, cache_read BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT,
  cache_write BIGINT, output BIGINT, reasoning BIGINT, audio_in BIGINT,
  audio_cached_in BIGINT, audio_out BIGINT, image_in BIGINT, image_cached_in BIGINT,
  image_out BIGINT, web_search BIGINT, prompt_tokens BIGINT, total_tokens BIGINT,
  usage_convention VARCHAR, usage_convention_how VARCHAR, usage_problem VARCHAR,
  usage_quality VARCHAR, cost_usd DECIMAL(38,15), cost_text VARCHAR,
  attributes BIGINT, attrs VARCHAR,
  started_us BIGINT NOT NULL, ended_us BIGINT, started_day VARCHAR NOT NULL);

CREATE TABLE raw.usage (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, provider VARCHAR NOT NULL,
  account_id VARCHAR, project_id VARCHAR, workspace_id VARCHAR, api_key_id VARCHAR,
  user_id VARCHAR, request_id VARCHAR, model_raw VARCHAR, service_tier VARCHAR,
  context_tier VARCHAR, region VARCHAR, bucket_from_us BIGINT NOT NULL,
  bucket_to_us BIGINT NOT NULL, bucket_day VARCHAR NOT NULL, grain VARCHAR NOT NULL,
  grouped_by VARCHAR, token_type VARCHAR, quantity BIGINT, requests BIGINT);

CREATE TABLE raw.bill (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, provider VARCHAR NOT NULL,
  account_id VARCHAR, project_id VARCHAR, workspace_id VARCHAR, api_key_id VARCHAR,
  user_id VARCHAR, request_id VARCHAR, model_raw VARCHAR, service_tier VARCHAR,
  context_tier VARCHAR, region VARCHAR, bucket_from_us BIGINT NOT NULL,
  bucket_to_us BIGINT NOT NULL, bucket_day VARCHAR NOT NULL, grain VARCHAR NOT NULL,
  grouped_by VARCHAR, token_type VARCHAR, invoice_id VARCHAR, line_item VARCHAR,
  charge_category VARCHAR, amount_usd DECIMAL(38,15), amount_text VARCHAR,
  currency VARCHAR, amount_quantum DECIMAL(38,15), quantity BIGINT, is_estimated BOOLEAN);

CREATE TABLE raw.control (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL,
  statement VARCHAR NOT NULL, scope VARCHAR, quantity BIGINT, amount_usd DECIMAL(38,15),
  amount_text VARCHAR);

CREATE TABLE raw.reject (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL,
  reason VARCHAR NOT NULL, excerpt VARCHAR);

-- What the run was told, one row.
CREATE TABLE book.period (
  period_from_us BIGINT, period_to_us BIGINT, from_day VARCHAR, to_day VARCHAR,
  tolerance_usd DECIMAL(38,15), tolerance_pct DECIMAL(9,6), as_of_us BIGINT,
  has_gateway BOOLEAN, has_trace BOOLEAN, has_usage BOOLEAN, has_bill BOOLEAN);

-- The tolerances of the configuration; scope is '' (all), provider, model or tenant.
CREATE TABLE book.tolerance (
  scope VARCHAR, name VARCHAR, usd DECIMAL(38,15), pct DECIMAL(9,6),
  material_usd DECIMAL(38,15), material_pct DECIMAL(9,6));

-- How long after its end a day may still change, by provider; '' for all others.
CREATE TABLE book.settle (provider VARCHAR, settle_us BIGINT);

-- How each name found in the files resolves, for each span of time: filled from the price book.
CREATE TABLE book.model_key (
  provider_raw VARCHAR, model_raw VARCHAR, tier_raw VARCHAR, region_raw VARCHAR,
  from_us BIGINT, to_us BIGINT, provider VARCHAR, model VARCHAR, price_key VARCHAR,
  status VARCHAR, hint VARCHAR, path VARCHAR);

-- The price list rows that the names of this run resolve to, wide: USD a token.
CREATE TABLE book.sheet (
  sheet_id BIGINT, price_key VARCHAR, provider VARCHAR, model VARCHAR, service_tier VARCHAR,
  region VARCHAR, from_us BIGINT, to_us BIGINT, min_prompt BIGINT, max_prompt BIGINT,
  tod_from_us BIGINT, tod_to_us BIGINT,
  input DECIMAL(19,15), cache_read DECIMAL(19,15), cache_write_5m DECIMAL(19,15),
  cache_write_1h DECIMAL(19,15), cache_write DECIMAL(19,15), output DECIMAL(19,15),
  reasoning DECIMAL(19,15), audio_in DECIMAL(19,15), audio_cached_in DECIMAL(19,15),
  audio_out DECIMAL(19,15), image_in DECIMAL(19,15), image_cached_in DECIMAL(19,15),
  image_out DECIMAL(19,15), web_search DECIMAL(19,15));

-- The same prices long, with where each comes from.
CREATE TABLE book.price (
  sheet_id BIGINT, token_type VARCHAR, usd_per_million DECIMAL(38,15),
  usd_per_token DECIMAL(19,15), effective_from VARCHAR, effective_to VARCHAR,
  source VARCHAR, status VARCHAR, observed_on VARCHAR, list_file VARCHAR, list_line BIGINT,
  fallback VARCHAR);
