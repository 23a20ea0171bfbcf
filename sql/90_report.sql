-- reads:  all of book and raw
-- writes: the views of the schema report, which become the published tables
-- grain:  as each view's name says; README.md lists the columns
-- The requests that begin in some time, told by the rows from the one number to the other: so much
-- of a month as there is memory for can be looked at.
CREATE MACRO book.requests_between(from_us, to_us, row_from, row_to, span_row_from, span_row_to)
AS TABLE
SELECT COALESCE(g.request_id, s.call_id, m.call_id, s.response_id,
    s.trace_id || '/' || s.span_id) AS request_id,
  r.tenant_id, r.tenant_rule, r.provider,
  COALESCE(gk.requested_model, sk.requested_model) AS requested_model,
  NULLIF(r.model_raw, '') AS response_model, r.response_model_evidence, r.model AS price_model,
  r.gateway, r.gateway_version, r.workflow_id, r.workflow_rule, g.customer_id,
  gk.user_id, gk.api_key_id, gk.api_key_name, r.status, r.gateway_cache, r.tier_raw AS service_tier,
  make_timestamp(r.started_us) AS started_at, make_timestamp(r.ended_us) AS ended_at,
  r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output,
  r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in, r.image_cached_in,
  r.image_out, r.web_search, r.other_charges, r.prompt_tokens, r.usage_source,
  CASE WHEN r.usage_source = 'trace' THEN sk.usage_convention ELSE gk.usage_convention END
    AS usage_convention,
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
LEFT JOIN raw.source_file AS t ON s.file_id = t.file_id;

CREATE VIEW report.requests AS
SELECT * FROM book.requests_between(-9223372036854775807, 9223372036854775807,
  0, 9223372036854775807, 0, 9223372036854775807);

CREATE VIEW report.drift AS
SELECT provider, account_id AS account, key_id AS "key", CAST(day AS DATE) AS day,
  model AS response_model, token_type, match_state, is_settled,
  quantity_gateway, quantity_trace, quantity_charged, quantity_provider, requests,
  requests_provider, spend_usd, charge_usd, usage_charge_usd, bill_usd,
  CAST(COALESCE(charge_usd, 0) - COALESCE(bill_usd, 0) AS DECIMAL(38,15)) AS drift_usd,
  volume_usd, price_usd, non_usage_usd, rest_usd
FROM book.effect;

CREATE VIEW report.breaks AS
SELECT b.level, b.cause, b.is_break, b.is_material, b.provider, b.model AS response_model,
  CAST(b.day AS DATE) AS day, b.tenant_id, b.request_id, b.tokens, b.rows, b.spend_usd,
  b.charge_usd, b.bill_usd, b.drift_usd, b.evidence, f.path AS source_file,
  b.line AS source_line
FROM book.break AS b LEFT JOIN raw.source_file AS f ON b.file_id = f.file_id;

CREATE VIEW report.bridge AS
SELECT provider, account, step, cause, rows, amount_usd, spend_usd, charge_usd, bill_usd
FROM book.bridge;

CREATE VIEW report.rejects AS
SELECT f.path AS source_file, r.line AS source_line, r.reason, r.excerpt
FROM raw.reject AS r INNER JOIN raw.source_file AS f ON r.file_id = f.file_id;

CREATE VIEW report.prices AS
SELECT p.sheet_id, s.provider, s.model, s.service_tier, s.region, s.min_prompt, s.max_prompt,
  make_timestamp(s.from_us) AS valid_from, make_timestamp(s.to_us) AS valid_to,
  p.token_type, p.usd_per_million, p.effective_from, p.effective_to, p.source, p.status,
  p.observed_on, p.list_file, p.list_line, p.fallback
FROM book.price AS p INNER JOIN book.sheet AS s ON p.sheet_id = s.sheet_id;

CREATE VIEW report.coverage AS
SELECT scope, provider, name, CAST(day AS DATE) AS day, billed_usd, gateway_usd, trace_usd,
  gateway_bp, trace_bp, is_outside
FROM book.coverage;

CREATE VIEW report.identity AS
SELECT place, identity, statement, unit, provider, account, "key", CAST(day AS DATE) AS day,
  model AS response_model, token_type, source_file, rows, rows_off, left_value, right_value,
  difference, tolerance, status
FROM book.identity;
