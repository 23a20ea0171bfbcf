-- reads:  book.above, raw.request_kind
-- writes: book.drifting
-- grain:  one row a request that drifts and has both charge and spend: the gateway's figure before
--         its margin and discount (target_usd) and what these add, and half of the last decimal
--         that is written (half_step, NULL where the figure is exact). is_rounded: the
--         gateway rounds, and this drift is no more than that. has_stated_rates: the figure is the
--         tokens at rates that the row states, and so no multiple and no sum of anything.
--         named_tier: the tier of its price, or else of the call, as the row has it
WITH told AS (
  SELECT r.request_row, r.gateway, r.sheet_id, r.usage_source, r.spend_usd, r.charge_usd,
    CASE WHEN r.spend_original_usd > 0 THEN r.spend_original_usd ELSE r.spend_usd END
      AS target_usd,
    COALESCE(g.spend_origin = 'rates', FALSE) AND r.usage_source <> 'trace' AS has_stated_rates,
    g.tool_cost, COALESCE(g.priced_tier, g.service_tier) AS named_tier,
    GREATEST(length(rtrim(split_part(CAST(r.spend_usd AS VARCHAR), '.', 2), '0')),
      CASE WHEN g.spend_unit = 'usd' AND regexp_full_match(r.spend_text, '[0-9]+\.[0-9]{1,15}')
        THEN length(split_part(r.spend_text, '.', 2)) ELSE 0 END) AS spend_digits,
    length(rtrim(split_part(CAST(r.charge_usd AS VARCHAR), '.', 2), '0')) AS charge_digits
  FROM book.above AS r
  INNER JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  WHERE r.request_row IS NOT NULL AND r.charge_status = 'rated' AND r.spend_usd <> 0
),
-- A gateway that writes so few decimals; half of the last one is at most half a cent.
coarse AS (
  SELECT gateway, MAX(spend_digits) AS digits,
    CAST('0.' || repeat('0', CAST(MAX(spend_digits) AS INTEGER)) || '5' AS DECIMAL(38,15))
      AS half_step
  FROM told GROUP BY gateway HAVING MAX(spend_digits) BETWEEN 2 AND 9
),
-- It rounds, where most figures that cannot be exact are as near as that, and at least ten of them,
-- up and down, as who leaves something out never errs both ways, or by halves that all go up; or
-- three for which that is a thousandth: so near comes no other mistake.
judged AS (
  SELECT gateway, half_step,
    COUNT(*) FILTER (is_near) * 2 >= COUNT(*) AND (COUNT(*) FILTER (is_near) >= 10
      AND COUNT(*) FILTER (is_near AND over > 0) * 10 >= COUNT(*) FILTER (is_near)
      AND (COUNT(*) FILTER (is_near AND over < 0) * 10 >= COUNT(*) FILTER (is_near)
        OR bool_and(over = half_step) FILTER (is_near))
      OR COUNT(*) FILTER (is_near AND charge_usd >= 1000 * half_step) >= 3) AS is_rounding
  FROM (
    SELECT c.gateway, c.half_step, t.charge_usd,
      ABS(t.spend_usd - t.charge_usd) <= c.half_step AS is_near,
      t.spend_usd - t.charge_usd AS over
    FROM coarse AS c INNER JOIN told AS t ON c.gateway = t.gateway
    WHERE t.charge_digits > c.digits
  )
  GROUP BY gateway, half_step
)
SELECT t.request_row, t.gateway, t.sheet_id, t.usage_source, t.charge_usd, t.target_usd,
  t.has_stated_rates, t.named_tier,
  CASE WHEN t.has_stated_rates THEN 'none' ELSE t.tool_cost END AS tool_cost,
  CAST(t.spend_usd - t.target_usd AS DECIMAL(38,15)) AS margin_usd,
  -- A lone figure may have been rounded too; it must be a thousand times more exact than drifting.
  CASE WHEN j.is_rounding THEN j.half_step
    WHEN ABS(t.target_usd - t.charge_usd) >= 1000 * t.half_step THEN t.half_step END AS half_step,
  COALESCE(j.is_rounding AND ABS(t.spend_usd - t.charge_usd) <= j.half_step, FALSE) AS is_rounded
FROM (SELECT *, CASE WHEN spend_digits BETWEEN 2 AND 9 THEN CAST('0.'
    || repeat('0', spend_digits) || '5' AS DECIMAL(38,15)) END AS half_step FROM told) AS t
LEFT JOIN judged AS j ON t.gateway = j.gateway
