-- reads:  book.charge_line, book.usage, book.billed, book.scope, book.surplus, book.named_line,
--         book.named_bill
-- writes: book.scope_line
-- grain:  one row a tenant, day, provider, account, key, model, token type, class of workflow and
--         state of the charge, in the part of the bill that bills it: its charge, that of all in
--         this part (scope_usd), and its own without what is told twice (once_usd). counted_as is
--         the token type that the provider counts it under. Calls that the bill names stand apart
--         from others: their payer shares out what it names them for (backed_usd), and nothing else
WITH splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
line AS MATERIALIZED (
  SELECT tenant_id, started_day AS day, day AS bucket_day, provider, account_id, key_id, model,
    token_type,
    COALESCE(workflow_name, '') AS workflow_name, charge_status,
    CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(quantity) AS BIGINT) AS quantity,
    SUM(charge_usd) AS charge_usd
  FROM book.charge_line
  GROUP BY tenant_id, started_day, day, provider, account_id, key_id, model, token_type,
    COALESCE(workflow_name, ''), charge_status
),
own AS (
  SELECT tenant_id, day, bucket_day, provider, account_id, key_id, model, token_type,
    workflow_name, charge_status, requests, quantity, charge_usd
  FROM book.named_line WHERE charge_status IS NOT NULL
),
-- Requests of a line count once, those that do not have its tokens too.
parted AS (
  SELECT l.* REPLACE (l.requests - COALESCE(n.requests, 0) AS requests,
      l.quantity - COALESCE(n.quantity, 0) AS quantity,
      CASE WHEN n.tenant_id IS NULL THEN l.charge_usd ELSE l.charge_usd - n.charge_usd END
        AS charge_usd),
    '' AS payer
  FROM line AS l
  LEFT JOIN own AS n USING (tenant_id, day, bucket_day, provider, account_id, key_id, model,
    token_type, workflow_name, charge_status)
  WHERE n.tenant_id IS NULL OR l.quantity > n.quantity
  UNION ALL BY NAME
  SELECT l.* REPLACE (CASE WHEN l.quantity > n.quantity THEN n.requests ELSE l.requests END
      AS requests, n.quantity AS quantity, n.charge_usd AS charge_usd),
    CAST(to_json([l.tenant_id, l.day, l.workflow_name]) AS VARCHAR) AS payer
  FROM line AS l
  INNER JOIN own AS n USING (tenant_id, day, bucket_day, provider, account_id, key_id, model,
    token_type, workflow_name, charge_status)
),
named AS (
  SELECT provider, account_id, key_id, bucket_day, billed, billed_type,
    CAST(to_json([tenant_id, day, workflow_name]) AS VARCHAR) AS payer, SUM(bill_usd) AS bill_usd
  FROM book.named_bill WHERE billed IS NOT NULL GROUP BY ALL
)
SELECT l.*, s.billed, s.billed_type, s.is_billed OR l.payer <> '' AS is_billed,
  CAST(CASE WHEN l.payer = '' THEN s.charge_usd ELSE COALESCE(SUM(l.charge_usd) OVER one, 0)
    END AS DECIMAL(38,15)) AS scope_usd,
  CAST(CASE WHEN l.payer = '' THEN s.backed_usd WHEN SUM(l.charge_usd) OVER one > 0
    THEN COALESCE(n.bill_usd, 0) ELSE 0 END AS DECIMAL(38,15)) AS backed_usd,
  b.token_type AS counted_as,
  CAST(GREATEST(COALESCE(l.charge_usd, 0) - CASE WHEN l.payer = '' THEN COALESCE(x.charge_usd, 0)
    ELSE 0 END, 0) AS DECIMAL(38,15)) AS once_usd
FROM parted AS l
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
LEFT JOIN named AS n
  ON s.provider = n.provider AND s.account_id = n.account_id AND s.key_id = n.key_id
  AND s.day = n.bucket_day AND s.billed = n.billed AND s.billed_type = n.billed_type
  AND l.payer = n.payer
WINDOW one AS (PARTITION BY s.provider, s.account_id, s.key_id, s.day, s.billed, s.billed_type,
  l.payer)
