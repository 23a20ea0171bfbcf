-- reads:  book.same_call, book.reading, book.request_cause, book.request_key, book.at_provider,
--         book.provider_call, book.uncertain, raw.request_row, raw.request_kind, raw.span_row,
--         raw.span_kind, raw.source_file, and book.rated as book.rated_words
-- writes: book.requests_between as a macro
-- takes:  from_us, to_us, row_from, row_to, span_row_from, span_row_to
-- grain:  one row a request that begins in some time, told by the rows from the one number to the
--         other: so much of a month as there is memory for can be looked at
SELECT COALESCE(g.request_id, s.call_id, m.call_id, s.response_id,
    m.told_id, s.trace_id || '/' || s.span_id) AS request_id,
  r.tenant_id, r.tenant_rule, r.provider,
  COALESCE(gk.requested_model, sk.requested_model, m.requested_model) AS requested_model,
  NULLIF(r.model_raw, '') AS response_model, r.response_model_evidence, r.model AS price_model,
  r.gateway, r.gateway_version, r.workflow_id, r.workflow_rule, g.customer_id,
  gk.user_id, gk.api_key_id, gk.api_key_name, r.status, r.gateway_cache, r.tier_raw AS service_tier,
  make_timestamp(r.started_us) AS started_at, make_timestamp(r.ended_us) AS ended_at,
  r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output,
  r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in, r.image_cached_in,
  r.image_out, r.web_search, r.other_charges, r.prompt_tokens, r.usage_source,
  CASE WHEN r.usage_source = 'trace' THEN sk.usage_convention
    WHEN rc.kind_id IS NOT NULL THEN rc.convention || '_inferred'
    ELSE gk.usage_convention END AS usage_convention,
  r.spend_usd, r.charge_usd, u.low_usd AS charge_low_usd, u.high_usd AS charge_high_usd,
  r.drift_usd, r.charge_status, r.sheet_id,
  CASE
    WHEN pc.request_id IS NULL
        AND (a.day IS NULL OR r.charge_status IN ('gateway_cache_hit', 'failed_attempt'))
      THEN r.request_state
    WHEN r.request_state = 'gateway_trace' THEN 'all_three'
    WHEN r.request_state = 'only_gateway' THEN 'gateway_provider'
    ELSE 'trace_provider' END AS match_state,
  r.match_rule, COALESCE(c.is_break, FALSE) AS is_break, c.explanation AS cause, c.evidence,
  COALESCE(s.trace_id, g.trace_id) AS trace_id, COALESCE(s.span_id, g.span_id) AS span_id,
  f.path AS source_file, COALESCE(g.line, s.line) AS source_line,
  t.path AS trace_file, s.line AS trace_line
FROM (
  SELECT * FROM book.rated_words WHERE started_us >= from_us AND started_us < to_us
) AS r
LEFT JOIN (
  SELECT * FROM raw.request_row WHERE row_id BETWEEN row_from AND row_to
) AS g ON r.request_row = g.row_id
LEFT JOIN raw.request_kind AS gk ON r.request_kind = gk.kind_id
LEFT JOIN book.reading AS rc ON r.request_kind = rc.kind_id
LEFT JOIN (
  SELECT * FROM raw.span_row WHERE row_id BETWEEN span_row_from AND span_row_to
) AS s ON r.span_row = s.row_id
LEFT JOIN raw.span_kind AS sk ON r.span_kind = sk.kind_id
LEFT JOIN book.same_call AS m ON r.span_row = m.row_id
LEFT JOIN book.request_cause AS c
  ON COALESCE(r.request_row, -r.span_row) = COALESCE(c.request_row, -c.span_row)
  AND c.place = 1
LEFT JOIN book.request_key AS k
  ON r.provider = k.provider AND r.request_kind = k.request_kind
  AND r.span_kind = k.span_kind
LEFT JOIN book.at_provider AS a
  ON r.provider = a.provider AND r.started_day = a.day AND r.model = a.model
  AND COALESCE(k.account_id, '') = a.account_id AND COALESCE(k.key_id, '') = a.key_id
LEFT JOIN book.provider_call AS pc
  ON COALESCE(r.request_row, -r.span_row) = COALESCE(pc.request_row, -pc.span_row)
LEFT JOIN book.uncertain AS u
  ON COALESCE(r.request_row, -r.span_row) = COALESCE(u.request_row, -u.span_row)
LEFT JOIN raw.source_file AS f ON COALESCE(g.file_id, s.file_id) = f.file_id
LEFT JOIN raw.source_file AS t ON s.file_id = t.file_id
