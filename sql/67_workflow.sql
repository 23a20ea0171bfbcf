-- heavy
-- reads:  book.rated
-- writes: book.workflow
-- grain:  one row a workflow run: its calls, failed attempts, tokens and charge
SELECT COALESCE(workflow_id, '') AS workflow_id, MIN(workflow_rule) AS workflow_rule,
  MIN(workflow_name) AS workflow_name, MIN(tenant_id) AS tenant_id,
  COUNT(DISTINCT tenant_id) AS tenants, COUNT(*) AS calls,
  COUNT(*) FILTER (WHERE charge_status = 'failed_attempt') AS failed_attempts,
  COUNT(*) FILTER (WHERE charge_status = 'gateway_cache_hit') AS gateway_cache_hits,
  COUNT(*) FILTER (WHERE charge_usd IS NULL) AS unpriced,
  COUNT(DISTINCT model) AS models,
  CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
  CAST(SUM(COALESCE(output, 0) + COALESCE(reasoning, 0) + COALESCE(audio_out, 0)
    + COALESCE(image_out, 0)) AS BIGINT) AS answered_tokens,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(MAX(charge_usd) AS DECIMAL(38,15)) AS dearest_call_usd,
  MIN(started_us) AS started_us, MAX(COALESCE(ended_us, started_us)) AS ended_us
FROM book.rated
GROUP BY workflow_id
