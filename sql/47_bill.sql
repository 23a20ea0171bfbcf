-- reads:  raw.bill, book.bill_view, book.export, book.model_key, book.long_day, book.sheet,
--         book.price, book.period
-- writes: book.bill
-- grain:  one row a provider bill row; is_counted is false where another export tells of the same
--         charge. One that names no account tells of the only one that others name, or of all.
--         Those of OpenAI's other projects are no alternatives. Rows with equal keys in one file
--         are all kept. day: as in book.long_day. is_other: one that counts has another figure.
--         charge_usd is the quantity at the list price, exact_quantity the tokens of an exact
--         amount at that price
WITH owner AS (
  SELECT n.file_id, n.provider, n.names_account, o.account_id,
    NOT n.names_account AND o.account_id IS NULL AS is_of_all, n.has_projects
  FROM (
    SELECT file_id, provider, bool_or(account_id IS NOT NULL) AS names_account,
      provider = 'openai' AND bool_and(bool_or(project_id IS NOT NULL))
        OVER (PARTITION BY provider) AS has_projects
    FROM raw.bill GROUP BY file_id, provider
  ) AS n
  LEFT JOIN (
    SELECT provider, MIN(account_id) AS account_id FROM raw.bill
    GROUP BY provider HAVING COUNT(DISTINCT account_id) = 1
  ) AS o ON n.provider = o.provider AND NOT n.names_account
),
keyed AS MATERIALIZED (
  SELECT b.*, v.view || CASE WHEN v.is_long AND c.day IS NOT NULL
      THEN concat_ws(' ', MIN(b.bucket_from_us) OVER one, MAX(b.bucket_to_us) OVER one) ELSE '' END
      AS view, a.names_account, a.is_of_all,
    COALESCE(GREATEST(b.amount_quantum, v.known_step_usd), v.step_usd) AS step_usd,
    -- What other exports are alternatives to: of what some tell by the month alone all days of it.
    CASE WHEN c.day IS NULL THEN b.bucket_day
      ELSE concat_ws('|', c.day, b.charge_category, CASE WHEN v.by_model THEN k.model END)
      END AS contest,
    concat_ws('|', b.correction, COALESCE(b.account_id, a.account_id, ''),
      CASE WHEN a.has_projects THEN b.project_id END) AS owner_id,
    k.provider AS named_provider, k.model, k.price_key, k.status AS price_status,
    COALESCE(l.day, book.first_day(b.bucket_from_us, b.bucket_to_us, b.bucket_day)) AS day,
    book.time_of(b.bucket_from_us, b.bucket_to_us) AS time_us,
    book.prompt_of(b.context_tier) AS prompt_tokens,
    concat_ws('|', b.correction, b.provider, COALESCE(b.account_id, a.account_id, ''),
      COALESCE(b.project_id, ''), COALESCE(b.workspace_id, ''), COALESCE(b.api_key_id, ''),
      COALESCE(b.user_id, ''), COALESCE(b.request_id, ''), COALESCE(b.model_raw, ''),
      CASE WHEN b.provider = 'openai' AND b.service_tier = 'fast' THEN 'priority'
        ELSE COALESCE(b.service_tier, '') END,
      COALESCE(b.context_tier, ''), COALESCE(b.region, ''), COALESCE(b.token_type, ''),
      -- Their texts for a model's kind of token have changed, and a FOCUS file has others.
      CASE WHEN b.provider IN ('openai', 'anthropic') AND b.model_raw IS NOT NULL
          AND b.token_type IS NOT NULL AND b.charge_category = 'usage' THEN ''
        ELSE COALESCE(b.line_item, '') END, b.charge_category,
      CAST(b.bucket_from_us AS VARCHAR), CAST(b.bucket_to_us AS VARCHAR)) AS line_key
  FROM raw.bill AS b
  INNER JOIN book.bill_view AS v ON b.file_id = v.file_id
  INNER JOIN owner AS a ON b.file_id = a.file_id AND b.provider = a.provider
  LEFT JOIN book.model_key AS k
    ON b.provider = k.provider_raw AND COALESCE(b.model_raw, '') = k.model_raw
    AND COALESCE(b.service_tier, '') = k.tier_raw AND COALESCE(b.region, '') = k.region_raw
    AND b.bucket_from_us >= k.from_us AND b.bucket_from_us < k.to_us
  LEFT JOIN book.long_day AS l
    ON k.provider = l.provider AND COALESCE(k.model, '') = l.model
    AND book.first_day(b.bucket_from_us, b.bucket_to_us, b.bucket_day) = l.started_day
  LEFT JOIN book.long_day AS c
    ON k.provider = c.provider AND c.model = '*'
    AND book.first_day(b.bucket_from_us, b.bucket_to_us, b.bucket_day) = c.started_day
  WINDOW one AS (PARTITION BY b.file_id, k.provider, c.day)
),
invoice AS MATERIALIZED (
  SELECT line_key, file_id, COUNT(DISTINCT invoice_id) AS known
  FROM keyed WHERE invoice_id IS NOT NULL GROUP BY GROUPING SETS ((line_key), (line_key, file_id))
),
-- A line is one with and without an invoice, not with two. A draft: others know one more of it.
invoiced AS MATERIALIZED (
  SELECT k.*, concat_ws('|', k.line_key, CASE WHEN a.known > 1 THEN k.invoice_id END) AS bucket_key,
    k.invoice_id IS NULL AND COALESCE(a.known > COALESCE(f.known, 0), FALSE) AS is_draft
  FROM keyed AS k LEFT JOIN invoice AS a ON k.line_key = a.line_key AND a.file_id IS NULL
  LEFT JOIN invoice AS f ON k.line_key = f.line_key AND k.file_id = f.file_id
),
summed AS (
  SELECT i.file_id, bucket_key, view, named_provider, owner_id, is_of_all, contest,
    names_account, SUM(amount_usd) AS amount_usd, SUM(COALESCE(amount_quantum, 0)) * 0.5 AS room,
    is_draft, bool_or(provider LIKE 'azure%' AND charge_category = 'commitment') AS is_reserved,
    book.is_older(dates, MAX(dates) OVER (PARTITION BY bucket_key, form)) IS TRUE AS is_older
  FROM invoiced AS i LEFT JOIN book.export AS e ON i.file_id = e.file_id
  GROUP BY i.file_id, bucket_key, view, named_provider, owner_id, is_of_all, names_account, contest,
    is_draft, form, dates
),
-- The newest, by invoice or dates in names; else the one of the most, less what rounding may add.
-- Of Azure's reservations the one of 0, beside its purchase, which the other spreads over the days.
per_file AS MATERIALIZED (
  SELECT *, row_number() OVER (PARTITION BY bucket_key, view ORDER BY nth)
      + CAST(is_draft AS BIGINT) AS place,
    amount_usd <> first_value(amount_usd) OVER (PARTITION BY bucket_key ORDER BY nth) AS is_other
  FROM (SELECT *, row_number() OVER (ORDER BY is_draft, is_older, is_reserved AND amount_usd = 0
    DESC, ABS(amount_usd) - room DESC, room, names_account DESC, file_id) AS nth FROM summed)
),
per_view AS (
  SELECT view, named_provider, owner_id, is_of_all, contest, SUM(amount_usd) AS amount_usd,
    row_number() OVER (PARTITION BY named_provider, owner_id, is_of_all, contest
      ORDER BY bool_or(is_older), ABS(SUM(amount_usd)) - SUM(room) DESC, SUM(room),
        view LIKE 'month%', length(view) DESC, view) AS place
  FROM per_file WHERE place = 1 GROUP BY view, named_provider, owner_id, is_of_all, contest
),
-- All accounts in one export, or each in its own: the one that tells the most.
per_side AS (
  SELECT named_provider, is_of_all, contest, row_number() OVER (PARTITION BY named_provider, contest
    ORDER BY ABS(SUM(amount_usd)) DESC, is_of_all) AS place
  FROM per_view WHERE place = 1 GROUP BY named_provider, is_of_all, contest
),
priced AS (
  SELECT b.*,
    CASE b.token_type
      WHEN 'input' THEN s.input WHEN 'cache_read' THEN s.cache_read
      WHEN 'cache_write_5m' THEN s.cache_write_5m WHEN 'cache_write_1h' THEN s.cache_write_1h
      WHEN 'cache_write' THEN s.cache_write WHEN 'output' THEN s.output
      WHEN 'reasoning' THEN s.reasoning WHEN 'audio_in' THEN s.audio_in
      WHEN 'audio_cached_in' THEN s.audio_cached_in WHEN 'audio_out' THEN s.audio_out
      WHEN 'image_in' THEN s.image_in WHEN 'image_cached_in' THEN s.image_cached_in
      WHEN 'image_out' THEN s.image_out WHEN 'web_search' THEN s.web_search
      ELSE o.usd_per_token END AS usd_per_token,
    CAST(replace(CAST(b.amount_usd AS VARCHAR), '.', '') AS HUGEINT) AS amount_units
  FROM invoiced AS b
  LEFT JOIN book.sheet AS s
    ON b.price_key = s.price_key AND b.bucket_from_us >= s.from_us AND b.bucket_from_us < s.to_us
    AND b.prompt_tokens >= s.min_prompt AND b.prompt_tokens < s.max_prompt
    AND b.time_us >= s.tod_from_us AND b.time_us < s.tod_to_us
  LEFT JOIN book.price AS o ON s.sheet_id = o.sheet_id AND b.token_type = o.token_type
),
-- Whole units of the last decimal divide exactly.
divided AS (
  SELECT *, CAST(replace(CAST(usd_per_token AS VARCHAR), '.', '') AS HUGEINT) AS price_units
  FROM priced
)
SELECT b.row_id, b.file_id, b.line, b.named_provider AS provider, b.account_id, b.project_id,
  b.workspace_id, b.api_key_id, b.request_id, b.model_raw, COALESCE(b.model, '') AS model,
  b.service_tier, b.context_tier, b.region, b.bucket_from_us, b.bucket_to_us, b.bucket_day, b.day,
  b.correction, b.grain, b.view, b.token_type, b.invoice_id, b.line_item, b.charge_category,
  b.amount_usd, b.amount_text, b.currency, b.step_usd AS amount_quantum, b.quantity,
  b.is_estimated, b.price_key, b.price_status, f.is_other, b.usd_per_token,
  f.place = 1 AND w.place = 1 AND d.place = 1 AS is_counted, book.is_within(b.bucket_from_us,
    b.bucket_to_us, p.period_from_us, p.period_to_us) AS is_in_period,
  CAST(b.usd_per_token * CAST(b.quantity AS DECIMAL(18,0)) AS DECIMAL(38,15)) AS charge_usd,
  CASE WHEN b.usd_per_token > 0 AND COALESCE(b.amount_quantum, 0) <= 0.000000001
      AND b.amount_units % b.price_units = 0
    THEN TRY_CAST(b.amount_units // b.price_units AS BIGINT) END AS exact_quantity
FROM divided AS b
CROSS JOIN book.period AS p
INNER JOIN per_file AS f ON b.file_id = f.file_id AND b.bucket_key = f.bucket_key
LEFT JOIN per_view AS w
  ON b.view = w.view AND b.named_provider = w.named_provider
  AND b.owner_id = w.owner_id AND b.is_of_all = w.is_of_all AND b.contest = w.contest
LEFT JOIN per_side AS d
  ON b.named_provider = d.named_provider AND b.is_of_all = d.is_of_all AND b.contest = d.contest
