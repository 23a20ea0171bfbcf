-- reads:  book.sheet_price
-- writes: book.sheet_split as a view
-- grain:  one row a drifting request and other sheet: what all of the call changes there
--         (whole_usd), what is wanted (gap_usd), and what parts of it change by themselves: one
--         kind of its tokens, all but one, or only the tokens beyond the size at which a price
--         begins, as some gateways charge. A view, since a part is of use where it gives the
--         figure, which few do, or where a mistake is looked for beside it: with a row for each,
--         a month in which one model drifts made millions
WITH summed AS (
  SELECT *, input_usd + read_usd + write_usd + write_1h_usd + output_usd + reasoning_usd
      + other_usd AS whole_usd,
    read_usd + write_usd + write_1h_usd AS cache_usd, output_usd + reasoning_usd AS answer_usd,
    CASE WHEN cause = 'long_context_tier' AND own_min_prompt > min_prompt AND input_tokens > 0
      THEN CAST(CAST(LEAST(own_min_prompt - 1, input_tokens) AS DECIMAL(18,0))
        * (other_input - own_input) AS DECIMAL(38,15)) END AS beyond_usd
  FROM book.sheet_price
)
SELECT *, CAST(target_usd - charge_usd AS DECIMAL(38,15)) AS gap_usd,
  CASE WHEN second_cause IS NULL AND cause <> 'model_alias_unresolved' THEN [
    input_usd, read_usd, write_usd + write_1h_usd, write_1h_usd, cache_usd, answer_usd,
    output_usd, reasoning_usd, input_usd + cache_usd, other_usd, whole_usd - input_usd,
    whole_usd - read_usd, whole_usd - write_1h_usd, whole_usd - cache_usd, beyond_usd,
    beyond_usd + answer_usd, beyond_usd + cache_usd, beyond_usd + cache_usd + answer_usd
  ] END AS parts,
  ['the uncached prompt', 'the cached tokens', 'the cache writes', 'the 1 h cache writes',
    'the cached tokens and cache writes', 'the answer', 'the answer without reasoning',
    'the reasoning', 'the prompt', 'audio, images and tools', 'all but the uncached prompt',
    'all but the cached tokens', 'all but the 1 h cache writes',
    'all but what is cached and written', 'the tokens up to the threshold',
    'the tokens up to the threshold', 'the tokens up to the threshold',
    'the tokens up to the threshold'] AS names
FROM summed
