-- reads:  book.usage, book.bill, raw.source_file
-- writes: report.provider_rows
-- grain:  one row a record of a provider's usage or bill that is of the period
CREATE VIEW report.provider_rows AS
WITH told AS (
  SELECT 'usage' AS leg, provider, account_id, project_id, workspace_id, bucket_day, bucket_from_us,
    bucket_to_us, grain, model, model_raw, service_tier, token_type,
    CAST(NULL AS VARCHAR) AS charge_category,
    CAST(NULL AS VARCHAR) AS line_item, CAST(NULL AS VARCHAR) AS invoice_id, quantity, requests,
    CAST(NULL AS DECIMAL(38,15)) AS amount_usd, usd_per_token, charge_usd, is_counted, file_id,
    line
  FROM book.usage WHERE is_in_period
  UNION ALL
  SELECT 'bill', provider, account_id, project_id, workspace_id, bucket_day, bucket_from_us,
    bucket_to_us, grain, model, model_raw, service_tier, token_type, charge_category, line_item,
    invoice_id, quantity, NULL, amount_usd, usd_per_token, charge_usd, is_counted, file_id, line
  FROM book.bill WHERE is_in_period
)
SELECT t.leg, t.provider, t.account_id AS account, COALESCE(t.project_id, t.workspace_id)
    AS project, CAST(t.bucket_day AS DATE) AS day,
  CAST(CASE WHEN book.is_long(t.bucket_from_us, t.bucket_to_us)
    THEN book.day_text(book.nearest_day(t.bucket_to_us) - 1) ELSE t.bucket_day END AS DATE)
    AS last_day,
  t.grain, t.model AS response_model, t.model_raw AS model, t.service_tier,
  COALESCE(t.token_type, '') AS token_type, t.charge_category, t.line_item, t.invoice_id,
  t.quantity, t.requests, t.amount_usd,
  CAST(t.usd_per_token * 1000000 AS DECIMAL(38,15)) AS usd_per_million, t.charge_usd,
  t.is_counted, f.path AS source_file, t.line AS source_line
FROM told AS t INNER JOIN raw.source_file AS f ON t.file_id = f.file_id;
