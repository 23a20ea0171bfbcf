-- reads:  book.drift, book.usage, book.provider_key, book.dated, book.request_key, book.workflow,
--         book.price
-- writes: book.tiered
-- grain:  one row a token type of a call of ours that alone, or with others of its tenant and class
--         of workflow, has just the tokens of one call that the provider counts under a tier of its
--         own, on a day and model of several: whose it is, and by how much its charge is above the
--         price of that tier. counted_as: the type that the provider counts it under
WITH several AS MATERIALIZED (
  SELECT DISTINCT provider, account_id, key_id, day, model FROM book.drift
  WHERE contains(usage_tiers, ', ')
),
usage_row AS MATERIALIZED (
  SELECT s.*, u.priced_tier, u.token_type, u.quantity, u.usd_per_token, u.requests
  FROM book.usage AS u
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  INNER JOIN several AS s
    ON u.provider = s.provider AND u.day = s.day AND u.model = s.model
    AND COALESCE(k.account_id, '') = s.account_id AND COALESCE(k.key_id, '') = s.key_id
  WHERE u.is_counted AND u.is_in_period
),
tier AS (
  SELECT provider, account_id, key_id, day, model, priced_tier,
    COALESCE(SUM(quantity) FILTER (token_type = 'input'), 0) AS input,
    COALESCE(SUM(quantity) FILTER (token_type = 'cache_read'), 0) AS cache_read,
    COALESCE(SUM(quantity) FILTER (token_type LIKE 'cache_write%'), 0) AS written,
    COALESCE(SUM(quantity) FILTER (token_type IN ('output', 'reasoning')), 0) AS output
  FROM usage_row
  GROUP BY provider, account_id, key_id, day, model, priced_tier
  HAVING COALESCE(SUM(requests) = 1, output > 0 AND input + cache_read + written > 0)
    AND bool_and(quantity = 0 OR usd_per_token IS NOT NULL AND (token_type LIKE 'cache_write%'
      OR token_type IN ('input', 'cache_read', 'output', 'reasoning')))
),
made AS MATERIALIZED (
  SELECT t.provider, t.account_id, t.key_id, t.day, t.model, t.priced_tier, r.tenant_id,
    COALESCE(CASE WHEN w.workflow_id IS NULL THEN r.workflow_name ELSE w.workflow_name END, '')
      AS workflow_name, r.sheet_id, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h,
    r.cache_write, r.output, r.reasoning
  FROM tier AS t
  INNER JOIN book.dated AS r
    ON t.provider = r.provider AND t.day = r.started_day AND t.model = r.model
    AND t.input = COALESCE(r.input, 0) AND t.cache_read = COALESCE(r.cache_read, 0)
    AND t.written = COALESCE(r.cache_write_5m, 0) + COALESCE(r.cache_write_1h, 0)
      + COALESCE(r.cache_write, 0)
    AND t.output = COALESCE(r.output, 0) + COALESCE(r.reasoning, 0)
  LEFT JOIN book.workflow AS w
    ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind AND r.span_kind = k.span_kind
  WHERE r.charge_status = 'rated' AND r.day = r.started_day
    AND COALESCE(k.account_id, '') = t.account_id AND COALESCE(k.key_id, '') = t.key_id
),
-- No call is of two tiers, and of calls of several tenants nothing says whose it is.
known AS (
  SELECT * FROM made
  WINDOW tier AS (PARTITION BY provider, account_id, key_id, day, model, priced_tier)
  QUALIFY COUNT(*) OVER tier = COUNT(*) OVER (PARTITION BY provider, account_id, key_id, day,
      model, input, cache_read, cache_write_5m, cache_write_1h, cache_write, output, reasoning)
    AND COUNT(DISTINCT (tenant_id, workflow_name, sheet_id)) OVER tier = 1
    AND row_number() OVER tier = 1
),
token AS (
  UNPIVOT known ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output,
    reasoning
  INTO NAME token_type VALUE quantity
),
price AS (
  SELECT provider, account_id, key_id, day, model, priced_tier, token_type,
    MAX(usd_per_token) AS usd_per_token
  FROM usage_row WHERE quantity > 0 GROUP BY ALL HAVING MIN(usd_per_token) = MAX(usd_per_token)
)
SELECT t.provider, t.account_id, t.key_id, t.day, t.model, t.tenant_id, t.workflow_name,
  t.token_type, u.token_type AS counted_as,
  CAST(CAST(t.quantity AS DECIMAL(18,0)) * (p.usd_per_token - u.usd_per_token)
    AS DECIMAL(38,15)) AS dearer_usd
FROM token AS t
INNER JOIN book.price AS p ON t.sheet_id = p.sheet_id AND t.token_type = p.token_type
INNER JOIN price AS u
  ON t.provider = u.provider AND t.account_id = u.account_id AND t.key_id = u.key_id
  AND t.day = u.day AND t.model = u.model AND t.priced_tier = u.priced_tier
  AND CASE WHEN t.token_type = 'reasoning' THEN 'output' ELSE t.token_type END = u.token_type
WHERE t.quantity > 0 AND p.usd_per_token <> u.usd_per_token
