-- reads:  book.usage, book.bill, book.split
-- writes: book.provider_key
-- grain:  one row a provider row of a provider whose buckets are compared by account, project or
--         key: which of them it is in
WITH told AS (
  SELECT 'usage' AS leg, row_id, provider, account_id, project_id, workspace_id, api_key_id
  FROM book.usage WHERE is_counted AND is_in_period
  UNION ALL
  SELECT 'bill', row_id, provider, account_id, project_id, workspace_id, api_key_id
  FROM book.bill WHERE is_counted AND is_in_period
)
SELECT t.leg, t.row_id,
  CASE WHEN s.by_account THEN COALESCE(t.account_id, '') ELSE '' END AS account_id,
  CASE WHEN s.by_project THEN COALESCE(t.project_id, t.workspace_id, '') ELSE '' END
    || CASE WHEN s.by_project AND (s.by_key OR s.by_key_name) THEN '/' ELSE '' END
    || CASE WHEN s.by_key OR s.by_key_name THEN COALESCE(t.api_key_id, '') ELSE '' END AS key_id
FROM told AS t INNER JOIN book.split AS s ON t.provider = s.provider
