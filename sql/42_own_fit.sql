-- reads:  book.drifting, book.mistake, book.tally, book.sheet, book.other_charge,
--         book.attempted
-- writes: book.own_fit
-- grain:  one row a drifting request and one changed assumption that gives the gateway's figure at
--         the request's own prices: before margin (rank 0), a mistake in counting (1), a rare one
--         or the gateway's own count or a few searches that nothing tells of (2), a factor or more
--         such searches (3), cached tokens that nobody counts (8).
--         Where the gateway rounds, and only then is the figure met, the rank is ten more
WITH noise AS (SELECT CAST('0.000000000001' AS DECIMAL(38,15)) AS usd),
search AS (
  -- How many web searches the difference is; where other tools are called and the web is not
  -- searched, it is none, and where the gateway says that it charged no tool, none too many.
  SELECT d.request_row, t.web_search,
    COALESCE(t.web_search, 0) = 0 AND COALESCE(d.tool_cost <> 'none', FALSE) AS is_stated,
    CAST(replace(CAST(d.target_usd - d.charge_usd AS VARCHAR), '.', '') AS HUGEINT) AS units,
    CAST(replace(CAST(s.web_search AS VARCHAR), '.', '') AS HUGEINT) AS fee_units
  FROM book.drifting AS d
  INNER JOIN book.tally AS t ON d.request_row = t.request_row AND t.basis = 'own'
  INNER JOIN book.sheet AS s ON d.sheet_id = s.sheet_id
  WHERE s.web_search > 0 AND (d.target_usd < d.charge_usd OR d.tool_cost IS DISTINCT FROM 'none')
    AND (t.web_search > 0 OR d.request_row NOT IN (SELECT call_row FROM book.other_charge
        WHERE ends_with(charge, '_call')))
),
-- A prompt of images or sound, of which some are cached and nothing says how many: how many of the
-- cached tokens are charged as such too.
nested AS (
  SELECT d.request_row, m.kind, t.cache_read, m.kept, t.prompt_tokens,
    CAST(replace(CAST(d.target_usd - d.charge_usd AS VARCHAR), '.', '') AS HUGEINT) AS units,
    CAST(replace(CAST(m.usd AS VARCHAR), '.', '') AS HUGEINT) AS token_units
  FROM book.drifting AS d
  INNER JOIN book.tally AS t ON d.request_row = t.request_row AND t.basis = 'own'
  INNER JOIN book.sheet AS s ON d.sheet_id = s.sheet_id,
  LATERAL (VALUES ('image', t.image_in, s.image_in), ('audio', t.audio_in, s.audio_in))
    AS m(kind, kept, usd)
  WHERE t.input = 0 AND t.cache_read > 0 AND m.kept > 0 AND m.usd > 0
    AND d.target_usd > d.charge_usd
),
-- Where neither side counts cached tokens: how many would give the figure, taken out of the prompt
-- or charged on top of it. OpenAI caches in steps of 128 tokens, from 1024 on, which chance seldom
-- meets.
hidden AS (
  SELECT d.request_row, t.input, d.target_usd > d.charge_usd AS is_on_top,
    CAST(replace(CAST(ABS(d.charge_usd - d.target_usd) AS VARCHAR), '.', '') AS HUGEINT) AS units,
    CAST(replace(CAST(CASE WHEN d.target_usd > d.charge_usd THEN s.cache_read
      ELSE s.input - s.cache_read END AS VARCHAR), '.', '') AS HUGEINT) AS step_units
  FROM book.drifting AS d
  INNER JOIN book.tally AS t ON d.request_row = t.request_row AND t.basis = 'own'
  INNER JOIN book.sheet AS s ON d.sheet_id = s.sheet_id
  WHERE t.cache_read IS NULL AND s.provider IN ('openai', 'azure') AND s.cache_read < s.input
    AND s.cache_read > 0 AND d.target_usd <> d.charge_usd
),
tried AS (
  SELECT request_row, 0 AS rank, 'margin' AS cause,
    'the gateway''s own figure before margin and discount is the charge' AS evidence,
    charge_usd AS usd, 1 AS times, 1 AS parts
  FROM book.drifting WHERE margin_usd <> 0
  UNION ALL
  SELECT m.request_row, CASE
      -- Cached tokens that the row leaves out of its count are not counted, rather than not priced.
      WHEN m.family = 'count' AND m.input = 0 AND m.output = 0 AND m.cache_read < 0 THEN 0
      WHEN m.family = 'count' OR m.is_rare OR m.web_search > 0 THEN 2 ELSE 1 END, m.cause,
    m.evidence,
    d.charge_usd + m.change_usd, 1, 1
  FROM book.mistake AS m INNER JOIN book.drifting AS d ON m.request_row = d.request_row
  WHERE m.basis = 'own' AND m.change_usd <> 0
  UNION ALL
  -- Searches that nothing tells of go behind another sheet, and a cost counted twice: round counts
  -- of tokens make many differences a number of fees.
  SELECT request_row, CASE WHEN is_stated OR units // fee_units <= COALESCE(web_search, 0) THEN 1
      WHEN target_usd = 2 * charge_usd THEN 4
      WHEN units // fee_units <= 5 THEN 2 ELSE 3 END, 'tool_fee',
    CASE WHEN units > 0 THEN units // fee_units
      || ' web searches charged that the response does not count'
      ELSE -units // fee_units || ' of ' || web_search || ' web searches left out' END,
    d.target_usd, 1, 1
  FROM search INNER JOIN book.drifting AS d USING (request_row)
  WHERE fee_units > 0 AND units % fee_units = 0 AND units // fee_units <= 50
    AND units // fee_units >= -COALESCE(web_search, 0)
  UNION ALL
  SELECT request_row, 2, 'tool_fee', web_search || ' web searches charged at '
    || rtrim(CAST(f.fee * 0.0001 AS VARCHAR), '0') || ' USD each', d.target_usd, 1, 1
  FROM search INNER JOIN book.drifting AS d USING (request_row),
    (VALUES (50), (100), (140), (250), (275), (300), (350), (500)) AS f(fee)
  WHERE web_search > 0 AND units = web_search * (f.fee * 100000000000 - fee_units)
  UNION ALL
  -- The row says what of its figure is for tools.
  SELECT d.request_row, 1, 'tool_fee', 'tools charged at ' || d.tool_cost || ' USD'
      || CASE WHEN t.web_search > 0 THEN ', their list price is '
        || rtrim(rtrim(CAST(book.at_price(t.web_search, s.web_search) AS VARCHAR), '0'), '.')
      ELSE ', which the response does not count' END,
    d.charge_usd - book.at_price(t.web_search, s.web_search)
      + TRY_CAST(d.tool_cost AS DECIMAL(38,15)), 1, 1
  FROM book.drifting AS d
  INNER JOIN book.tally AS t ON d.request_row = t.request_row AND t.basis = 'own'
  INNER JOIN book.sheet AS s ON d.sheet_id = s.sheet_id
  WHERE TRY_CAST(d.tool_cost AS DECIMAL(38,15)) > 0 AND NOT d.is_rounded
  UNION ALL
  SELECT d.request_row, 1, 'tool_fee', concat(o.quantity, ' ', o.charge, f.evidence),
    d.charge_usd + f.times * o.charge_usd, 1, 1
  FROM book.drifting AS d INNER JOIN book.other_charge AS o ON d.request_row = o.call_row,
    (VALUES (-1, ' left out'), (1, ' charged twice')) AS f(times, evidence)
  WHERE o.charge_usd > 0 AND ends_with(o.charge, '_call') AND NOT d.is_rounded
  UNION ALL
  SELECT request_row, 2, 'cache_double_count', units // token_units || ' cached tokens charged as '
    || kind || ' tokens too', d.target_usd, 1, 1
  FROM nested INNER JOIN book.drifting AS d USING (request_row)
  WHERE units % token_units = 0 AND units // token_units <= cache_read
    AND units // token_units + kept <= prompt_tokens
  UNION ALL
  SELECT request_row, 8,
    CASE WHEN is_on_top THEN 'cache_double_count' ELSE 'cache_read_undercount' END,
    'the figure is that of ' || units // step_units || ' cached tokens, of which the row tells '
      || 'nothing' || CASE WHEN is_on_top THEN ', charged on top of the full prompt' ELSE '' END,
    d.target_usd, 1, 1
  FROM hidden INNER JOIN book.drifting AS d USING (request_row)
  WHERE units % (step_units * 128) = 0 AND units // step_units BETWEEN 1024 AND input
  UNION ALL
  SELECT d.request_row, 1, 'fallback_model_price', 'the attempt at ' || a.models || f.evidence,
    d.charge_usd - a.charge_usd + f.usd, 1, 1
  FROM book.attempted AS a INNER JOIN book.drifting AS d ON a.request_row = d.request_row,
  LATERAL (VALUES (0.000000000000000, ' left out'),
    (a.own_usd, ' charged at the price of ' || a.answered_by),
    (a.full_usd, ' charged, which was declined before an answer and is not billed'))
    AS f(usd, evidence)
  WHERE f.usd <> a.charge_usd
  UNION ALL
  SELECT d.request_row, 3, f.cause, f.evidence, d.charge_usd, f.times, f.parts
  FROM book.drifting AS d INNER JOIN book.sheet AS s ON d.sheet_id = s.sheet_id, (VALUES
    ('unit_mismatch', 100, 1, 'cents recorded as dollars'),
    ('unit_mismatch', 1, 100, 'dollars recorded as if they were cents'),
    ('unit_mismatch', 1000, 1, 'a thousand times the charge'),
    ('unit_mismatch', 1, 1000, 'a thousandth of the charge'),
    ('charged_twice', 2, 1, 'twice the charge: the cost and its upstream cost, or two records'),
    ('charged_half', 1, 2, 'half the charge')) AS f(cause, times, parts, evidence)
  WHERE d.charge_usd <> 0 AND NOT d.is_rounded AND NOT d.has_stated_rates
),
met AS (
  SELECT t.request_row, t.rank, t.cause, t.evidence,
    ABS(t.usd * t.times - d.target_usd * t.parts) AS off_usd, n.usd * t.parts AS noise_usd,
    d.half_step * t.parts AS step_usd
  FROM tried AS t INNER JOIN book.drifting AS d ON t.request_row = d.request_row, noise AS n
)
SELECT request_row, CASE WHEN off_usd <= noise_usd THEN rank ELSE rank + 10 END AS rank,
  CASE cause WHEN 'margin' THEN 'internal_margin' ELSE cause END AS cause,
  CASE WHEN off_usd <= noise_usd THEN evidence
    ELSE evidence || ', to the decimals that the gateway writes' END AS evidence
FROM met WHERE off_usd <= noise_usd OR off_usd <= step_usd
UNION ALL
SELECT request_row, 0, 'rounding', 'the charge, to the decimals that the gateway writes'
FROM book.drifting WHERE is_rounded
