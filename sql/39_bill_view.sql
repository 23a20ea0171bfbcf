-- reads:  raw.bill
-- writes: book.bill_view
-- grain:  one row a file with bill rows: its grain and by what they are grouped; by_model: all such
--         files of its provider name the models of what is used. is_long: what is used it tells by
--         weeks or months alone. step_usd: the smallest step of its amounts, by the decimals that
--         the longest of them has; above eight it does not matter. Less than four tell nothing,
--         as an amount may need no more, unless all are written to as many, 0.10, or ten have no
--         more: then two count at least, and known_step_usd is the step too
SELECT file_id, max(grain) || ' by '
  || CASE WHEN bool_or(model_raw IS NOT NULL) THEN 'model ' ELSE '' END
  || CASE WHEN bool_or(project_id IS NOT NULL) THEN 'project ' ELSE '' END
  || CASE WHEN bool_or(workspace_id IS NOT NULL) THEN 'workspace ' ELSE '' END
  || CASE WHEN bool_or(api_key_id IS NOT NULL) THEN 'key ' ELSE '' END
  || CASE WHEN bool_or(invoice_id IS NOT NULL) THEN 'invoice ' ELSE '' END
  -- Of these two a file holds all that was billed, of the others maybe a part of an export.
  || CASE WHEN min(provider) NOT IN ('openai', 'anthropic') THEN '' ELSE
    CASE WHEN bool_or(service_tier IS NOT NULL) THEN 'tier ' ELSE '' END
    || CASE WHEN bool_or(context_tier IS NOT NULL) THEN 'context ' ELSE '' END
    || CASE WHEN bool_or(region IS NOT NULL) THEN 'region ' ELSE '' END END AS view,
  bool_and(bool_or(model_raw IS NOT NULL) OR bool_and(charge_category <> 'usage'))
    OVER (PARTITION BY min(provider)) AS by_model,
  bool_or(charge_category = 'usage') AND bool_and(charge_category <> 'usage'
    OR book.is_long(bucket_from_us, bucket_to_us)) AS is_long,
  CASE WHEN decimals <= 8 THEN CAST('0.' || repeat('0', GREATEST(decimals, least_decimals) - 1)
    || '1' AS DECIMAL(38,15)) END AS step_usd,
  CASE WHEN least_decimals = 2 THEN step_usd END AS known_step_usd
FROM raw.bill
INNER JOIN (
  SELECT file_id, MAX(GREATEST(length(rtrim(split_part(CAST(amount_usd AS VARCHAR), '.', 2), '0')),
    CASE WHEN amount_text NOT SIMILAR TO '.*[eE].*' THEN length(split_part(amount_text, '.', 2))
      END)) AS decimals,
    CASE WHEN COUNT(*) FILTER (amount_usd <> 0) >= 10 OR COUNT(DISTINCT length(
        split_part(amount_text, '.', 2))) = 1 AND bool_or(amount_text SIMILAR TO '.*[.][0-9]+0')
      THEN 2 ELSE 4 END AS least_decimals
  FROM raw.bill GROUP BY file_id
) AS d USING (file_id)
GROUP BY file_id, decimals, least_decimals
