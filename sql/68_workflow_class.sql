-- reads:  book.workflow
-- writes: book.workflow_class
-- grain:  one row a class of workflow: its runs and what one costs. Median and p95 are charges of
--         runs by nearest rank: the smallest that so large a part of the runs does not exceed
--         (quantile_disc, which counts in whole numbers as the parts are decimals). Requests
--         without a workflow are no run
WITH summed AS (
  SELECT COALESCE(workflow_name, '') AS workflow_name, COUNT(*) AS runs,
    COUNT(DISTINCT tenant_id) AS tenants,
    CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(failed_attempts) AS BIGINT) AS failed_attempts,
    CAST(SUM(retries) AS BIGINT) AS retries, CAST(SUM(unpriced) AS BIGINT) AS unpriced,
    CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
    CAST(SUM(answered_tokens) AS BIGINT) AS answered_tokens,
    CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
    CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
    quantile_disc(COALESCE(charge_usd, 0), [0.5, 0.95]) AS ranked_usd,
    CAST(MAX(charge_usd) AS DECIMAL(38,15)) AS dearest_run_usd,
    CAST(SUM(failed_list_usd) AS DECIMAL(38,15)) AS failed_list_usd,
    CAST(SUM(retry_usd) AS DECIMAL(38,15)) AS retry_usd,
    CAST(SUM(cache_saved_usd) AS DECIMAL(38,15)) AS cache_saved_usd
  FROM book.workflow WHERE workflow_id <> ''
  GROUP BY COALESCE(workflow_name, '')
)
SELECT workflow_name, runs, tenants, calls, failed_attempts, retries, unpriced, prompt_tokens,
  answered_tokens, spend_usd, charge_usd, CAST(ranked_usd[1] AS DECIMAL(38,15)) AS median_usd,
  CAST(ranked_usd[2] AS DECIMAL(38,15)) AS p95_usd, dearest_run_usd, failed_list_usd, retry_usd,
  cache_saved_usd
FROM summed
