-- reads:  book.day_sum, book.denied, book.deployment, book.period
-- writes: book.judged
-- grain:  one row a gateway and its release, tenant, route, model, UTC day and how each of the five
--         signals that attribution needs is there: how many requests and how much money
WITH told AS (
  SELECT CASE WHEN r.gateway <> '' THEN r.gateway WHEN r.dialect = 'langfuse' THEN 'langfuse'
      ELSE 'trace only' END AS gateway,
    COALESCE(r.gateway_version, '') AS gateway_version, r.tenant_id, r.operation,
    r.requested_model, r.model, r.started_day, r.requests, r.spend_usd, r.charge_usd,
    CASE WHEN r.request_id <> 'id' THEN r.request_id
      WHEN NOT p.has_trace THEN 'no trace loaded'
      WHEN NOT p.has_gateway THEN 'no gateway loaded'
      ELSE 'never met' END AS request_id,
    CASE WHEN r.tenant_rule <> 'none' THEN 'named'
      WHEN d.is_metadata_denied THEN 'withheld' ELSE 'not named' END AS tenant,
    CASE WHEN r.token_types IN ('no counts', 'sums') AND d.is_body_denied THEN 'withheld'
      ELSE r.token_types END AS token_types,
    CASE WHEN h.model_raw IS NOT NULL THEN 'deployment'
      WHEN r.response_model_evidence = 'reported' THEN 'reported'
      WHEN d.is_body_denied THEN 'withheld'
      WHEN d.is_body_redacted THEN 'redacted'
      WHEN r.response_model_evidence = 'missing' THEN 'no model'
      WHEN r.charge_status = 'failed_attempt' THEN 'failed'
      ELSE 'sent' END AS response_model,
    CASE WHEN r.workflow = 'not named' AND d.is_metadata_denied THEN 'withheld'
      ELSE r.workflow END AS workflow
  FROM book.day_sum AS r
  CROSS JOIN book.period AS p
  LEFT JOIN book.denied AS d ON r.request_file = d.file_id AND r.withheld = d.withheld
  LEFT JOIN book.deployment AS h ON r.model_raw = h.model_raw
)
SELECT gateway, gateway_version, tenant_id, operation, requested_model, model, started_day,
  request_id, tenant, token_types, response_model, workflow,
  CAST(SUM(requests) AS BIGINT) AS requests,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(COALESCE(SUM(COALESCE(charge_usd, spend_usd)), CAST(0 AS DECIMAL(38,15)))
    AS DECIMAL(38,15)) AS usd
FROM told
GROUP BY gateway, gateway_version, tenant_id, operation, requested_model, model, started_day,
  request_id, tenant, token_types, response_model, workflow
