-- reads:  book.rated, book.uncertain, book.tolerance, book.period, book.same_call,
--         raw.request_row, raw.request_kind, raw.span_row
-- writes: book.unusual
-- grain:  one row a request of which there is something to tell: later stages look at these one by
--         one, and at no other. is_above: its drift is above its tolerance, above the amount and
--         above the share of the charge. Each of the two is that of the tenant, else of the model,
--         else of the provider, else of all; a drift that is just as large is within, and so is
--         spend within the range of an uncertain charge, even if it is off
WITH judged AS (
  SELECT r.*, p.has_trace, u.low_usd, u.high_usd,
    COALESCE(r.spend_usd >= u.low_usd AND r.spend_usd <= u.high_usd, FALSE) AS is_within,
    COALESCE(r.drift_usd <> 0 AND ABS(r.drift_usd) > COALESCE(t.usd, m.usd, v.usd, w.usd)
      AND CASE WHEN ABS(r.drift_usd) > 1000000000000 OR r.charge_usd > 1000000000000 THEN TRUE
        ELSE CAST(ABS(r.drift_usd) AS DECIMAL(28,15)) * 100
          > COALESCE(t.pct, m.pct, v.pct, w.pct) * CAST(ABS(r.charge_usd) AS DECIMAL(28,15)) END,
    FALSE) AS is_off
  FROM book.rated AS r
  CROSS JOIN book.period AS p
  INNER JOIN book.tolerance AS w ON w.scope = ''
  LEFT JOIN book.tolerance AS t ON t.scope = 'tenant' AND r.tenant_id = t.name
  LEFT JOIN book.tolerance AS m ON m.scope = 'model' AND r.model = m.name
  LEFT JOIN book.tolerance AS v ON v.scope = 'provider' AND r.provider = v.name
  LEFT JOIN book.uncertain AS u ON r.request_row = u.request_row
),
told AS MATERIALIZED (
  SELECT request_row, span_row, request_kind, span_kind, gateway, gateway_version, tenant_id,
    provider, model, provider_raw, model_raw, tier_raw, region_raw, price_key, sheet_id,
    started_us, started_day, workflow_id, usage_source, usage_problem, prompt_tokens,
    status, charge_status, request_state, spend_status, spend_usd, charge_usd, drift_usd,
    is_off, is_off AND NOT is_within AS is_above, low_usd, high_usd, output AS answered,
    other_charges
  FROM judged
  WHERE is_off OR low_usd IS NOT NULL OR charge_status <> 'rated'
    OR request_state = 'only_trace' OR tenant_id = 'unattributed'
    OR (request_state = 'only_gateway' AND has_trace)
    OR request_row IN (SELECT row_id FROM raw.request_row WHERE stated_usd IS NOT NULL)
)
SELECT t.*,
  COALESCE(g.request_id, s.call_id, c.call_id, s.response_id, c.told_id,
    s.trace_id || '/' || s.span_id) AS request_id,
  g.provider_request_id,
  CASE WHEN k.is_response_request THEN g.request_id ELSE g.response_id END AS response_id,
  CASE WHEN k.is_spend_shortest THEN rtrim(rtrim(CAST(g.spend_usd AS VARCHAR), '0'), '.')
    ELSE g.spend_text END AS spend_text,
  g.spend_original_usd, g.stated_usd,
  COALESCE(g.file_id, s.file_id) AS file_id, COALESCE(g.line, s.line) AS line
FROM told AS t
LEFT JOIN (
  SELECT row_id, kind_id, file_id, line, request_id, provider_request_id, response_id, spend_usd,
    spend_text, spend_original_usd, stated_usd
  FROM raw.request_row
  WHERE row_id IN (SELECT request_row FROM told)
) AS g ON t.request_row = g.row_id
LEFT JOIN raw.request_kind AS k ON g.kind_id = k.kind_id
LEFT JOIN (
  SELECT row_id, file_id, line, trace_id, span_id, call_id, response_id FROM raw.span_row
  WHERE row_id IN (SELECT span_row FROM told)
) AS s ON t.span_row = s.row_id
LEFT JOIN book.same_call AS c ON t.span_row = c.row_id
