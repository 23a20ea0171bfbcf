-- reads:  book.drift, book.usage, book.provider_key, book.dated, book.request_key, book.workflow,
--         book.price, book.effect, book.volume_case, book.turn_hour, book.long_day,
--         book.outside
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
-- Where days begin at another hour, or calls are booked when they end, others are of the day.
by_end AS (
  SELECT DISTINCT provider FROM book.volume_case
  WHERE is_nothing AND first_cause = 'window_boundary' AND label = ''
),
hour AS (
  SELECT DISTINCT provider, account_id, key_id, halves FROM book.turn_hour
),
-- Calls that began outside the period may be of one of its days.
seen AS (
  SELECT provider, model, request_kind, span_kind, tenant_id, workflow_id, workflow_name, sheet_id,
    started_us, started_day, ended_day, input, cache_read, cache_write_5m, cache_write_1h,
    cache_write, output, reasoning, FALSE AS is_outside
  FROM book.dated WHERE charge_status = 'rated' AND day = started_day
  UNION ALL BY NAME
  SELECT provider, model, started_us, started_day, ended_day, input, cache_read, cache_write_5m,
    cache_write_1h, cache_write, output, reasoning, TRUE AS is_outside
  FROM book.outside
),
alike AS MATERIALIZED (
  SELECT t.provider, t.account_id, t.key_id, t.day, t.model, t.priced_tier, r.tenant_id,
    COALESCE(CASE WHEN w.workflow_id IS NULL THEN r.workflow_name ELSE w.workflow_name END, '')
      AS workflow_name, r.sheet_id, r.started_us, r.started_day, r.ended_day, r.input,
    r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning
  FROM tier AS t
  INNER JOIN seen AS r
    ON t.provider = r.provider AND t.model = r.model
    AND t.input = COALESCE(r.input, 0) AND t.cache_read = COALESCE(r.cache_read, 0)
    AND t.written = COALESCE(r.cache_write_5m, 0) + COALESCE(r.cache_write_1h, 0)
      + COALESCE(r.cache_write, 0)
    AND t.output = COALESCE(r.output, 0) + COALESCE(r.reasoning, 0)
  LEFT JOIN book.workflow AS w
    ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind AND r.span_kind = k.span_kind
  WHERE r.is_outside
    OR COALESCE(k.account_id, '') = t.account_id AND COALESCE(k.key_id, '') = t.key_id
),
made AS MATERIALIZED (
  SELECT a.* EXCLUDE (started_us, started_day, ended_day), a.started_day = a.day AS is_own
  FROM alike AS a
  LEFT JOIN by_end AS e ON a.provider = e.provider
  LEFT JOIN hour AS h
    ON a.provider = h.provider AND a.account_id = h.account_id AND a.key_id = h.key_id
  LEFT JOIN book.long_day AS l
    ON a.provider = l.provider AND a.model = l.model AND a.ended_day = l.started_day
  WHERE a.day = CASE
    WHEN h.provider IS NOT NULL
      THEN strftime(make_timestamp(a.started_us - h.halves * 1800000000), '%Y-%m-%d')
    WHEN e.provider IS NOT NULL THEN COALESCE(l.day, a.ended_day, a.started_day)
    ELSE a.started_day END
),
-- No call is of two tiers, and of calls of several tenants nothing says whose it is.
known AS (
  SELECT * FROM made
  WINDOW tier AS (PARTITION BY provider, account_id, key_id, day, model, priced_tier)
  QUALIFY COUNT(*) OVER tier = COUNT(*) OVER (PARTITION BY provider, account_id, key_id, day,
      model, input, cache_read, cache_write_5m, cache_write_1h, cache_write, output, reasoning)
    AND COUNT(DISTINCT (tenant_id, workflow_name, sheet_id)) OVER tier = 1
    AND is_own AND row_number() OVER (PARTITION BY provider, account_id, key_id, day, model,
      priced_tier, is_own) = 1
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
LEFT JOIN book.effect AS e
  ON t.provider = e.provider AND t.account_id = e.account_id AND t.key_id = e.key_id
  AND t.day = e.day AND t.model = e.model AND u.token_type = e.token_type AND e.delta <> 0
WHERE t.quantity > 0 AND p.usd_per_token <> u.usd_per_token
-- Tokens that we lack there may be all that is of the tier, and are taken at its price then.
QUALIFY NOT COALESCE(bool_or(e.usd_per_token = u.usd_per_token) OVER (PARTITION BY t.provider,
  t.account_id, t.key_id, t.day, t.model, t.priced_tier), FALSE)
