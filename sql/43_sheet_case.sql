-- reads:  book.drifting, book.own_fit, book.above, book.sheet, book.model_key,
--         raw.request_kind, raw.span_kind
-- writes: book.sheet_case
-- grain:  one row a drifting request that no mistake in counting explains, and price sheet by which
--         the gateway may have priced it instead: one or two of its conditions differ, or the
--         model. The cause is that of the condition; off_us is how far its dates are from the call
WITH closed AS (
  SELECT DISTINCT request_row FROM book.own_fit WHERE rank <= 1
),
call AS (
  SELECT r.request_row, r.request_kind, r.span_kind, r.provider, r.model, r.price_key,
    r.sheet_id, r.provider_raw, r.model_raw, r.tier_raw, r.region_raw, r.started_us,
    r.started_us % 86400000000 AS time_us, g.priced_tier,
    COALESCE(r.prompt_tokens, 0) AS prompt, o.service_tier, o.region, o.min_prompt
  FROM book.drifting AS d
  INNER JOIN book.above AS r ON d.request_row = r.request_row
  INNER JOIN book.sheet AS o ON d.sheet_id = o.sheet_id
  LEFT JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  -- Long prompts are tried in any case: there a price may be that of a shorter one by chance.
  WHERE (d.request_row NOT IN (SELECT request_row FROM closed) OR o.min_prompt > 0)
    AND d.target_usd > 0
),
differing AS (
  SELECT c.request_row, c.started_us, s.sheet_id, s.from_us, s.to_us, s.service_tier, s.region,
    s.min_prompt, s.tod_from_us, c.priced_tier, c.service_tier AS own_tier,
    c.min_prompt AS own_min_prompt,
    -- What was announced and withdrawn is the price of no date; its sheets count below zero.
    s.sheet_id < 0 AS is_withdrawn,
    s.sheet_id < 0 OR NOT (s.from_us <= c.started_us AND c.started_us < s.to_us)
      AS is_other_time,
    GREATEST(s.from_us - c.started_us, c.started_us - s.to_us, 0) AS off_us,
    NOT (s.min_prompt <= c.prompt AND c.prompt < s.max_prompt) AS is_other_size,
    NOT (s.tod_from_us <= c.time_us AND c.time_us < s.tod_to_us) AS is_other_hour,
    s.service_tier <> c.service_tier AS is_other_tier, s.region <> c.region AS is_other_region
  FROM call AS c
  INNER JOIN book.sheet AS s
    ON s.provider = c.provider AND s.model = c.model AND s.sheet_id <> c.sheet_id
),
-- Which condition is the first that differs, and the last.
placed AS (
  SELECT *, CASE WHEN is_other_tier THEN 1 WHEN is_other_region THEN 2 WHEN is_other_size THEN 3
      WHEN is_other_hour THEN 4 ELSE 5 END AS first,
    CASE WHEN is_other_time THEN 5 WHEN is_other_hour THEN 4 WHEN is_other_size THEN 3
      WHEN is_other_region THEN 2 ELSE 1 END AS last
  FROM differing
  WHERE CAST(is_other_tier AS INTEGER) + CAST(is_other_region AS INTEGER)
    + CAST(is_other_size AS INTEGER) + CAST(is_other_hour AS INTEGER)
    + CAST(is_other_time AS INTEGER) BETWEEN 1 AND 2
),
named AS (
  SELECT *, [CASE WHEN 'batch' IN (own_tier, service_tier) THEN 'batch_price'
        ELSE 'service_tier' END,
      'region_uplift', 'long_context_tier', 'time_of_day_price', 'price_list_stale'] AS causes,
    CASE WHEN first = 1 THEN 'the ' || service_tier || ' price, served as ' || own_tier END
      AS of_tier,
    CASE WHEN 2 IN (first, last) THEN 'the price of region '
      || COALESCE(NULLIF(region, ''), 'default') END AS of_region,
    CASE WHEN 3 IN (first, last) THEN 'the price for prompts from ' || min_prompt || ' tokens' END
      AS of_size,
    CASE WHEN last = 5 AND is_withdrawn THEN 'a price that was announced for '
        || strftime(make_timestamp(from_us), '%Y-%m-%d') || ' and withdrawn'
      WHEN last = 5 THEN 'the price of another date: ' || CASE WHEN to_us <= started_us
        THEN 'it ended ' || strftime(make_timestamp(to_us), '%Y-%m-%d')
        ELSE 'it begins ' || strftime(make_timestamp(from_us), '%Y-%m-%d') END END AS of_time
  FROM placed
),
caused AS (
  SELECT *, causes[first] AS cause, CASE first WHEN 1 THEN of_tier WHEN 2 THEN of_region
      WHEN 3 THEN of_size WHEN 4 THEN 'the price of other hours' ELSE of_time END AS evidence,
    CASE WHEN last > first THEN causes[last] END AS second_cause,
    CASE WHEN last > first THEN CASE last WHEN 2 THEN of_region WHEN 3 THEN of_size
      WHEN 4 THEN 'the price of other hours' ELSE of_time END END AS second_evidence
  FROM named
),
-- Other dates at which the price list has the same name under another model: as a dated id at one
-- of them, as its family at the other.
renamed AS (
  SELECT c.*, k.price_key AS other_key, k.from_us AS name_from_us, k.to_us AS name_to_us
  FROM call AS c
  INNER JOIN book.model_key AS k
    ON k.provider_raw = c.provider_raw AND k.model_raw = c.model_raw AND k.tier_raw = c.tier_raw
    AND k.region_raw = c.region_raw AND k.price_key <> c.price_key
  WHERE k.to_us <= c.started_us OR k.from_us > c.started_us
),
kind AS MATERIALIZED (
  SELECT kind_id, response_model, requested_model, priced_model,
    -- The model that a fine-tuned one was made of.
    NULLIF(regexp_extract(response_model, '(^|/)ft:([^:]+)', 2), '') AS made_of
  FROM raw.request_kind
),
alias AS (
  SELECT c.request_row, c.started_us, c.prompt, c.time_us, k.price_key, k.model, c.model AS of
  FROM call AS c
  INNER JOIN kind AS g ON c.request_kind = g.kind_id
  LEFT JOIN raw.span_kind AS p ON c.span_kind = p.kind_id
  INNER JOIN book.model_key AS k
    ON k.provider_raw = c.provider_raw AND k.tier_raw = c.tier_raw
    AND k.region_raw = c.region_raw AND c.started_us >= k.from_us AND c.started_us < k.to_us
    AND k.model_raw IN (g.response_model, g.requested_model, g.priced_model,
      p.requested_model, g.made_of)
  ANTI JOIN renamed AS n ON c.request_row = n.request_row AND k.price_key = n.other_key
  WHERE k.price_key <> c.price_key
)
SELECT request_row, sheet_id,
  -- Where the row says by which tier it was priced, that goes before others of the same price.
  CASE WHEN first = 1 AND priced_tier IN ('flex', 'priority', 'batch')
    AND service_tier <> priced_tier THEN 2 ELSE 1 END AS rank,
  cause, evidence, second_cause, second_evidence,
  service_tier, region, min_prompt, own_min_prompt, tod_from_us, from_us, off_us
FROM caused
UNION ALL
SELECT r.request_row, s.sheet_id, 1, 'price_list_stale', 'the price of another date: '
    || CASE WHEN r.name_to_us <= r.started_us
      THEN 'it ended ' || strftime(make_timestamp(LEAST(s.to_us, r.name_to_us)), '%Y-%m-%d')
      ELSE 'it begins ' || strftime(make_timestamp(GREATEST(s.from_us, r.name_from_us)), '%Y-%m-%d')
      END,
  NULL, NULL, s.service_tier, s.region, s.min_prompt, r.min_prompt, s.tod_from_us,
  GREATEST(s.from_us, r.name_from_us),
  GREATEST(s.from_us - r.started_us, r.name_from_us - r.started_us, r.started_us - s.to_us,
    r.started_us - r.name_to_us)
FROM renamed AS r
INNER JOIN book.sheet AS s
  ON s.price_key = r.other_key AND s.from_us < r.name_to_us AND s.to_us > r.name_from_us
  AND r.prompt >= s.min_prompt AND r.prompt < s.max_prompt AND r.time_us >= s.tod_from_us
  AND r.time_us < s.tod_to_us
UNION ALL
SELECT a.request_row, s.sheet_id, 1, 'model_alias_unresolved',
  'the price of ' || a.model || ', answered by ' || a.of, NULL, NULL, s.service_tier, s.region,
  s.min_prompt, 0, s.tod_from_us, s.from_us, 0
FROM alias AS a
INNER JOIN book.sheet AS s
  ON s.price_key = a.price_key AND a.started_us >= s.from_us AND a.started_us < s.to_us
  AND a.prompt >= s.min_prompt AND a.prompt < s.max_prompt AND a.time_us >= s.tod_from_us
  AND a.time_us < s.tod_to_us
UNION ALL
-- Another model of the provider that this run knows, though nothing on the call names it; of
-- providers with many models one would fit by chance.
SELECT c.request_row, s.sheet_id, 3, 'model_alias_unresolved',
  'the price of ' || s.model || ', answered by ' || c.model, NULL, NULL, s.service_tier,
  s.region, s.min_prompt, 0, s.tod_from_us, s.from_us, 0
FROM call AS c
INNER JOIN book.sheet AS s
  ON s.provider = c.provider AND s.model <> c.model AND s.sheet_id > 0
  AND s.service_tier = c.service_tier
  AND s.region = c.region AND c.started_us >= s.from_us AND c.started_us < s.to_us
  AND c.prompt >= s.min_prompt AND c.prompt < s.max_prompt AND c.time_us >= s.tod_from_us
  AND c.time_us < s.tod_to_us
WHERE c.provider IN (SELECT provider FROM book.sheet GROUP BY provider
  HAVING COUNT(DISTINCT model) <= 40)
