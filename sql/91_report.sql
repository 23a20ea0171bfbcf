-- reads:  book.chargeback, book.tenant, book.workflow, book.workflow_class, book.dearest,
--         book.signal, book.answer, book.control, raw.request, raw.span_kind, raw.source_file
-- writes: the views of the schema report on what each tenant and workflow costs, and on signals
-- grain:  as each view's name says; README.md lists the columns
CREATE VIEW report.chargeback AS
SELECT tenant_id, kind, tenant_name, cost_center, gl_account, CAST(day AS DATE) AS day, provider,
  model AS response_model, token_type, workflow_name AS workflow_class, charge_status, basis,
  origin, method, ratio, requests, quantity, charge_usd, amount_usd
FROM book.chargeback;

CREATE VIEW report.tenants AS
SELECT tenant_id, kind, tenant_name, cost_center, gl_account, requests, spend_usd, charge_usd,
  billed_usd, unbilled_usd, allocated_usd, amount_usd, payable_usd, rounding_usd
FROM book.tenant;

CREATE VIEW report.workflows AS
SELECT * FROM book.workflows_between(-9223372036854775807, 9223372036854775807);

CREATE VIEW report.workflow_classes AS
SELECT workflow_name, runs, tenants, calls, failed_attempts, retries, unpriced, prompt_tokens,
  answered_tokens, spend_usd, charge_usd, median_usd, p95_usd, dearest_run_usd, failed_list_usd,
  retry_usd, cache_saved_usd
FROM book.workflow_class;

CREATE VIEW report.signals AS
SELECT gateway, gateway_version, tenant_id, route, model_family,
  CAST(started_day AS DATE) AS day, signal, state, how, requests, requests_bp, spend_usd,
  charge_usd, usd, money_bp, at_risk_usd, by_default, remedy
FROM book.signal;

CREATE VIEW report.answers AS
SELECT COALESCE(a.gateway, g.gateway) AS gateway, a.gateway_version, g.request_id,
  a.match_rule, a.call_id, a.provider_request_id, a.response_id, a.trace_id,
  a.model_id AS deployment_id,
  a.spend_usd AS header_usd, g.spend_usd,
  CAST(a.spend_usd - g.spend_usd AS DECIMAL(38,15)) AS difference_usd,
  CASE WHEN a.request_row IS NULL THEN 'no_row' WHEN a.spend_usd IS NULL THEN 'no_cost'
    WHEN g.spend_usd IS NULL THEN 'no_spend'
    WHEN ABS(a.spend_usd - g.spend_usd) <= 0.000000001 THEN 'ok' ELSE 'differs' END AS status,
  make_timestamp(a.at_us) AS logged_at, f.path AS source_file, a.line AS source_line
FROM book.answer AS a
LEFT JOIN raw.request AS g ON a.request_row = g.row_id
LEFT JOIN raw.source_file AS f ON a.file_id = f.file_id;

CREATE VIEW report.controls AS
SELECT statement, gateway, CAST(day AS DATE) AS day, owner_kind, owner, measure, stated, of_rows,
  difference, status
FROM book.control;
