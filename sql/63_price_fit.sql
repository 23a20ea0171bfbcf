-- reads:  book.price_case, book.price_factor, book.price_elsewhere, book.price_crossed,
--         book.price_demoted
-- writes: book.price_fit
-- grain:  one row a provider, account, key, UTC day and billed thing whose bill a rule of price
--         gives, each line within half of the bill's smallest step a row: the list, with rounding
--         (0), a tier without cost (1), the tier of the usage itself (2), a factor that nearly all
--         lines share and no sheet gives of all of them (3), another sheet of the model (4), one
--         that is not what the usage says of itself, another token type of its own, or twice or a
--         hundred times the price (5),
--         half or 1.1 times (6), or the factor of other lines (7 to 9). A factor of 1.1 may be a
--         regional surcharge, where the usage tells of no region. Where the factor is one of
--         the price of the usage's own tier, that tier is a cause of its own
WITH
-- What the usage says of itself, of those lines that it changes: the others may be of other tiers.
own AS (
  SELECT provider, account_id, key_id, day, billed, MIN(tier_cause) AS tier_cause,
    bool_or(is_long) AS is_long, bool_or(is_billed_count) AS is_billed_count,
    book.words(string_agg(moved_tiers, ', ') FILTER (is_changed)) AS tiers,
    book.words(string_agg(usage_contexts, ', ') FILTER (is_changed)) AS contexts,
    book.words(string_agg(usage_regions, ', ') FILTER (is_changed)) AS regions,
    book.words(string_agg(usage_tiers, ', ') FILTER (is_tier_told)) AS all_tiers,
    book.words(string_agg(usage_regions, ', ')) AS all_regions
  FROM book.price_case WHERE has_count GROUP BY provider, account_id, key_id, day, billed
),
said AS (
  SELECT * EXCLUDE (tier_cause), CASE WHEN tiers LIKE '%batch%' THEN 'batch_price'
      WHEN contexts LIKE '%k-1m%' THEN 'long_context_tier'
      WHEN COALESCE(tiers, 'standard') <> 'standard' THEN 'service_tier'
      WHEN is_long THEN 'long_context_tier'
      -- The provider served the standard tier, and we charged another one.
      ELSE COALESCE(tier_cause, 'region_uplift') END AS tier_cause,
    CASE WHEN is_billed_count THEN 'billed at the price of what its rows say: tier '
      ELSE 'billed as the usage export says: tier ' END || COALESCE(tiers, 'standard')
      || COALESCE(', context ' || contexts, '') || COALESCE(', region ' || regions, '')
      AS tier_evidence
  FROM own
),
-- What each line would be by each rule; a rule fits that fits all lines of the billed thing.
expected AS (
  SELECT provider, account_id, key_id, day, billed, token_type, 0 AS rank, 'rounding' AS cause,
    '' AS evidence, base_usd AS usd, CAST(NULL AS BIGINT) AS sheet_id
  FROM book.price_case
  UNION ALL
  SELECT provider, account_id, key_id, day, billed, token_type, 1,
    CASE all_free_as WHEN 'own_key' THEN 'free_tier' ELSE all_free_as END,
    book.unbilled_because(all_free_as), base_usd - free_usd, NULL
  FROM book.price_case WHERE all_free_as IS NOT NULL
  UNION ALL
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, 2, s.tier_cause,
    s.tier_evidence, l.list_usd, NULL
  FROM book.price_case AS l INNER JOIN said AS s USING (provider, account_id, key_id, day, billed)
  WHERE l.has_count
  UNION ALL
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, f.rank,
    CASE WHEN f.cause = 'charged_twice' AND l.own_tier = 'batch' THEN 'batch_price'
      ELSE f.cause END, f.evidence || CASE WHEN f.times = 0.5 AND NOT contains(s.all_tiers, 'batch')
      THEN ', where its usage says tier ' || s.all_tiers ELSE '' END,
    CAST(l.base_usd * f.times AS DECIMAL(38,15)), NULL
  FROM book.price_case AS l
  LEFT JOIN said AS s USING (provider, account_id, key_id, day, billed), (VALUES
    (6, 'batch_price', 0.5, 'billed at half the price, as a batch'),
    (5, 'charged_twice', 2.0, 'billed at twice the price'),
    (6, 'negotiated_price|region_uplift', 1.1, 'billed at 1.1 times the price: one agreed on, or '
      'a regional surcharge'),
    (5, 'unit_mismatch', 100.0, 'billed at 100 times the price: cents for dollars'),
    (5, 'unit_mismatch', 0.01, 'billed at a hundredth of the price: dollars for cents')
  ) AS f(rank, cause, times, evidence)
  UNION ALL
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type,
    CASE WHEN NOT contains(s.all_tiers, l.other_tier)
      OR l.other_region IS NOT NULL AND s.all_regions <> '' THEN 5 ELSE 4 END, l.cause,
    l.evidence || CASE WHEN NOT contains(s.all_tiers, l.other_tier)
        THEN ', where its usage says tier ' || s.all_tiers
      WHEN l.other_region IS NOT NULL AND s.all_regions <> ''
        THEN ', where its usage says region ' || s.all_regions ELSE '' END, l.usd, l.sheet_id
  FROM book.price_elsewhere AS l
  LEFT JOIN said AS s USING (provider, account_id, key_id, day, billed)
  UNION ALL
  SELECT provider, account_id, key_id, day, billed, token_type, 5, cause, evidence, usd, NULL
  FROM book.price_crossed
  UNION ALL
  SELECT provider, account_id, key_id, day, billed, token_type, 5, cause, evidence, usd, NULL
  FROM book.price_demoted
),
negotiated AS (
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, f.scope, f.of, f.is_shared,
    f.is_tenth, 'billed at ' || rtrim(rtrim(printf('%d.%06d', f.ppm // 1000000,
      f.ppm % 1000000), '0'), '.') || ' times the list price, ' || f.told AS evidence,
    bool_and(ABS(l.bill_usd - l.base_usd * f.ppm * 0.000001)
      <= l.room_usd + l.base_usd * f.error_ppm * 0.000001) AS is_of_base
  FROM book.price_case AS l
  INNER JOIN book.price_factor AS f
    ON l.provider = f.provider AND f.of IN ('', l.billed)
    AND l.day BETWEEN f.from_day AND f.to_day
  GROUP BY ALL
  HAVING is_of_base OR bool_or(l.is_changed) AND bool_and(l.has_count
    AND ABS(l.bill_usd - l.list_usd * f.ppm * 0.000001)
      <= l.room_usd + l.list_usd * f.error_ppm * 0.000001)
),
ruled AS MATERIALIZED (
  SELECT e.provider, e.account_id, e.key_id, e.day, e.billed, e.rank, e.cause, e.evidence
  FROM expected AS e
  INNER JOIN book.price_case AS l USING (provider, account_id, key_id, day, billed, token_type)
  GROUP BY e.provider, e.account_id, e.key_id, e.day, e.billed, e.rank, e.cause, e.evidence,
    e.sheet_id
  HAVING bool_and(ABS(l.bill_usd - e.usd) <= l.room_usd) AND COUNT(*) = MAX(l.lines)
    -- A rule that nothing else tells of shows only where it changes more than rounding may.
    AND (e.rank IN (0, 2) OR SUM(ABS(e.usd - l.base_usd)) >= 2 * SUM(l.room_usd))
    AND (e.rank = 0 OR SUM(ABS(l.bill_usd)) > 0 OR SUM(ABS(e.usd)) = 0) -- nothing is no hundredth
),
-- Factors that nearly all lines share, one of them with no other reading than that.
shared AS (
  SELECT n.provider, n.scope, n.of
  FROM negotiated AS n
  LEFT JOIN (SELECT DISTINCT provider, account_id, key_id, day, billed FROM ruled
    WHERE rank <= 4 OR cause IN ('charged_twice', 'unit_mismatch')) AS r
    USING (provider, account_id, key_id, day, billed)
  WHERE n.is_shared AND r.provider IS NULL
  GROUP BY n.provider, n.scope, n.of
),
fit AS (
  SELECT *, 0 AS scope, CAST(NULL AS VARCHAR) AS tier_cause, CAST(NULL AS VARCHAR) AS tier_evidence
  FROM ruled
  UNION ALL
  SELECT n.provider, n.account_id, n.key_id, n.day, n.billed,
    CASE WHEN s.provider IS NOT NULL THEN 3 ELSE 6 + n.scope END,
    CASE WHEN n.is_surcharge THEN 'negotiated_price|region_uplift' ELSE 'negotiated_price' END,
    n.evidence || CASE WHEN n.is_surcharge THEN ': one agreed on, or a regional surcharge' ELSE ''
      END, n.scope,
    CASE WHEN NOT n.is_of_base THEN n.tier_cause END,
    CASE WHEN NOT n.is_of_base THEN n.tier_evidence END
  FROM (
    SELECT n.*, t.tier_cause, t.tier_evidence,
      n.is_tenth AND COALESCE(t.all_regions, '') = '' AS is_surcharge
    FROM negotiated AS n
    LEFT JOIN said AS t USING (provider, account_id, key_id, day, billed)
  ) AS n
  LEFT JOIN shared AS s USING (provider, scope, of)
)
SELECT provider, account_id, key_id, day, billed,
  string_agg(DISTINCT cause, '|' ORDER BY cause) AS cause,
  string_agg(DISTINCT evidence, '; or ' ORDER BY evidence) AS evidence,
  MIN(tier_cause) AS tier_cause, MIN(tier_evidence) AS tier_evidence
FROM (
  SELECT *, rank() OVER (PARTITION BY provider, account_id, key_id, day, billed
    ORDER BY rank, scope) AS best
  FROM fit
)
WHERE best = 1
GROUP BY provider, account_id, key_id, day, billed
