-- reads:  book.volume_fit, book.effect, book.away, book.alike_call, book.uncounted,
--         book.shift_line, book.cause_kind
-- writes: book.borne
-- grain:  one row a day, model and token type of which the provider counts more than we do there,
--         and place of requests of ours that its finding names: begun on another day (of_day),
--         known under another model, attempts that failed, answers of the gateway's cache, calls
--         without counts (of_status), or the same calls, counted otherwise. usd is what it comes to
--         at the list's price; less than 0, of no place, what the bucket's own calls are counted
--         elsewhere for, or, where calls are missing beside rows logged twice, what is told twice.
--         of_type and of_makers, as in book.alike_call, narrow the place down, if there. Where the
--         calls are known by their times, they are of one tenant and class of workflow a row
WITH fit AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model,
    COALESCE(bool_or(cause = 'window_boundary' AND label IN ('', 'hour')), FALSE) AS is_by_call,
    COUNT(*) > 1 AND bool_or(cause = 'row_duplicated') AS is_twice,
    MAX(label) FILTER (cause = 'row_missing_gateway') AS outside,
    CASE WHEN COUNT(*) = 1 THEN MAX(cause)
      WHEN bool_or(cause = 'usage_missing') AND bool_and(cause = 'usage_missing'
        OR cause = 'window_boundary' AND label IN ('', 'hour')) THEN 'usage_missing' END AS cause,
    CASE WHEN COUNT(*) = 1 THEN MAX(label) END AS label
  FROM book.volume_fit GROUP BY provider, account_id, key_id, day, model
),
-- Findings that say, in a part of them or in each of their readings, that the calls are the same.
counted_otherwise AS (
  SELECT DISTINCT provider, account_id, key_id, day, model FROM (
    SELECT w.provider, w.account_id, w.key_id, w.day, w.model, w.reading,
      bool_and(k.cause_group = 'quantity' AND k.cause <> 'usage_missing'
        OR k.cause IN ('cache_write_ttl', 'modality_rate')) AS is_same
    FROM (
      SELECT provider, account_id, key_id, day, model, cause AS reading,
        unnest(string_split(replace(cause, '+', '|'), '|')) AS cause
      FROM book.volume_fit
    ) AS w INNER JOIN book.cause_kind AS k ON w.cause = k.cause
    GROUP BY ALL
  )
  WHERE is_same
),
-- What a key that passes the gateway used is no part of what the same calls are counted for.
inside AS (
  SELECT e.* REPLACE (e.delta - COALESCE(o.quantity, 0) AS delta, e.volume_usd - COALESCE(
      CAST(o.quantity AS DECIMAL(18,0)) * e.usd_per_token, 0.000000000000000) AS volume_usd),
    f.is_by_call, f.is_twice, f.cause, f.label, f.outside IS NOT NULL AS has_outside,
    c.provider IS NOT NULL AND e.token_type <> 'web_search' AS is_same
  FROM book.effect AS e
  INNER JOIN fit AS f
    ON e.provider = f.provider AND e.account_id = f.account_id AND e.key_id = f.key_id
    AND e.day = f.day AND e.model = f.model
  LEFT JOIN counted_otherwise AS c
    ON e.provider = c.provider AND e.account_id = c.account_id AND e.key_id = c.key_id
    AND e.day = c.day AND e.model = c.model
  LEFT JOIN (
    SELECT provider, account_id, key_id, day, model, label, token_type, SUM(quantity) AS quantity
    FROM book.shift_line WHERE cause = 'row_missing_gateway' GROUP BY ALL
  ) AS o
    ON c.provider = o.provider AND c.account_id = o.account_id AND c.key_id = o.key_id
    AND c.day = o.day AND c.model = o.model AND f.outside = o.label AND e.token_type = o.token_type
  WHERE NOT e.is_beside AND e.has_count AND e.is_priced
),
-- Models of whose writes the provider tells no lifetime, and the one that we mostly know.
untold AS MATERIALIZED (
  SELECT provider, model, COALESCE(MAX(token_type) FILTER (token_type IN ('cache_write_5m',
    'cache_write_1h') AND quantity_charged > 0), 'cache_write') AS of_type
  FROM book.effect WHERE token_type LIKE 'cache_write%' GROUP BY provider, model
  HAVING bool_or(token_type = 'cache_write' AND quantity_provider > 0)
),
counted AS MATERIALIZED (
  SELECT i.*, first_value(CASE WHEN i.delta < 0 THEN i.token_type END) OVER (
      PARTITION BY i.provider, i.account_id, i.key_id, i.day, i.model
      ORDER BY LEAST(i.volume_usd, 0), i.token_type) AS lacking, u.of_type,
    CASE WHEN u.model IS NULL OR i.is_same THEN i.token_type ELSE 'cache_write' END AS family
  FROM inside AS i
  LEFT JOIN untold AS u
    ON i.provider = u.provider AND i.model = u.model AND i.token_type LIKE 'cache_write%'
),
moved AS MATERIALIZED (
  SELECT c.provider, c.account_id, c.key_id, c.day, c.model, c.token_type, m.of_day,
    m.counted_as AS of_type, m.tenant_id, m.workflow_name,
    CAST(m.quantity AS DECIMAL(18,0)) * c.usd_per_token AS usd
  FROM book.away AS m
  LEFT JOIN untold AS u
    ON m.provider = u.provider AND m.model = u.model AND m.counted_as LIKE 'cache_write%'
  INNER JOIN counted AS c
    ON m.provider = c.provider AND m.account_id = c.account_id AND m.key_id = c.key_id
    AND m.day = c.day AND m.model = c.model
    AND CASE WHEN u.model IS NULL THEN m.counted_as ELSE 'cache_write' END = c.token_type
  WHERE c.is_by_call AND c.usd_per_token > 0
  UNION ALL
  SELECT c.provider, c.account_id, c.key_id, c.day, c.model, c.token_type, NULL, c.token_type,
    NULL, NULL, -CAST(m.quantity AS DECIMAL(18,0)) * c.usd_per_token
  FROM book.away AS m
  INNER JOIN counted AS c
    ON m.provider = c.provider AND m.account_id = c.account_id AND m.key_id = c.key_id
    AND m.of_day = c.day AND m.model = c.model AND m.counted_as = c.token_type
  WHERE CASE WHEN m.tenant_id = '' THEN c.is_twice ELSE c.is_by_call END AND c.usd_per_token > 0
  UNION ALL
  SELECT provider, account_id, key_id, day, model, token_type, NULL, token_type, NULL, NULL,
    volume_usd
  FROM counted WHERE is_same AND has_outside AND volume_usd < 0
),
surplus AS (
  SELECT c.*, SUM(c.delta) OVER one AS more,
    CAST(SUM(c.volume_usd - COALESCE(m.usd, 0)) OVER one AS DECIMAL(38,15)) AS left_usd
  FROM counted AS c
  LEFT JOIN (
    SELECT provider, account_id, key_id, day, model, token_type, SUM(usd) AS usd
    FROM moved GROUP BY provider, account_id, key_id, day, model, token_type
  ) AS m USING (provider, account_id, key_id, day, model, token_type)
  WINDOW one AS (PARTITION BY c.provider, c.account_id, c.key_id, c.day, c.model, c.family)
  QUALIFY more > 0 AND left_usd > 0 AND c.token_type = c.family
)
SELECT provider, account_id, key_id, day, model, token_type, of_day, model AS of_model,
  of_type, 'rated' AS of_status, CAST(NULL AS VARCHAR[]) AS of_makers,
  tenant_id, workflow_name, CAST(SUM(usd) AS DECIMAL(38,15)) AS usd
FROM moved GROUP BY provider, account_id, key_id, day, model, token_type, of_day, of_type,
  tenant_id, workflow_name
UNION ALL
SELECT s.provider, s.account_id, s.key_id, s.day, s.model, s.token_type,
  CASE WHEN s.cause = 'window_boundary' THEN s.label ELSE s.day END,
  CASE WHEN s.cause = 'model_alias_unresolved' THEN s.label ELSE s.model END,
  CASE WHEN s.is_same THEN s.lacking WHEN s.cause = 'usage_missing' THEN s.token_type
    ELSE COALESCE(s.of_type, s.token_type) END,
  CASE s.cause WHEN 'failed_but_billed' THEN 'failed_attempt'
    WHEN 'cache_hit_billed' THEN 'gateway_cache_hit' WHEN 'usage_missing' THEN 'no_usage'
    ELSE 'rated' END,
  CASE WHEN s.cause = 'usage_missing' THEN u.makers ELSE a.makers END, NULL, NULL, s.left_usd
FROM surplus AS s
LEFT JOIN book.alike_call AS a USING (provider, account_id, key_id, day, model)
LEFT JOIN (
  SELECT DISTINCT provider, account_id, key_id, day, model, makers FROM book.uncounted
) AS u USING (provider, account_id, key_id, day, model)
WHERE s.is_same OR s.label <> '' AND s.cause IN ('window_boundary', 'model_alias_unresolved',
    'failed_but_billed') AND s.label <> 'hour'
  OR s.label = '' AND s.cause IN ('failed_but_billed', 'cache_hit_billed')
  OR s.cause = 'usage_missing' AND u.makers IS NOT NULL
