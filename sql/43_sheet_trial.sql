-- reads:  book.sheet_split
-- writes: book.sheet_trial
-- grain:  one row a drifting request, other sheet and part of the call that would be priced by it,
--         with what that changes: all of the call (is_whole), or a part where just that gives the
--         gateway's figure. Where another model has no price of cached tokens, it is tried with
--         these at nothing and at the input price too
WITH met AS (
  SELECT * FROM book.sheet_split
  WHERE len(list_filter(parts, usd -> usd <> 0 AND ABS(usd - gap_usd) <= 0.000000000001)) > 0
),
part AS (
  SELECT *, unnest(parts) AS usd, unnest(names) AS what FROM met
),
trial AS (
  SELECT request_row, sheet_id, TRUE AS is_whole, 'charged at ' || evidence AS evidence, rank,
    cause, second_cause, second_evidence, service_tier, region, min_prompt, tod_from_us, from_us,
    off_us, charge_usd, target_usd, half_step, whole_usd AS usd
  FROM book.sheet_split
  UNION ALL
  SELECT request_row, sheet_id, TRUE, 'charged at ' || evidence || ', its cached tokens at '
    || unnest(['nothing', 'the input price']), rank, cause, second_cause, second_evidence,
    service_tier, region, min_prompt, tod_from_us, from_us, off_us, charge_usd, target_usd,
    half_step, whole_usd + unnest(read_costs)
  FROM book.sheet_split WHERE read_costs IS NOT NULL
  UNION ALL
  SELECT request_row, sheet_id, FALSE, what || ' charged at ' || evidence, rank, cause,
    second_cause, second_evidence, service_tier, region, min_prompt, tod_from_us, from_us,
    off_us, charge_usd, target_usd, half_step, usd
  FROM part WHERE ABS(usd - gap_usd) <= 0.000000000001
)
SELECT request_row, sheet_id, is_whole, rank, cause, evidence, second_cause,
  'charged at ' || second_evidence AS second_evidence, service_tier, region, min_prompt,
  tod_from_us, from_us, off_us, charge_usd, target_usd, half_step,
  CAST(usd AS DECIMAL(38,15)) AS change_usd
FROM trial WHERE usd <> 0
