-- reads:  published.workflows, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.workflows IS 'one row a workflow run';
COMMENT ON COLUMN published.workflows.workflow_id IS
  'workflow id, else session, else trace id; empty for requests without any';
COMMENT ON COLUMN published.workflows.workflow_rule IS 'which of them it is';
COMMENT ON COLUMN published.workflows.workflow_name IS
  'class of workflow, from traces: the outermost workflow that is named';
COMMENT ON COLUMN published.workflows.tenant_id IS
  'tenant; the first by name when there are several';
COMMENT ON COLUMN published.workflows.tenants IS 'number of tenants';
COMMENT ON COLUMN published.workflows.calls IS 'requests, attempts included';
COMMENT ON COLUMN published.workflows.failed_attempts IS 'failed attempts among them';
COMMENT ON COLUMN published.workflows.retries IS
  'calls that the gateway made again, or elsewhere, after another attempt';
COMMENT ON COLUMN published.workflows.gateway_cache_hits IS 'answers from the gateway''s cache';
COMMENT ON COLUMN published.workflows.unpriced IS 'requests without a charge';
COMMENT ON COLUMN published.workflows.models IS 'number of models used';
COMMENT ON COLUMN published.workflows.model_names IS 'their names, by the price list';
COMMENT ON COLUMN published.workflows.prompt_tokens IS 'prompt tokens';
COMMENT ON COLUMN published.workflows.answered_tokens IS 'answer tokens, reasoning included';
COMMENT ON COLUMN published.workflows.input IS
  'uncached text tokens of the prompts';
COMMENT ON COLUMN published.workflows.cache_read IS
  'prompt tokens read from the provider''s cache';
COMMENT ON COLUMN published.workflows.cache_write_5m IS
  'tokens written to it for 5 minutes';
COMMENT ON COLUMN published.workflows.cache_write_1h IS
  'tokens written to it for 1 hour';
COMMENT ON COLUMN published.workflows.cache_write IS
  'tokens written to it, lifetime not stated';
COMMENT ON COLUMN published.workflows.output IS
  'answer tokens without reasoning';
COMMENT ON COLUMN published.workflows.reasoning IS
  'reasoning tokens';
COMMENT ON COLUMN published.workflows.audio_in IS
  'audio tokens of the prompts';
COMMENT ON COLUMN published.workflows.audio_cached_in IS
  'audio tokens read from the cache';
COMMENT ON COLUMN published.workflows.audio_out IS
  'audio tokens of the answers';
COMMENT ON COLUMN published.workflows.image_in IS
  'image tokens of the prompts';
COMMENT ON COLUMN published.workflows.image_cached_in IS
  'image tokens read from the cache';
COMMENT ON COLUMN published.workflows.image_out IS
  'image tokens of the answers';
COMMENT ON COLUMN published.workflows.web_search IS
  'web searches that the provider ran';
COMMENT ON COLUMN published.workflows.spend_usd IS 'what the gateway recorded';
COMMENT ON COLUMN published.workflows.charge_usd IS 'what should have been paid';
COMMENT ON COLUMN published.workflows.dearest_call_usd IS 'charge of the most expensive call';
COMMENT ON COLUMN published.workflows.dearest_request_id IS 'its request id';
COMMENT ON COLUMN published.workflows.dearest_step IS 'its name, where a trace saw it';
COMMENT ON COLUMN published.workflows.failed_list_usd IS
  'what the tokens of failed attempts come to at the list price; they are charged 0';
COMMENT ON COLUMN published.workflows.failed_spend_usd IS
  'what the gateway recorded for failed attempts';
COMMENT ON COLUMN published.workflows.retry_usd IS 'charge of the retries';
COMMENT ON COLUMN published.workflows.cache_saved_usd IS
  'what caching saved: cached tokens at the input price less what they cost, less what cache '
  'writes cost on top of it; negative where it did not pay';
COMMENT ON COLUMN published.workflows.started_at IS 'first start, UTC';
COMMENT ON COLUMN published.workflows.ended_at IS 'last end, UTC';
