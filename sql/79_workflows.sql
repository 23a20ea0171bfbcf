-- reads:  book.workflow, book.dearest, raw.span_kind
-- writes: book.workflows_between as a macro
-- takes:  from_us, to_us
-- grain:  one row a workflow run that begins in some time
SELECT w.workflow_id, w.workflow_rule, w.workflow_name, w.tenant_id, w.tenants, w.calls,
  w.failed_attempts, w.retries, w.gateway_cache_hits, w.unpriced, w.models, w.model_names,
  w.prompt_tokens, w.answered_tokens, w.input, w.cache_read, w.cache_write_5m, w.cache_write_1h,
  w.cache_write, w.output, w.reasoning, w.audio_in, w.audio_cached_in, w.audio_out, w.image_in,
  w.image_cached_in, w.image_out, w.web_search, w.spend_usd, w.charge_usd, w.dearest_call_usd,
  d.request_id AS dearest_request_id, k.span_name AS dearest_step,
  w.failed_list_usd, w.failed_spend_usd, w.retry_usd, w.cache_saved_usd,
  make_timestamp(w.started_us) AS started_at, make_timestamp(w.ended_us) AS ended_at
FROM (
  SELECT * FROM book.workflow WHERE started_us >= from_us AND started_us < to_us
) AS w
LEFT JOIN (
  SELECT * FROM book.dearest WHERE started_us >= from_us AND started_us < to_us
) AS d ON w.workflow_id = d.workflow_id
LEFT JOIN raw.span_kind AS k ON d.span_kind = k.kind_id
