-- reads:  book.workflow, book.day_sum
-- writes: book.workflow_class
-- grain:  one row a class of workflow: its runs and what one costs. Median and p95 are charges of
--         runs by nearest rank: the smallest that so large a part of the runs does not exceed
--         (quantile_disc, which counts in whole numbers as the parts are decimals). Requests
--         without a workflow are no run
WITH summed AS (
  SELECT COALESCE(workflow_name, '') AS workflow_name, COUNT(*) AS runs,
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
),
-- A run may have several tenants.
owned AS (
  SELECT COALESCE(workflow_name, '') AS workflow_name, COUNT(DISTINCT tenant_id) AS tenants
  FROM book.day_sum WHERE workflow <> 'not named'
  GROUP BY COALESCE(workflow_name, '')
)
SELECT s.workflow_name, s.runs, o.tenants, s.calls, s.failed_attempts, s.retries, s.unpriced,
  s.prompt_tokens, s.answered_tokens, s.spend_usd, s.charge_usd,
  CAST(s.ranked_usd[1] AS DECIMAL(38,15)) AS median_usd,
  CAST(s.ranked_usd[2] AS DECIMAL(38,15)) AS p95_usd, s.dearest_run_usd, s.failed_list_usd,
  s.retry_usd, s.cache_saved_usd
FROM summed AS s
INNER JOIN owned AS o ON s.workflow_name = o.workflow_name
