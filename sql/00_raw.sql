-- reads:  nothing
-- writes: the tables of raw that loading fills, once in the life of a store
-- grain:  raw.request one row a gateway row; raw.span a span; raw.usage and raw.bill a source
--         row and token type; all rows know their file and line, and are never altered. What
--         thousands of requests or spans of a file have in common is stored once, as their kind;
--         the views put both together. row_id and kind_id name rows in joins and are in no report
-- A text of a request that another column tells, such as one id under several names, is stored
-- once: the kind's columns from is_call_request on say which are left out of the row.
-- Ids differ from row to row: trying to compress them costs more than it saves.
CREATE TABLE raw.request_row (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, kind_id BIGINT NOT NULL,
  request_id VARCHAR NOT NULL USING COMPRESSION uncompressed,
  call_id VARCHAR USING COMPRESSION uncompressed, provider_request_id VARCHAR,
  response_id VARCHAR USING COMPRESSION uncompressed, parent_request_id VARCHAR, attempt BIGINT,
  customer_id VARCHAR,
  input BIGINT, cache_read BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT,
  cache_write BIGINT, output BIGINT, reasoning BIGINT, audio_in BIGINT,
  audio_cached_in BIGINT, audio_out BIGINT, image_in BIGINT, image_cached_in BIGINT,
  image_out BIGINT, web_search BIGINT, prompt_tokens BIGINT, other_charges VARCHAR,
  spend_usd DECIMAL(38,15), spend_original_usd DECIMAL(38,15), stated_usd DECIMAL(38,15),
  spend_text VARCHAR USING COMPRESSION uncompressed,
  trace_id VARCHAR USING COMPRESSION uncompressed, span_id VARCHAR,
  session_id VARCHAR USING COMPRESSION uncompressed,
  workflow_id VARCHAR USING COMPRESSION uncompressed,
  started_us BIGINT NOT NULL, ended_us BIGINT);

CREATE TABLE raw.request_kind (
  kind_id BIGINT NOT NULL, file_id BIGINT NOT NULL, gateway VARCHAR NOT NULL,
  gateway_version VARCHAR, withheld VARCHAR, organization_id VARCHAR, team_id VARCHAR,
  team_name VARCHAR, project_id VARCHAR, user_id VARCHAR, api_key_id VARCHAR,
  api_key_name VARCHAR, tenant_tag VARCHAR, tags VARCHAR, provider VARCHAR, region VARCHAR,
  operation VARCHAR, requested_model VARCHAR, response_model VARCHAR,
  response_model_evidence VARCHAR, service_tier VARCHAR, priced_model VARCHAR,
  priced_tier VARCHAR, is_streamed BOOLEAN, status VARCHAR, error_code VARCHAR,
  gateway_cache VARCHAR, usage_convention VARCHAR, usage_convention_how VARCHAR,
  usage_problem VARCHAR, usage_origin VARCHAR, spend_unit VARCHAR, spend_origin VARCHAR,
  spend_status VARCHAR, tool_cost VARCHAR, started_day VARCHAR NOT NULL, ended_day VARCHAR,
  is_call_request BOOLEAN, is_response_request BOOLEAN, is_workflow_session BOOLEAN,
  is_spend_shortest BOOLEAN);

CREATE VIEW raw.request AS
SELECT r.row_id, r.file_id, r.line, r.kind_id, k.gateway, k.gateway_version, k.withheld,
  r.request_id,
  CASE WHEN k.is_call_request THEN r.request_id ELSE r.call_id END AS call_id,
  r.provider_request_id,
  CASE WHEN k.is_response_request THEN r.request_id ELSE r.response_id END AS response_id,
  r.parent_request_id, r.attempt, k.organization_id, k.team_id, k.team_name,
  k.project_id, r.customer_id, k.user_id, k.api_key_id, k.api_key_name, k.tenant_tag, k.tags,
  k.provider, k.region, k.operation, k.requested_model, k.response_model,
  k.response_model_evidence, k.service_tier, k.priced_model, k.priced_tier, k.is_streamed,
  k.status, k.error_code,
  k.gateway_cache, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write,
  r.output, r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in,
  r.image_cached_in, r.image_out, r.web_search, r.prompt_tokens, r.other_charges,
  k.usage_convention,
  k.usage_convention_how, k.usage_problem, k.usage_origin, r.spend_usd, r.spend_original_usd,
  r.stated_usd,
  CASE WHEN k.is_spend_shortest THEN rtrim(rtrim(CAST(r.spend_usd AS VARCHAR), '0'), '.')
    ELSE r.spend_text END AS spend_text,
  k.spend_unit, k.spend_origin, k.spend_status, k.tool_cost, r.trace_id, r.span_id, r.session_id,
  CASE WHEN k.is_workflow_session THEN r.session_id ELSE r.workflow_id END AS workflow_id,
  r.started_us, r.ended_us, k.started_day, k.ended_day
FROM raw.request_row AS r INNER JOIN raw.request_kind AS k ON r.kind_id = k.kind_id;

CREATE TABLE raw.span_row (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, item BIGINT NOT NULL,
  kind_id BIGINT NOT NULL, trace_id VARCHAR USING COMPRESSION uncompressed,
  span_id VARCHAR USING COMPRESSION uncompressed,
  parent_span_id VARCHAR USING COMPRESSION uncompressed,
  request_id VARCHAR USING COMPRESSION uncompressed,
  call_id VARCHAR USING COMPRESSION uncompressed, provider_request_id VARCHAR,
  response_id VARCHAR USING COMPRESSION uncompressed, customer_id VARCHAR,
  session_id VARCHAR USING COMPRESSION uncompressed,
  workflow_id VARCHAR USING COMPRESSION uncompressed,
  input BIGINT, cache_read BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT,
  cache_write BIGINT, output BIGINT, reasoning BIGINT, audio_in BIGINT,
  audio_cached_in BIGINT, audio_out BIGINT, image_in BIGINT, image_cached_in BIGINT,
  image_out BIGINT, web_search BIGINT, prompt_tokens BIGINT, total_tokens BIGINT,
  other_charges VARCHAR,
  cost_usd DECIMAL(38,15), cost_text VARCHAR, started_us BIGINT NOT NULL, ended_us BIGINT,
  version_us BIGINT);

CREATE TABLE raw.span_kind (
  kind_id BIGINT NOT NULL, file_id BIGINT NOT NULL, span_name VARCHAR, service_name VARCHAR,
  scope_name VARCHAR, gateway_version VARCHAR, dialect VARCHAR, role VARCHAR, operation VARCHAR,
  organization_id VARCHAR, team_id VARCHAR, team_name VARCHAR, project_id VARCHAR,
  user_id VARCHAR, api_key_id VARCHAR, api_key_name VARCHAR, tenant_tag VARCHAR,
  workflow_name VARCHAR, agent_name VARCHAR, provider VARCHAR, requested_model VARCHAR,
  response_model VARCHAR, response_model_evidence VARCHAR, service_tier VARCHAR,
  is_streamed BOOLEAN, status VARCHAR, error_type VARCHAR, usage_convention VARCHAR,
  usage_convention_how VARCHAR, usage_problem VARCHAR, usage_quality VARCHAR,
  attributes BIGINT, attrs VARCHAR, started_day VARCHAR NOT NULL);

CREATE VIEW raw.span AS
SELECT s.row_id, s.file_id, s.line, s.item, s.kind_id, s.trace_id, s.span_id, s.parent_span_id,
  k.span_name, k.service_name, k.scope_name, k.gateway_version, k.dialect, k.role, k.operation,
  s.request_id, s.call_id, s.provider_request_id, s.response_id,
  k.organization_id, k.team_id, k.team_name, k.project_id, s.customer_id, k.user_id,
  k.api_key_id, k.api_key_name, k.tenant_tag,
  s.session_id, s.workflow_id, k.workflow_name, k.agent_name, k.provider, k.requested_model,
  k.response_model, k.response_model_evidence, k.service_tier, k.is_streamed, k.status,
  k.error_type, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.cache_write,
  s.output, s.reasoning, s.audio_in, s.audio_cached_in, s.audio_out, s.image_in,
  s.image_cached_in, s.image_out, s.web_search, s.prompt_tokens, s.total_tokens,
  s.other_charges,
  k.usage_convention, k.usage_convention_how, k.usage_problem, k.usage_quality, s.cost_usd,
  s.cost_text, k.attributes, k.attrs, s.started_us, s.ended_us, s.version_us, k.started_day
FROM raw.span_row AS s INNER JOIN raw.span_kind AS k ON s.kind_id = k.kind_id;

CREATE TABLE raw.usage (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, provider VARCHAR NOT NULL,
  account_id VARCHAR, project_id VARCHAR, workspace_id VARCHAR, api_key_id VARCHAR,
  user_id VARCHAR, request_id VARCHAR, model_raw VARCHAR, service_tier VARCHAR,
  context_tier VARCHAR, region VARCHAR, bucket_from_us BIGINT NOT NULL,
  bucket_to_us BIGINT NOT NULL, bucket_day VARCHAR NOT NULL, grain VARCHAR NOT NULL,
  grouped_by VARCHAR, correction VARCHAR, token_type VARCHAR, quantity BIGINT, requests BIGINT);

CREATE TABLE raw.bill (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, provider VARCHAR NOT NULL,
  account_id VARCHAR, project_id VARCHAR, workspace_id VARCHAR, api_key_id VARCHAR,
  user_id VARCHAR, request_id VARCHAR, model_raw VARCHAR, service_tier VARCHAR,
  context_tier VARCHAR, region VARCHAR, bucket_from_us BIGINT NOT NULL,
  bucket_to_us BIGINT NOT NULL, bucket_day VARCHAR NOT NULL, grain VARCHAR NOT NULL,
  grouped_by VARCHAR, correction VARCHAR, token_type VARCHAR, invoice_id VARCHAR,
  line_item VARCHAR, charge_category VARCHAR, amount_usd DECIMAL(38,15), amount_text VARCHAR,
  priced_usd DECIMAL(38,15), currency VARCHAR, amount_quantum DECIMAL(38,15), quantity BIGINT,
  is_estimated BOOLEAN);

CREATE TABLE raw.control (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL,
  statement VARCHAR NOT NULL, scope VARCHAR, quantity BIGINT, amount_usd DECIMAL(38,15),
  amount_text VARCHAR);

-- What applications got: the headers of responses.
CREATE TABLE raw.answer (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL, gateway VARCHAR,
  gateway_version VARCHAR, call_id VARCHAR, provider_request_id VARCHAR, response_id VARCHAR,
  trace_id VARCHAR,
  model_id VARCHAR, spend_usd DECIMAL(38,15), spend_text VARCHAR, at_us BIGINT);

CREATE TABLE raw.reject (
  row_id BIGINT NOT NULL, file_id BIGINT NOT NULL, line BIGINT NOT NULL,
  reason VARCHAR NOT NULL, excerpt VARCHAR);
