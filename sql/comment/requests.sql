-- reads:  published.requests, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.requests IS
  'the ledger: one row a request of the period, gateway row and traced call met where both '
  'know it';
COMMENT ON COLUMN published.requests.request_id IS
  'the gateway row''s id; of a call that only traces saw, the gateway call id, response id, '
  'or trace and span id';
COMMENT ON COLUMN published.requests.tenant_id IS
  'who pays inside the company; unattributed when nobody is named';
COMMENT ON COLUMN published.requests.tenant_rule IS 'which field named the tenant';
COMMENT ON COLUMN published.requests.provider IS
  'who served and bills the call, by the price list''s name';
COMMENT ON COLUMN published.requests.requested_model IS 'the model or alias that was asked for';
COMMENT ON COLUMN published.requests.response_model IS
  'the model that answered, as the response or else the gateway named it';
COMMENT ON COLUMN published.requests.response_model_evidence IS
  'reported by the response, equals_request (the gateway''s own column), or missing';
COMMENT ON COLUMN published.requests.price_model IS 'the price list''s id of the response model';
COMMENT ON COLUMN published.requests.gateway IS
  'the gateway that logged the request; empty when only a trace saw it';
COMMENT ON COLUMN published.requests.gateway_version IS
  'its release, where the row, its span, a logged header or the settings name it';
COMMENT ON COLUMN published.requests.workflow_id IS
  'the agent run: workflow id, else session (a trace''s before LiteLLM''s own UUID), else trace';
COMMENT ON COLUMN published.requests.workflow_rule IS 'which of them it is';
COMMENT ON COLUMN published.requests.customer_id IS 'end user or customer that the caller named';
COMMENT ON COLUMN published.requests.user_id IS 'user of the gateway key';
COMMENT ON COLUMN published.requests.api_key_id IS 'gateway key, hashed';
COMMENT ON COLUMN published.requests.api_key_name IS 'alias of the gateway key';
COMMENT ON COLUMN published.requests.status IS 'success, error, cancelled or pending';
COMMENT ON COLUMN published.requests.gateway_cache IS
  'hit when the gateway answered from its own cache, none, or unknown';
COMMENT ON COLUMN published.requests.service_tier IS 'the tier that served the call, as logged';
COMMENT ON COLUMN published.requests.started_at IS 'start, UTC';
COMMENT ON COLUMN published.requests.ended_at IS 'end, UTC';
COMMENT ON COLUMN published.requests.input IS
  'uncached text tokens of the prompt; all token columns are disjoint, NULL is not stated';
COMMENT ON COLUMN published.requests.cache_read IS 'prompt tokens read from the provider''s cache';
COMMENT ON COLUMN published.requests.cache_write_5m IS
  'tokens written to the provider''s cache for 5 minutes';
COMMENT ON COLUMN published.requests.cache_write_1h IS
  'tokens written to the provider''s cache for 1 hour';
COMMENT ON COLUMN published.requests.cache_write IS
  'tokens written to the provider''s cache, lifetime not stated: rated at the 5m price where '
  'the list has no own';
COMMENT ON COLUMN published.requests.output IS 'answer tokens without reasoning';
COMMENT ON COLUMN published.requests.reasoning IS 'reasoning tokens';
COMMENT ON COLUMN published.requests.audio_in IS 'audio tokens of the prompt';
COMMENT ON COLUMN published.requests.audio_cached_in IS 'audio tokens read from the cache';
COMMENT ON COLUMN published.requests.audio_out IS 'audio tokens of the answer';
COMMENT ON COLUMN published.requests.image_in IS 'image tokens of the prompt';
COMMENT ON COLUMN published.requests.image_cached_in IS 'image tokens read from the cache';
COMMENT ON COLUMN published.requests.image_out IS 'image tokens of the answer';
COMMENT ON COLUMN published.requests.web_search IS 'web searches that the provider ran';
COMMENT ON COLUMN published.requests.other_charges IS
  'counts of what is billed by other units than tokens: calls of tools, and the images, seconds '
  'and characters of a call without tokens: NAME=COUNT; and the tokens of attempts that the '
  'provider made with other models: TYPE@MODEL=COUNT';
COMMENT ON COLUMN published.requests.prompt_tokens IS 'the whole prompt, which decides price tiers';
COMMENT ON COLUMN published.requests.usage_source IS 'whose counts are charged: gateway or trace';
COMMENT ON COLUMN published.requests.usage_convention IS
  'includes_cache or excludes_cache: whether the source''s input count held the cached tokens; '
  'with _inferred where the row does not tell, and others of its gateway, release, provider, '
  'endpoint and day do; unknown where nothing decides, and then the charge is a range';
COMMENT ON COLUMN published.requests.spend_usd IS 'what the gateway recorded';
COMMENT ON COLUMN published.requests.charge_usd IS
  'what the call should have cost: tokens times the price in force; NULL when there is no price';
COMMENT ON COLUMN published.requests.charge_low_usd IS
  'charge_usd once more, where the counts can be read in two ways and it is the lower end of '
  'a range; else NULL';
COMMENT ON COLUMN published.requests.charge_high_usd IS
  'the upper end of that range';
COMMENT ON COLUMN published.requests.drift_usd IS 'spend_usd less charge_usd';
COMMENT ON COLUMN published.requests.charge_status IS
  'rated, unpriced, impossible, no_usage, gateway_cache_hit or failed_attempt; the last two '
  'are charged 0';
COMMENT ON COLUMN published.requests.sheet_id IS 'the prices used: joins to prices.sheet_id';
COMMENT ON COLUMN published.requests.match_state IS
  'which legs know the request: all_three, gateway_trace, gateway_provider, trace_provider, '
  'only_gateway, only_trace';
COMMENT ON COLUMN published.requests.match_rule IS
  'how gateway row and span met: request_id, response_id, provider_request_id, trace_span_id or '
  'trace_id';
COMMENT ON COLUMN published.requests.is_break IS
  'true when the request differs beyond tolerance or lacks a partner';
COMMENT ON COLUMN published.requests.cause IS 'why, in one word';
COMMENT ON COLUMN published.requests.evidence IS 'why, in a sentence';
COMMENT ON COLUMN published.requests.trace_id IS 'trace of the call';
COMMENT ON COLUMN published.requests.span_id IS 'span of the call';
COMMENT ON COLUMN published.requests.source_file IS
  'file of the gateway row, or of the span where there is none';
COMMENT ON COLUMN published.requests.source_line IS 'line in that file';
COMMENT ON COLUMN published.requests.trace_file IS 'file of the span';
COMMENT ON COLUMN published.requests.trace_line IS 'line in that file';
