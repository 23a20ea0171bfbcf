-- reads:  all of book and raw
-- writes: the views of the schema report, which become the published tables
-- grain:  as each view's name says; README.md lists the columns
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
