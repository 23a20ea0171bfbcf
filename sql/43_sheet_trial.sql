-- reads:  book.sheet_price
-- writes: book.sheet_trial
-- grain:  one row a drifting request, other sheet and part of the call that would be priced by it:
--         all (is_whole), one kind of its tokens, all but one, or only the tokens beyond the size
--         at which a price begins; and what that changes
WITH summed AS (
  SELECT *, input_usd + read_usd + write_usd + write_1h_usd + output_usd + reasoning_usd
    + other_usd AS whole_usd
  FROM book.sheet_price
),
part AS (
  SELECT request_row, sheet_id, p.what, p.usd
  FROM (
    SELECT request_row, sheet_id, unnest([
      {'what': 'the uncached prompt', 'usd': input_usd},
      {'what': 'the cached tokens', 'usd': read_usd},
      {'what': 'the cache writes', 'usd': write_usd + write_1h_usd},
      {'what': 'the 1 h cache writes', 'usd': write_1h_usd},
      {'what': 'the cached tokens and cache writes', 'usd': read_usd + write_usd + write_1h_usd},
      {'what': 'the answer', 'usd': output_usd + reasoning_usd},
      {'what': 'the answer without reasoning', 'usd': output_usd},
      {'what': 'the reasoning', 'usd': reasoning_usd},
      {'what': 'the prompt', 'usd': input_usd + read_usd + write_usd + write_1h_usd},
      {'what': 'audio, images and tools', 'usd': other_usd},
      {'what': 'all but the uncached prompt', 'usd': whole_usd - input_usd},
      {'what': 'all but the cached tokens', 'usd': whole_usd - read_usd},
      {'what': 'all but the 1 h cache writes', 'usd': whole_usd - write_1h_usd},
      {'what': 'all but what is cached and written',
        'usd': whole_usd - read_usd - write_usd - write_1h_usd}
    ]) AS p
    FROM summed
    WHERE second_cause IS NULL AND cause <> 'model_alias_unresolved'
  )
  WHERE p.usd <> 0
),
-- Some gateways charge only the tokens beyond the threshold at the long price.
beyond AS (
  SELECT request_row, sheet_id,
    CAST(CAST(LEAST(own_min_prompt - 1, input_tokens) AS DECIMAL(18,0))
      * (other_input - own_input) AS DECIMAL(38,15)) AS usd,
    read_usd + write_usd + write_1h_usd AS cache_usd, output_usd + reasoning_usd AS answer_usd
  FROM summed
  WHERE cause = 'long_context_tier' AND second_cause IS NULL AND own_min_prompt > min_prompt
    AND input_tokens > 0
),
trial AS (
  SELECT request_row, sheet_id, TRUE AS is_whole, NULL AS what, whole_usd AS usd FROM summed
  UNION ALL
  SELECT request_row, sheet_id, FALSE, what, usd FROM part
  UNION ALL
  SELECT request_row, sheet_id, FALSE, 'the tokens up to the threshold',
    unnest([usd, usd + answer_usd, usd + cache_usd, usd + cache_usd + answer_usd])
  FROM beyond
)
SELECT s.request_row, s.sheet_id, t.is_whole, s.rank, s.cause,
  CASE WHEN t.is_whole THEN 'charged' ELSE t.what || ' charged' END || ' at ' || s.evidence
    AS evidence,
  s.second_cause, 'charged at ' || s.second_evidence AS second_evidence, s.service_tier,
  s.region, s.min_prompt, s.tod_from_us, s.from_us, s.charge_usd, s.target_usd, s.half_step,
  CAST(t.usd AS DECIMAL(38,15)) AS change_usd
FROM trial AS t
INNER JOIN summed AS s ON t.request_row = s.request_row AND t.sheet_id = s.sheet_id
  -- One sheet may be tried for two reasons.
  AND (t.is_whole OR s.second_cause IS NULL)
WHERE t.usd <> 0
