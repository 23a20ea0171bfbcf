-- reads:  book.charge_line, book.usage, book.billed, book.scope, book.surplus
-- writes: book.scope_line
-- grain:  one row a tenant, day, provider, account, key, model, token type, class of workflow and
--         state of the charge, in the part of the bill that bills it: its charge, that of all in
--         this part (scope_usd), and its own without what is told twice (once_usd). counted_as is
--         the token type that the provider counts it under
WITH splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
line AS (
  SELECT tenant_id, started_day AS day, day AS bucket_day, provider, account_id, key_id, model,
    token_type,
    COALESCE(workflow_name, '') AS workflow_name, charge_status,
    CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(quantity) AS BIGINT) AS quantity,
    SUM(charge_usd) AS charge_usd
  FROM book.charge_line
  GROUP BY tenant_id, started_day, day, provider, account_id, key_id, model, token_type,
    COALESCE(workflow_name, ''), charge_status
)
SELECT l.*, s.billed, s.billed_type, s.is_billed, s.backed_usd,
  s.charge_usd AS scope_usd, b.token_type AS counted_as,
  CAST(GREATEST(COALESCE(l.charge_usd, 0) - COALESCE(x.charge_usd, 0), 0) AS DECIMAL(38,15))
    AS once_usd
FROM line AS l
LEFT JOIN book.surplus AS x
  ON l.charge_status = 'rated' AND l.tenant_id = x.tenant_id AND l.provider = x.provider
  AND l.account_id = x.account_id AND l.key_id = x.key_id AND l.day = x.day
  AND l.model = x.model AND l.token_type = x.token_type AND l.workflow_name = x.workflow_name
LEFT JOIN splits_reasoning AS r ON l.provider = r.provider
INNER JOIN book.billed AS b
  ON l.provider = b.provider AND l.account_id = b.account_id AND l.key_id = b.key_id
  AND l.bucket_day = b.day AND l.model = b.model
  AND CASE WHEN l.token_type = 'reasoning' AND r.provider IS NULL THEN 'output'
    ELSE l.token_type END = b.token_type
INNER JOIN book.scope AS s
  ON b.provider = s.provider AND b.account_id = s.account_id AND b.key_id = s.key_id
  AND b.day = s.day AND b.billed = s.billed AND b.billed_type = s.billed_type
