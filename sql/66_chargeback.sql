-- reads:  book.share, book.allocation, book.tenant_name
-- writes: book.chargeback
-- grain:  one row a tenant or pool, UTC day, provider, model, token type, class of workflow, state
--         of the charge and basis of the amount: billed by the provider, charged where it has not
--         billed yet, or allocated from a pool or a shared tenant
WITH line AS (
  SELECT kind, tenant_id, day, provider, model, token_type, workflow_name, charge_status,
    is_billed, CASE WHEN is_billed THEN 'billed' ELSE 'charged' END AS basis,
    origin, CAST(NULL AS VARCHAR) AS method,
    CAST(NULL AS DECIMAL(18,15)) AS ratio, requests, quantity, charge_usd, amount_usd
  FROM book.share
  UNION ALL
  SELECT kind, tenant_id, day, provider, model, token_type, workflow_name, NULL, is_billed,
    'allocated', origin, method, ratio, NULL, NULL, NULL, amount_usd
  FROM book.allocation
)
SELECT l.kind, l.tenant_id, n.tenant_name, n.cost_center, n.gl_account, l.day, l.provider,
  l.model, l.token_type, l.workflow_name, l.charge_status, l.is_billed, l.basis, l.origin,
  l.method, l.ratio, CAST(SUM(l.requests) AS BIGINT) AS requests,
  CAST(SUM(l.quantity) AS BIGINT) AS quantity,
  CAST(SUM(l.charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(l.amount_usd) AS DECIMAL(38,15)) AS amount_usd
FROM line AS l
LEFT JOIN book.tenant_name AS n
  ON l.kind = 'tenant' AND l.tenant_id = n.tenant_id AND l.day >= n.from_day
  AND (n.to_day = '' OR l.day < n.to_day)
GROUP BY l.kind, l.tenant_id, n.tenant_name, n.cost_center, n.gl_account, l.day, l.provider,
  l.model, l.token_type, l.workflow_name, l.charge_status, l.is_billed, l.basis, l.origin,
  l.method, l.ratio
