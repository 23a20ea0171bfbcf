-- reads:  book.workflow
-- writes: book.workflow_class
-- grain:  one row a class of workflow: its runs and what one costs. Median and p95 are charges of
--         runs by nearest rank: the smallest that so large a part of the runs does not exceed.
--         Requests without a workflow are no run
WITH run AS (
  SELECT COALESCE(workflow_name, '') AS workflow_name, workflow_rule = 'workflow_id' AS is_named, *
    EXCLUDE (workflow_name),
    row_number() OVER (PARTITION BY COALESCE(workflow_name, '')
      ORDER BY COALESCE(charge_usd, 0), workflow_id) AS nth,
    COUNT(*) OVER (PARTITION BY COALESCE(workflow_name, '')) AS runs
  FROM book.workflow WHERE workflow_id <> ''
)
SELECT workflow_name, COUNT(*) AS runs, COUNT(DISTINCT tenant_id) AS tenants,
  CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(failed_attempts) AS BIGINT) AS failed_attempts,
  CAST(SUM(retries) AS BIGINT) AS retries, CAST(SUM(unpriced) AS BIGINT) AS unpriced,
  CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
  CAST(SUM(answered_tokens) AS BIGINT) AS answered_tokens,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(MIN(COALESCE(charge_usd, 0)) FILTER (nth = (runs + 1) // 2) AS DECIMAL(38,15))
    AS median_usd,
  CAST(MIN(COALESCE(charge_usd, 0)) FILTER (nth = (runs * 95 + 99) // 100) AS DECIMAL(38,15))
    AS p95_usd,
  CAST(MAX(charge_usd) AS DECIMAL(38,15)) AS dearest_run_usd,
  CAST(SUM(failed_list_usd) AS DECIMAL(38,15)) AS failed_list_usd,
  CAST(SUM(retry_usd) AS DECIMAL(38,15)) AS retry_usd,
  CAST(SUM(cache_saved_usd) AS DECIMAL(38,15)) AS cache_saved_usd
FROM run GROUP BY workflow_name
