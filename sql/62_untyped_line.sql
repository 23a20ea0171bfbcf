-- reads:  book.effect, book.price
-- writes: book.untyped_line
-- grain:  one row a provider, account, key, UTC day and model of which the provider counts prompts
--         that it does not split, and has more of calls, prompts and answers than gateway and
--         traces, or less: what of it is missing where, and the least and the most that it costs
WITH counted AS (
  SELECT provider, account_id, key_id, day, model, MIN(sheet_id) AS sheet_id,
    CAST(SUM(requests_provider) - SUM(requests_charged) AS BIGINT) AS calls,
    CAST(SUM(delta) FILTER (token_type IS NULL OR token_type NOT IN ('output', 'reasoning'))
      AS BIGINT) AS prompt,
    CAST(COALESCE(SUM(delta) FILTER (token_type IN ('output', 'reasoning')), 0) AS BIGINT)
      AS answer,
    SUM(usage_charge_usd) FILTER (token_type IN ('output', 'reasoning')) IS NOT NULL AS has_answers
  FROM book.effect
  WHERE is_beside IS NOT TRUE AND (token_type IS NULL OR token_type IN ('input', 'cache_read',
    'cache_write_5m', 'cache_write_1h', 'cache_write', 'output', 'reasoning', 'unsplit'))
  GROUP BY provider, account_id, key_id, day, model
  HAVING SUM(quantity_provider) FILTER (token_type IS NULL) > 0 AND has_answers
    AND MIN(sheet_id) = MAX(other_sheet_id) AND COALESCE(SUM(uncounted), 0) = 0
    AND (calls > 0 AND LEAST(prompt, answer) >= 0 OR calls < 0 AND GREATEST(prompt, answer) <= 0)
),
priced AS (
  SELECT sheet_id, MIN(usd_per_token) FILTER (token_type <> 'output') AS least,
    MAX(usd_per_token) FILTER (token_type <> 'output') AS most,
    MAX(usd_per_token) FILTER (token_type = 'output') AS of_answer
  FROM book.price WHERE token_type IN ('input', 'cache_read', 'cache_write_5m', 'cache_write_1h',
    'output')
  GROUP BY sheet_id
)
SELECT c.provider, c.account_id, c.key_id, c.day, c.model,
  CASE WHEN c.calls > 0 THEN 'row_missing_gateway' ELSE 'row_missing_provider' END AS cause,
  'the provider counted ' || CASE WHEN c.calls > 0 THEN 'more' ELSE 'less' END
    || ' than gateway and traces, and splits no prompts: calls ' || printf('%+d', c.calls)
    || ', prompt ' || printf('%+d', c.prompt) || ', output ' || printf('%+d', c.answer) AS evidence,
  CAST(CAST(c.prompt AS DECIMAL(18,0)) * CASE WHEN c.calls > 0 THEN p.least ELSE p.most END
    + CAST(c.answer AS DECIMAL(18,0)) * p.of_answer AS DECIMAL(38,15)) AS least_usd,
  CAST(CAST(c.prompt AS DECIMAL(18,0)) * CASE WHEN c.calls > 0 THEN p.most ELSE p.least END
    + CAST(c.answer AS DECIMAL(18,0)) * p.of_answer AS DECIMAL(38,15)) AS most_usd
FROM counted AS c
INNER JOIN priced AS p ON c.sheet_id = p.sheet_id
