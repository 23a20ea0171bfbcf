-- reads:  book.price_line, book.sheet, book.price
-- writes: book.price_fit
-- grain:  one row a provider, account, key, UTC day and billed thing whose bill a rule of price
--         gives, each line within half of the bill's smallest step a row: the list, with rounding
--         (0), a tier without cost (1), the tier of the usage itself (2), another sheet of the
--         model (3), a known factor (4), or the factor of most lines of the provider (5)
WITH line AS MATERIALIZED (
  SELECT l.*, t.lines, t.all_free_as, s.service_tier AS own_tier,
    CASE WHEN 'batch' IN (s.service_tier, o.service_tier) THEN 'batch_price'
      WHEN s.service_tier <> 'standard' OR o.service_tier <> 'standard' THEN 'service_tier' END
      AS tier_cause,
    GREATEST(COALESCE(s.min_prompt, 0), COALESCE(o.min_prompt, 0)) > 0 AS is_long,
    GREATEST(l.quantum_usd, CASE WHEN l.bill_rows = 0 THEN t.step_usd ELSE 0 END) * 0.5
      + 0.000000000001 * (l.bill_rows + 1) AS room_usd,
    ABS(l.list_usd - l.base_usd) > room_usd AS is_changed
  FROM book.price_line AS l
  INNER JOIN (
    SELECT provider, account_id, key_id, day, billed, COUNT(*) AS lines,
      MAX(step_usd) AS step_usd, MAX(free_as) AS all_free_as
    FROM book.price_line
    WHERE has_bill AND is_billed_day AND (base_usd <> 0 OR list_usd <> 0 OR bill_usd <> 0)
    GROUP BY provider, account_id, key_id, day, billed
    HAVING SUM(bill_rows) > 0 AND SUM(unpriced) = 0 AND MAX(ABS(bill_usd)) < 1000000000000
      AND MAX(ABS(base_usd)) < 1000000000000
  ) AS t USING (provider, account_id, key_id, day, billed)
  LEFT JOIN book.sheet AS s ON l.sheet_id = s.sheet_id
  LEFT JOIN book.sheet AS o ON l.other_sheet_id = o.sheet_id
  -- Lines that only count calls say nothing about the price.
  WHERE l.base_usd <> 0 OR l.list_usd <> 0 OR l.bill_usd <> 0
),
-- The factor by which the dearest line of a provider is billed, where most lines are that say
-- something: those of which rounding is less than a hundredth. error_ppm is how inexact it is.
factor AS (
  SELECT r.provider, r.ppm, r.error_ppm
  FROM (
    SELECT provider, arg_max(
      CAST(CAST(bill_usd * 1000000000000 AS HUGEINT) * 1000000
        // CAST(base_usd * 1000000000000 AS HUGEINT) AS BIGINT), base_usd) AS ppm,
      arg_max(CAST(CAST(room_usd * 1000000000000 AS HUGEINT) * 1000000
        // CAST(base_usd * 1000000000000 AS HUGEINT) AS BIGINT), base_usd) + 2 AS error_ppm
    FROM line WHERE base_usd > 0.000001 AND bill_usd > 0
    GROUP BY provider
  ) AS r
  INNER JOIN line AS l ON r.provider = l.provider
  WHERE l.base_usd > 0 AND l.room_usd * 100 <= l.base_usd
  GROUP BY r.provider, r.ppm, r.error_ppm
  HAVING ABS(r.ppm - 1000000) > r.error_ppm AND COUNT(*) >= 3
    AND 2 * COUNT(*) FILTER (ABS(l.bill_usd - l.base_usd * r.ppm * 0.000001)
      <= l.room_usd + l.base_usd * r.error_ppm * 0.000001) >= COUNT(*)
),
-- What the usage says of itself, of those lines that it changes: the others may be of other tiers.
said AS (
  SELECT provider, account_id, key_id, day, billed, MIN(tier_cause) AS tier_cause,
    bool_or(is_long) AS is_long, bool_or(is_billed_count) AS is_billed_count,
    book.words(string_agg(usage_tiers, ', ') FILTER (is_changed)) AS tiers,
    book.words(string_agg(usage_contexts, ', ') FILTER (is_changed)) AS contexts,
    book.words(string_agg(usage_regions, ', ') FILTER (is_changed)) AS regions
  FROM line WHERE has_count GROUP BY provider, account_id, key_id, day, billed
),
-- What each line would be by each rule; a rule fits that fits all lines of the billed thing.
expected AS (
  SELECT provider, account_id, key_id, day, billed, token_type, 0 AS rank, 'rounding' AS cause,
    '' AS evidence, base_usd AS usd
  FROM line
  UNION ALL
  SELECT provider, account_id, key_id, day, billed, token_type, 1,
    CASE all_free_as WHEN 'own_key' THEN 'free_tier' ELSE all_free_as END,
    book.unbilled_because(all_free_as), base_usd - free_usd
  FROM line WHERE all_free_as IS NOT NULL
  UNION ALL
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, 2,
    CASE WHEN s.tiers LIKE '%batch%' THEN 'batch_price'
      WHEN s.contexts LIKE '%k-1m%' THEN 'long_context_tier'
      WHEN COALESCE(s.tiers, 'standard') <> 'standard' THEN 'service_tier'
      WHEN s.is_long THEN 'long_context_tier'
      -- The provider served the standard tier, and we charged another one.
      ELSE COALESCE(s.tier_cause, 'region_uplift') END,
    CASE WHEN s.is_billed_count THEN 'billed at the price of what its rows say: tier '
      ELSE 'billed as the usage export says: tier ' END || COALESCE(s.tiers, 'standard')
      || COALESCE(', context ' || s.contexts, '') || COALESCE(', region ' || s.regions, ''),
    l.list_usd
  FROM line AS l INNER JOIN said AS s USING (provider, account_id, key_id, day, billed)
  WHERE l.has_count
  UNION ALL
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, 4,
    CASE WHEN f.cause = 'charged_twice' AND l.own_tier = 'batch' THEN 'batch_price'
      ELSE f.cause END, f.evidence, CAST(l.base_usd * f.times AS DECIMAL(38,15))
  FROM line AS l, (VALUES
    ('batch_price', 0.5, 'billed at half the price, as a batch'),
    ('charged_twice', 2.0, 'billed at twice the price'),
    ('region_uplift', 1.1, 'billed at 1.1 times the price: a regional surcharge'),
    ('unit_mismatch', 100.0, 'billed at 100 times the price: cents for dollars'),
    ('unit_mismatch', 0.01, 'billed at a hundredth of the price: dollars for cents')
  ) AS f(cause, times, evidence)
  UNION ALL
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, 3,
    CASE WHEN s.service_tier = 'batch' OR o.service_tier = 'batch' THEN 'batch_price'
      WHEN s.service_tier <> o.service_tier THEN 'service_tier'
      WHEN s.region <> o.region THEN 'region_uplift'
      WHEN s.min_prompt <> o.min_prompt THEN 'long_context_tier'
      WHEN s.tod_from_us <> o.tod_from_us THEN 'time_of_day_price'
      ELSE 'price_list_stale' END,
    'billed at the ' || s.service_tier || ' price'
      || CASE WHEN s.region <> '' THEN ' of region ' || s.region ELSE '' END
      || CASE WHEN s.min_prompt > 0 THEN ' for prompts from ' || s.min_prompt || ' tokens'
        ELSE '' END
      || CASE WHEN s.from_us > 0 THEN ' since ' || strftime(make_timestamp(s.from_us), '%Y-%m-%d')
        ELSE '' END,
    CAST(CAST(l.quantity AS DECIMAL(18,0)) * p.usd_per_token AS DECIMAL(38,15))
  FROM line AS l
  INNER JOIN book.sheet AS o ON l.sheet_id = o.sheet_id
  INNER JOIN book.sheet AS s
    ON s.provider = o.provider AND s.model = o.model AND s.sheet_id <> o.sheet_id
  INNER JOIN book.price AS p ON s.sheet_id = p.sheet_id AND p.token_type = l.token_type
  WHERE CAST(s.service_tier <> o.service_tier AS INTEGER) + CAST(s.region <> o.region AS INTEGER)
    + CAST(s.min_prompt <> o.min_prompt AS INTEGER)
    + CAST(s.tod_from_us <> o.tod_from_us AS INTEGER)
    + CAST(NOT (s.from_us < o.to_us AND o.from_us < s.to_us) AS INTEGER) = 1
),
negotiated AS (
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, 5 AS rank,
    'negotiated_price' AS cause, 'billed at ' || rtrim(rtrim(printf('%d.%06d', f.ppm // 1000000,
      f.ppm % 1000000), '0'), '.') || ' times the list price, as most lines of the provider'
      AS evidence
  FROM line AS l INNER JOIN factor AS f ON l.provider = f.provider
  GROUP BY ALL
  HAVING bool_and(ABS(l.bill_usd - l.base_usd * f.ppm * 0.000001)
    <= l.room_usd + l.base_usd * f.error_ppm * 0.000001)
),
fit AS (
  SELECT e.provider, e.account_id, e.key_id, e.day, e.billed, e.rank, e.cause, e.evidence
  FROM expected AS e
  INNER JOIN line AS l USING (provider, account_id, key_id, day, billed, token_type)
  GROUP BY e.provider, e.account_id, e.key_id, e.day, e.billed, e.rank, e.cause, e.evidence
  HAVING bool_and(ABS(l.bill_usd - e.usd) <= l.room_usd) AND COUNT(*) = MAX(l.lines)
    -- A rule shows only where it changes more than rounding may.
    AND (e.rank = 0 OR SUM(ABS(e.usd - l.base_usd)) >= 2 * SUM(l.room_usd))
  UNION ALL
  SELECT provider, account_id, key_id, day, billed, rank, cause, evidence FROM negotiated
)
SELECT provider, account_id, key_id, day, billed,
  string_agg(DISTINCT cause, '|' ORDER BY cause) AS cause,
  string_agg(DISTINCT evidence, '; or ' ORDER BY evidence) AS evidence
FROM (
  SELECT *, rank() OVER (PARTITION BY provider, account_id, key_id, day, billed ORDER BY rank)
    AS best
  FROM fit
)
WHERE best = 1
GROUP BY provider, account_id, key_id, day, billed
