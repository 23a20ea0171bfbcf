-- reads:  book.price_case, book.effect, book.sheet, book.price
-- writes: book.price_elsewhere
-- grain:  one row a row of book.price_case and other price sheet of its model, of which one
--         condition differs: what the line is at the prices of that sheet, and its tier or its
--         region where that is what differs. A line that names no token type is the sum of all
--         types that the provider counts of the model. Of calls of two sheets each is another than
--         the other: all of the day may be billed at the price of one
WITH own AS (
  SELECT provider, account_id, key_id, day, billed, token_type, quantity,
    MIN(sheet_id) OVER thing AS sheet_id, MAX(other_sheet_id) OVER thing AS other_sheet_id
  FROM book.price_case WHERE billed NOT IN ('*', '(web search)')
  WINDOW thing AS (PARTITION BY provider, account_id, key_id, day, billed)
),
line AS (
  SELECT * EXCLUDE (other_sheet_id) FROM own
  UNION
  SELECT * EXCLUDE (sheet_id, other_sheet_id), other_sheet_id AS sheet_id FROM own
),
told AS (
  SELECT *, token_type AS counted_as, quantity AS counted FROM line WHERE token_type <> '*'
  UNION ALL
  SELECT l.*, e.token_type, COALESCE(e.quantity_provider, e.quantity_charged)
  FROM line AS l
  INNER JOIN book.effect AS e
    ON l.provider = e.provider AND l.account_id = e.account_id AND l.key_id = e.key_id
    AND l.day = e.day AND l.billed = e.model
  WHERE l.token_type = '*' AND NOT e.is_beside AND NOT e.is_apart
    AND COALESCE(e.quantity_provider, e.quantity_charged) > 0
)
SELECT DISTINCT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, s.sheet_id,
  CASE WHEN s.service_tier <> o.service_tier THEN s.service_tier END AS other_tier,
  CASE WHEN s.region <> o.region THEN s.region END AS other_region,
  CASE WHEN s.service_tier = 'batch' OR o.service_tier = 'batch' THEN 'batch_price'
    WHEN s.service_tier <> o.service_tier THEN 'service_tier'
    WHEN s.region <> o.region THEN 'region_uplift'
    WHEN s.min_prompt <> o.min_prompt THEN 'long_context_tier'
    WHEN s.tod_from_us >= o.tod_to_us OR o.tod_from_us >= s.tod_to_us THEN 'time_of_day_price'
    ELSE 'price_list_stale' END AS cause,
  'billed at the ' || s.service_tier || ' price'
    || CASE WHEN s.region <> '' THEN ' of region ' || s.region ELSE '' END
    || CASE WHEN s.min_prompt > 0 THEN ' for prompts from ' || s.min_prompt || ' tokens'
      ELSE '' END
    || CASE WHEN s.tod_from_us >= o.tod_to_us OR o.tod_from_us >= s.tod_to_us
      THEN ' of other hours' ELSE '' END
    || CASE WHEN s.from_us <= 0 AND s.to_us <= o.from_us
      THEN ' that ended ' || strftime(make_timestamp(s.to_us), '%Y-%m-%d')
      WHEN s.from_us > 0 THEN ' since ' || strftime(make_timestamp(s.from_us), '%Y-%m-%d')
      ELSE '' END AS evidence,
  CAST(SUM(CAST(l.counted AS DECIMAL(18,0)) * p.usd_per_token) AS DECIMAL(38,15)) AS usd
FROM told AS l
INNER JOIN book.sheet AS o ON l.sheet_id = o.sheet_id
INNER JOIN book.sheet AS s
  ON s.provider = o.provider AND s.model = o.model AND s.sheet_id <> o.sheet_id
LEFT JOIN book.price AS p ON s.sheet_id = p.sheet_id AND l.counted_as = p.token_type
WHERE CAST(s.service_tier <> o.service_tier AS INTEGER) + CAST(s.region <> o.region AS INTEGER)
  + CAST(s.min_prompt <> o.min_prompt AS INTEGER)
  + CAST(s.tod_from_us >= o.tod_to_us OR o.tod_from_us >= s.tod_to_us AS INTEGER)
  + CAST(NOT (s.from_us < o.to_us AND o.from_us < s.to_us) AS INTEGER) = 1
GROUP BY l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, s.sheet_id,
  s.service_tier, o.service_tier, s.region, o.region, s.min_prompt, o.min_prompt, s.tod_from_us,
  o.tod_from_us, s.tod_to_us, o.tod_to_us, s.from_us, s.to_us, o.from_us
HAVING COUNT(*) = COUNT(p.usd_per_token)
