-- reads:  raw.bill, book.model_key, book.period
-- writes: book.bill
-- grain:  one row a provider bill row of the period; is_counted is false where another export
--         tells of the same charge. Rows with equal keys in one file are all kept
WITH file_view AS (
  SELECT file_id, max(grain) || ' by '
    || CASE WHEN bool_or(model_raw IS NOT NULL) THEN 'model ' ELSE '' END
    || CASE WHEN bool_or(project_id IS NOT NULL) THEN 'project ' ELSE '' END
    || CASE WHEN bool_or(workspace_id IS NOT NULL) THEN 'workspace ' ELSE '' END
    || CASE WHEN bool_or(api_key_id IS NOT NULL) THEN 'key ' ELSE '' END AS view
  FROM raw.bill GROUP BY file_id
),
keyed AS (
  SELECT b.*, v.view, k.provider AS named_provider, k.model, k.price_key,
    k.status AS price_status,
    concat_ws('|', b.provider, COALESCE(b.account_id, ''), COALESCE(b.project_id, ''),
      COALESCE(b.workspace_id, ''), COALESCE(b.api_key_id, ''), COALESCE(b.user_id, ''),
      COALESCE(b.request_id, ''), COALESCE(b.model_raw, ''), COALESCE(b.service_tier, ''),
      COALESCE(b.context_tier, ''), COALESCE(b.region, ''), COALESCE(b.token_type, ''),
      COALESCE(b.line_item, ''), COALESCE(b.invoice_id, ''), b.charge_category,
      CAST(b.bucket_from_us AS VARCHAR), CAST(b.bucket_to_us AS VARCHAR)) AS bucket_key
  FROM raw.bill AS b
  INNER JOIN file_view AS v ON b.file_id = v.file_id
  LEFT JOIN book.model_key AS k
    ON b.provider = k.provider_raw AND COALESCE(b.model_raw, '') = k.model_raw
    AND COALESCE(b.service_tier, '') = k.tier_raw AND COALESCE(b.region, '') = k.region_raw
    AND b.bucket_from_us >= k.from_us AND b.bucket_from_us < k.to_us
),
per_file AS (
  SELECT file_id, bucket_key, view, named_provider, account_id, bucket_day,
    SUM(amount_usd) AS amount_usd,
    row_number() OVER (
      PARTITION BY bucket_key ORDER BY ABS(SUM(amount_usd)) DESC, file_id) AS place
  FROM keyed
  GROUP BY file_id, bucket_key, view, named_provider, account_id, bucket_day
),
per_view AS (
  SELECT view, named_provider, account_id, bucket_day,
    row_number() OVER (
      PARTITION BY named_provider, account_id, bucket_day
      ORDER BY ABS(SUM(amount_usd)) DESC, length(view) DESC, view) AS place
  FROM per_file WHERE place = 1
  GROUP BY view, named_provider, account_id, bucket_day
)
SELECT b.file_id, b.line, b.named_provider AS provider, b.account_id, b.project_id,
  b.workspace_id, b.api_key_id, b.request_id, b.model_raw, COALESCE(b.model, '') AS model,
  b.service_tier, b.context_tier, b.region, b.bucket_from_us, b.bucket_to_us, b.bucket_day,
  b.grain, b.view, b.token_type, b.invoice_id, b.line_item, b.charge_category,
  b.amount_usd, b.amount_text, b.currency, b.amount_quantum, b.quantity, b.is_estimated,
  b.price_key, b.price_status, f.place = 1 AND w.place = 1 AS is_counted,
  b.bucket_from_us >= p.period_from_us AND b.bucket_from_us < p.period_to_us AS is_in_period
FROM keyed AS b
CROSS JOIN book.period AS p
INNER JOIN per_file AS f ON b.file_id = f.file_id AND b.bucket_key = f.bucket_key
LEFT JOIN per_view AS w
  ON b.view = w.view AND b.named_provider = w.named_provider
  AND b.account_id IS NOT DISTINCT FROM w.account_id AND b.bucket_day = w.bucket_day
