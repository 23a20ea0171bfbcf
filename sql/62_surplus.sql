-- reads:  book.repeat, book.volume_fit, book.rated, book.price
-- writes: book.surplus
-- grain:  one row a tenant, provider, account, key, UTC day, model, token type and class of
--         workflow: the charge of rows that were logged twice, where that is all that the
--         provider's count differs by and both rows are of one tenant and class
WITH proven AS (
  SELECT provider, account_id, key_id, day, model
  FROM book.volume_fit
  GROUP BY provider, account_id, key_id, day, model
  HAVING COUNT(*) = 1 AND MAX(cause) = 'row_duplicated'
),
call AS (
  SELECT e.provider, e.account_id, e.key_id, e.day, e.model, r.tenant_id,
    COALESCE(r.workflow_name, '') AS workflow_name, r.sheet_id, r.input, r.cache_read,
    r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.web_search
  FROM book.repeat AS e
  INNER JOIN proven AS p
    ON e.provider = p.provider AND e.account_id = p.account_id AND e.key_id = p.key_id
    AND e.day = p.day AND e.model = p.model
  INNER JOIN book.rated AS r ON e.request_row = r.request_row
  WHERE e.is_of_same
),
token AS (
  UNPIVOT call ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output,
    reasoning, web_search
  INTO NAME token_type VALUE quantity
)
SELECT t.tenant_id, t.provider, t.account_id, t.key_id, t.day, t.model, t.token_type,
  t.workflow_name,
  CAST(SUM(CAST(t.quantity AS DECIMAL(18,0)) * p.usd_per_token) AS DECIMAL(38,15)) AS charge_usd
FROM token AS t
INNER JOIN book.price AS p ON t.sheet_id = p.sheet_id AND t.token_type = p.token_type
GROUP BY t.tenant_id, t.provider, t.account_id, t.key_id, t.day, t.model, t.token_type,
  t.workflow_name
