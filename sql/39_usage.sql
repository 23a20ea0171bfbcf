-- reads:  raw.usage, book.export, book.model_key, book.long_day, book.sheet, book.price,
--         book.period
-- writes: book.usage
-- grain:  one row a provider usage row; is_counted is false where another export tells of the
--         same use, so that files by hour, day or month are not added. An export without account
--         tells of the only one that others name, or of all. Those of other accounts, or of
--         OpenAI's other projects, are no alternatives. charge_usd is at the list price of the
--         row's tier, or of the standard tier where that has no token price (free_as). day: as in
--         book.long_day. is_of_view: it counts among exports of its grain and grouping. is_other:
--         one that counts has another figure. has_no_model: all models in one sum, as two
--         providers have it where nobody groups it; compared with none, it counts nowhere
WITH owner AS MATERIALIZED (
  SELECT n.file_id, n.provider, n.names_account, o.account_id, n.has_accounts
      AND NOT n.names_account AND o.account_id IS NULL AS is_of_all,
    n.has_projects, bool_and(n.names_account OR o.account_id IS NOT NULL)
      OVER (PARTITION BY n.provider) AS has_all_accounts
  FROM (
    SELECT file_id, provider, bool_or(account_id IS NOT NULL) AS names_account,
      bool_or(bool_or(account_id IS NOT NULL)) OVER (PARTITION BY provider) AS has_accounts,
      provider = 'openai' AND bool_and(bool_or(project_id IS NOT NULL))
        OVER (PARTITION BY provider) AS has_projects
    FROM raw.usage GROUP BY file_id, provider
  ) AS n
  LEFT JOIN (SELECT provider, MIN(account_id) AS account_id FROM raw.usage
    GROUP BY provider HAVING COUNT(DISTINCT account_id) = 1
  ) AS o ON n.provider = o.provider AND NOT n.names_account
),
grouping AS (
  SELECT file_id, min(provider) AS provider, max(grain) AS grain,
    min(provider) IN ('openai', 'anthropic') AND max(model_raw) IS NULL AS has_no_model,
    bool_and(book.is_long(bucket_from_us, bucket_to_us)) AS is_long,
    CASE WHEN bool_or(project_id IS NOT NULL) THEN 'project ' ELSE '' END
    || CASE WHEN bool_or(workspace_id IS NOT NULL) THEN 'workspace ' ELSE '' END
    || CASE WHEN bool_or(api_key_id IS NOT NULL) THEN 'key ' ELSE '' END
    || CASE WHEN bool_or(user_id IS NOT NULL) THEN 'user ' ELSE '' END AS dimensions
  FROM raw.usage GROUP BY file_id
),
file_view AS (
  SELECT file_id, grain || ' by ' || dimensions AS view, has_no_model, is_long,
    MIN(dimensions) OVER same = MAX(dimensions) OVER same AS is_same_grouping
  FROM grouping WINDOW same AS (PARTITION BY provider)
),
-- These two also let one choose a split by what decides the price; the others' files may be parts.
price_split AS (
  SELECT file_id, COALESCE(model_raw, '') AS model_raw,
    CASE WHEN bool_or(service_tier IS NOT NULL) THEN 'tier ' ELSE '' END
    || CASE WHEN bool_or(context_tier IS NOT NULL) THEN 'context ' ELSE '' END
    || CASE WHEN bool_or(region IS NOT NULL) THEN 'region ' ELSE '' END AS dimensions
  FROM raw.usage WHERE provider IN ('openai', 'anthropic') GROUP BY file_id, COALESCE(model_raw, '')
),
keyed AS MATERIALIZED (
  SELECT u.*, v.has_no_model AND COALESCE(u.token_type, '') SIMILAR TO
      '(input|output|reasoning|cache_.*|audio_.*|image_.*)' AS is_sum,
    v.view || COALESCE(t.dimensions, '')
      || CASE WHEN a.is_of_all THEN 'all accounts ' ELSE '' END
      || CASE WHEN v.is_long THEN concat_ws(' ', MIN(u.bucket_from_us) OVER one,
        MAX(u.bucket_to_us) OVER one) ELSE '' END AS view,
    COALESCE(t.dimensions, '') AS split_by, a.names_account,
    CASE WHEN u.token_type LIKE 'cache_write%' THEN 'cache_write' ELSE u.token_type END AS family,
    concat_ws('|', is_sum, COALESCE(u.correction, ''), CASE WHEN a.has_all_accounts
      THEN COALESCE(u.account_id, a.account_id) END,
      CASE WHEN v.is_same_grouping THEN concat_ws('|',
        COALESCE(u.project_id, ''), COALESCE(u.workspace_id, ''), COALESCE(u.api_key_id, ''),
        COALESCE(u.user_id, ''))
        WHEN a.has_projects THEN u.project_id END) AS owner,
    k.provider AS named_provider, k.model, k.price_key, k.status AS price_status,
    COALESCE(l.day, book.first_day(u.bucket_from_us, u.bucket_to_us, u.bucket_day)) AS day,
    book.unbilled_as(u.provider, u.service_tier) AS free_as,
    book.time_of(u.bucket_from_us, u.bucket_to_us) AS time_us,
    book.prompt_of(u.context_tier) AS prompt_tokens,
    concat_ws('|', is_sum, u.correction, u.provider, COALESCE(u.account_id, a.account_id, ''),
      COALESCE(u.project_id, ''), COALESCE(u.workspace_id, ''), COALESCE(u.api_key_id, ''),
      COALESCE(u.user_id, ''), COALESCE(u.request_id, ''), COALESCE(u.model_raw, ''),
      CASE WHEN u.provider = 'openai' AND u.service_tier = 'fast' THEN 'priority'
        ELSE COALESCE(u.service_tier, '') END,
      COALESCE(u.context_tier, ''), COALESCE(u.region, ''), COALESCE(u.token_type, ''),
      CAST(u.bucket_from_us AS VARCHAR), CAST(u.bucket_to_us AS VARCHAR)) AS bucket_key
  FROM raw.usage AS u
  INNER JOIN file_view AS v ON u.file_id = v.file_id
  INNER JOIN owner AS a ON u.file_id = a.file_id AND u.provider = a.provider
  LEFT JOIN price_split AS t ON u.file_id = t.file_id AND COALESCE(u.model_raw, '') = t.model_raw
  LEFT JOIN book.model_key AS k
    ON u.provider = k.provider_raw AND COALESCE(u.model_raw, '') = k.model_raw
    AND CASE WHEN book.unbilled_as(u.provider, u.service_tier) IS NOT NULL THEN ''
      ELSE COALESCE(u.service_tier, '') END = k.tier_raw
    AND COALESCE(u.region, '') = k.region_raw
    AND u.bucket_from_us >= k.from_us AND u.bucket_from_us < k.to_us
  LEFT JOIN book.long_day AS l
    ON k.provider = l.provider AND COALESCE(k.model, '') = l.model
    AND book.first_day(u.bucket_from_us, u.bucket_to_us, u.bucket_day) = l.started_day
  WINDOW one AS (PARTITION BY u.file_id, k.provider, l.day)
),
-- Of files of a bucket the newest, by its name; else that of the most: usage only grows.
summed AS (
  SELECT k.file_id, bucket_key, view, split_by, owner, named_provider, model, family,
    bool_or(token_type = 'cache_write') AS is_coarse, day, SUM(quantity) AS quantity,
    names_account, book.is_older(dates, MAX(dates) OVER (PARTITION BY bucket_key, form)) AS is_older
  FROM keyed AS k LEFT JOIN book.export AS e ON k.file_id = e.file_id
  GROUP BY k.file_id, bucket_key, view, split_by, owner, names_account, named_provider, model,
    family, day, form, dates
),
per_file AS MATERIALIZED (
  SELECT *, row_number() OVER (PARTITION BY bucket_key, view ORDER BY nth) AS place,
    quantity <> first_value(quantity) OVER (PARTITION BY bucket_key ORDER BY nth) AS is_other
  FROM (SELECT *, row_number() OVER (ORDER BY COALESCE(is_older, FALSE), quantity DESC,
    names_account DESC, file_id) AS nth FROM summed)
),
-- Of views of a day that of the most; then of the price of more, and days before hours.
per_view AS (
  SELECT view, owner, named_provider, model, family, day,
    row_number() OVER (PARTITION BY owner, named_provider, model, family, day
      ORDER BY bool_or(COALESCE(is_older, FALSE)), SUM(quantity) DESC, bool_or(is_coarse),
        length(split_by) DESC, view) AS place
  FROM per_file WHERE place = 1 GROUP BY view, split_by, owner, named_provider, model, family, day
),
priced AS (
  SELECT u.*, s.service_tier AS priced_tier,
    CASE u.token_type
      WHEN 'input' THEN s.input WHEN 'cache_read' THEN s.cache_read
      WHEN 'cache_write_5m' THEN s.cache_write_5m WHEN 'cache_write_1h' THEN s.cache_write_1h
      WHEN 'cache_write' THEN s.cache_write WHEN 'output' THEN s.output
      WHEN 'reasoning' THEN s.reasoning WHEN 'audio_in' THEN s.audio_in
      WHEN 'audio_cached_in' THEN s.audio_cached_in WHEN 'audio_out' THEN s.audio_out
      WHEN 'image_in' THEN s.image_in WHEN 'image_cached_in' THEN s.image_cached_in
      WHEN 'image_out' THEN s.image_out WHEN 'web_search' THEN s.web_search
      ELSE o.usd_per_token END AS usd_per_token
  FROM keyed AS u
  LEFT JOIN book.sheet AS s
    ON u.price_key = s.price_key AND u.bucket_from_us >= s.from_us AND u.bucket_from_us < s.to_us
    AND u.prompt_tokens >= s.min_prompt AND u.prompt_tokens < s.max_prompt
    AND u.time_us >= s.tod_from_us AND u.time_us < s.tod_to_us
  LEFT JOIN book.price AS o ON s.sheet_id = o.sheet_id AND u.token_type = o.token_type
)
SELECT u.row_id, u.file_id, u.line, u.named_provider AS provider, u.account_id, u.project_id,
  u.workspace_id, u.api_key_id, u.request_id, u.model_raw, COALESCE(u.model, '') AS model,
  u.service_tier, u.context_tier, u.region, u.bucket_from_us, u.bucket_to_us, u.bucket_day, u.day,
  u.correction, u.grain, u.view, u.token_type, u.quantity, u.requests, u.price_key, u.price_status,
  u.free_as, u.user_id, u.priced_tier, u.is_sum AS has_no_model,
  f.place = 1 AND w.place = 1 AND NOT u.is_sum AS is_counted,
  f.place = 1 AND NOT u.is_sum AS is_of_view, f.is_other,
  book.is_within(u.bucket_from_us, u.bucket_to_us, p.period_from_us, p.period_to_us)
    AS is_in_period,
  u.usd_per_token,
  CAST(u.usd_per_token * CAST(u.quantity AS DECIMAL(18,0)) AS DECIMAL(38,15)) AS charge_usd
FROM priced AS u
CROSS JOIN book.period AS p
INNER JOIN per_file AS f ON u.file_id = f.file_id AND u.bucket_key = f.bucket_key
LEFT JOIN per_view AS w
  ON u.view = w.view AND u.owner = w.owner AND u.named_provider = w.named_provider
  AND u.model = w.model AND u.day = w.day AND u.family IS NOT DISTINCT FROM w.family
