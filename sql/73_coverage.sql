-- reads:  book.seen, book.caller, book.charge_line, book.period
-- writes: book.coverage
-- grain:  one row a scope (provider, day, account, where there are several, key, project,
--         workspace, or team) and name: what is billed for use, and how much of it the gateway saw
--         and a trace backs, in USD and in hundredths of a percent, rounded down. For a team, whom
--         no bill names, it is its charge. is_outside marks an account, key, project or workspace
--         that is billed and that the gateway never saw
WITH scoped AS (
  SELECT 'provider' AS scope, provider, '' AS name, CAST(NULL AS VARCHAR) AS day, billed_usd,
    gateway_usd, trace_usd
  FROM book.seen
  UNION ALL
  SELECT 'day', provider, day, day, billed_usd, gateway_usd, trace_usd FROM book.seen
  UNION ALL
  SELECT 'account', provider, account, NULL, billed_usd, gateway_usd, trace_usd
  FROM book.caller WHERE account <> ''
  UNION ALL
  SELECT 'key', provider, api_key_id, NULL, billed_usd, gateway_usd, trace_usd
  FROM book.caller WHERE api_key_id <> ''
  UNION ALL
  SELECT 'project', provider, project_id, NULL, billed_usd, gateway_usd, trace_usd
  FROM book.caller WHERE project_id <> ''
  UNION ALL
  SELECT 'workspace', provider, workspace_id, NULL, billed_usd, gateway_usd, trace_usd
  FROM book.caller WHERE workspace_id <> ''
  UNION ALL
  SELECT 'team', provider, tenant_id, NULL, charge_usd,
    CASE WHEN request_state = 'only_trace' THEN 0 ELSE charge_usd END,
    CASE WHEN request_state = 'only_gateway' THEN 0 ELSE charge_usd END
  FROM book.charge_line WHERE charge_usd IS NOT NULL
),
summed AS (
  SELECT scope, provider, name, day, SUM(billed_usd) AS billed_usd,
    SUM(gateway_usd) AS gateway_usd, SUM(trace_usd) AS trace_usd
  FROM scoped GROUP BY scope, provider, name, day
),
unit AS (
  SELECT *, CAST(LEAST(billed_usd, 1000000000000) * 1000000000 AS HUGEINT) AS billed_units,
    CAST(LEAST(gateway_usd, 1000000000000) * 1000000000 AS HUGEINT) AS gateway_units,
    CAST(LEAST(trace_usd, 1000000000000) * 1000000000 AS HUGEINT) AS trace_units
  FROM summed
)
SELECT u.scope, u.provider, u.name, u.day, CAST(u.billed_usd AS DECIMAL(38,15)) AS billed_usd,
  CAST(u.gateway_usd AS DECIMAL(38,15)) AS gateway_usd,
  CAST(u.trace_usd AS DECIMAL(38,15)) AS trace_usd,
  CAST(CASE WHEN u.billed_units > 0
    THEN LEAST(10000 * u.gateway_units // u.billed_units, 10000) END AS BIGINT)
    AS gateway_bp,
  CAST(CASE WHEN u.billed_units > 0
    THEN LEAST(10000 * u.trace_units // u.billed_units, 10000) END AS BIGINT)
    AS trace_bp,
  u.scope IN ('account', 'key', 'project', 'workspace') AND p.has_gateway AND u.billed_usd > 0
    AND u.gateway_usd = 0 AS is_outside
FROM unit AS u CROSS JOIN book.period AS p
