-- reads:  book.effect
-- writes: book.price_line
-- grain:  one row a provider, account, key, UTC day, billed thing and token type ('*' where the
--         bill names none): what the provider's tokens come to at our prices (base), at the prices
--         of their own tier (list), and what is billed. The billed thing is a model; '*' is all
--         models without a bill row of their own, on a day with bill rows that name no model; and
--         web searches stand apart, because bills name no model for them. has_untyped: the
--         provider counts tokens of the model without their types, which have no list price
WITH day_bill AS (
  SELECT provider, account_id, key_id, day,
    bool_or(model = '' AND bill_rows > 0 AND token_type = 'unsplit') AS has_sum,
    bool_or(bill_rows > 0 AND token_type = 'web_search') AS has_searches
  FROM book.effect WHERE NOT is_beside GROUP BY provider, account_id, key_id, day
),
model_bill AS (
  SELECT provider, account_id, key_id, day, model,
    COALESCE(SUM(bill_rows), 0) > 0 OR COALESCE(SUM(free_usd) = SUM(usage_charge_usd), FALSE)
      AS is_billed,
    COALESCE(SUM(bill_rows) FILTER (token_type = 'unsplit'), 0) = 0 AS is_split,
    COALESCE(SUM(quantity_provider) FILTER (token_type IS NULL), 0) > 0 AS has_untyped
  FROM book.effect
  WHERE is_beside IS NOT TRUE AND token_type IS DISTINCT FROM 'web_search'
  GROUP BY provider, account_id, key_id, day, model
),
told AS (
  SELECT e.*,
    CASE WHEN e.token_type = 'web_search' AND (d.has_searches OR NOT d.has_sum)
        THEN '(web search)'
      WHEN e.is_apart THEN '*'
      WHEN e.model <> '' AND m.is_billed THEN e.model
      WHEN d.has_sum OR e.model = '' THEN '*' ELSE e.model END AS billed,
    COALESCE(m.is_split, TRUE) AS is_split, COALESCE(m.has_untyped, FALSE) AS has_untyped
  FROM book.effect AS e
  INNER JOIN day_bill AS d
    ON e.provider = d.provider AND e.account_id = d.account_id AND e.key_id = d.key_id
    AND e.day = d.day
  LEFT JOIN model_bill AS m
    ON e.provider = m.provider AND e.account_id = m.account_id AND e.key_id = m.key_id
    AND e.day = m.day AND e.model = m.model
  WHERE NOT e.is_beside
)
SELECT provider, account_id, key_id, day, billed,
  CASE WHEN billed IN ('*', '(web search)') OR NOT is_split THEN '*' ELSE token_type END
    AS token_type,
  CAST(SUM(COALESCE(charge_usd, 0)) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(COALESCE(charge_gateway_usd, 0)) AS DECIMAL(38,15)) AS charge_gateway_usd,
  CAST(SUM(COALESCE(charge_trace_usd, 0)) AS DECIMAL(38,15)) AS charge_trace_usd,
  CAST(COALESCE(SUM(quantity_gateway), 0) AS BIGINT) AS quantity_gateway,
  CAST(COALESCE(SUM(quantity_trace), 0) AS BIGINT) AS quantity_trace,
  CAST(SUM(COALESCE(charge_usd, 0) + volume_usd) AS DECIMAL(38,15)) AS base_usd,
  CAST(SUM(CASE WHEN has_count THEN COALESCE(usage_charge_usd, 0) ELSE COALESCE(charge_usd, 0) END)
    AS DECIMAL(38,15)) AS list_usd,
  CAST(COALESCE(SUM(free_usd), 0) AS DECIMAL(38,15)) AS free_usd, MAX(free_as) AS free_as,
  CAST(COALESCE(SUM(bill_usd), 0) AS DECIMAL(38,15)) AS bill_usd,
  CAST(COALESCE(SUM(quantum_usd), 0) AS DECIMAL(38,15)) AS quantum_usd,
  COALESCE(MAX(step_usd), 0) AS step_usd,
  CAST(COALESCE(SUM(bill_rows), 0) AS BIGINT) AS bill_rows,
  CAST(COALESCE(SUM(quantity_provider), SUM(quantity_charged)) AS BIGINT) AS quantity,
  CAST(SUM(unpriced) AS BIGINT) AS unpriced, CAST(SUM(uncounted) AS BIGINT) AS uncounted,
  CAST(COALESCE(SUM(unpriced) FILTER (model = ''
    AND (token_type LIKE 'other_%' OR token_type LIKE '%_call' OR token_type = 'web_search')), 0)
    AS BIGINT) AS unpriced_tools,
  MIN(sheet_id) AS sheet_id, MAX(other_sheet_id) AS other_sheet_id,
  bool_or(is_billed_count) AS is_billed_count, bool_or(is_tier_told) AS is_tier_told,
  string_agg(DISTINCT usage_tiers, ', ' ORDER BY usage_tiers) AS usage_tiers,
  string_agg(DISTINCT usage_contexts, ', ' ORDER BY usage_contexts) AS usage_contexts,
  string_agg(DISTINCT usage_regions, ', ' ORDER BY usage_regions) AS usage_regions,
  COUNT(DISTINCT model) AS models,
  bool_or(has_untyped) AS has_untyped,
  bool_or(has_count) AS has_count, bool_or(has_bill) AS has_bill,
  bool_or(is_billed_day) AS is_billed_day, bool_and(is_settled) AS is_settled
FROM told
GROUP BY provider, account_id, key_id, day, billed,
  CASE WHEN billed IN ('*', '(web search)') OR NOT is_split THEN '*' ELSE token_type END
