-- reads:  raw.request_kind, raw.span_row, raw.span_kind, book.lone_call, book.model_key,
--         book.usage, book.bill
-- writes: book.split
-- grain:  one row a provider whose buckets are compared by account, project or key too: by what
--         every row of both sides names, with a name in common. What only one side knows never
--         splits a bucket
WITH named AS (
  SELECT DISTINCT provider_raw, provider FROM book.model_key
),
ours AS MATERIALIZED (
  SELECT n.provider, o.organization_id, o.project_id, o.api_key_id, o.api_key_name
  FROM (
    SELECT provider, organization_id, project_id, api_key_id, api_key_name
    FROM raw.request_kind
    GROUP BY provider, organization_id, project_id, api_key_id, api_key_name
    UNION
    SELECT k.provider, k.organization_id, k.project_id, k.api_key_id, k.api_key_name
    FROM (
      SELECT DISTINCT s.kind_id
      FROM book.lone_call AS l INNER JOIN raw.span_row AS s ON l.row_id = s.row_id
    ) AS n INNER JOIN raw.span_kind AS k ON n.kind_id = k.kind_id
  ) AS o
  INNER JOIN named AS n ON COALESCE(o.provider, '') = n.provider_raw
),
theirs AS MATERIALIZED (
  SELECT provider, account_id, COALESCE(project_id, workspace_id) AS project_id, api_key_id
  FROM book.usage WHERE is_counted AND is_in_period
  UNION
  SELECT provider, account_id, COALESCE(project_id, workspace_id), api_key_id
  FROM book.bill WHERE is_counted AND is_in_period AND charge_category = 'usage'
),
told AS (
  SELECT provider, 'account' AS dimension, organization_id AS value, TRUE AS is_ours FROM ours
  UNION
  SELECT provider, 'project', project_id, TRUE FROM ours
  UNION
  SELECT provider, 'key', api_key_id, TRUE FROM ours
  UNION
  SELECT provider, 'key name', api_key_name, TRUE FROM ours
  UNION
  SELECT provider, 'account', account_id, FALSE FROM theirs
  UNION
  SELECT provider, 'project', project_id, FALSE FROM theirs
  UNION
  SELECT provider, 'key', api_key_id, FALSE FROM theirs
  UNION
  SELECT provider, 'key name', api_key_id, FALSE FROM theirs
),
met AS (
  SELECT provider, dimension, value, bool_or(is_ours) AND bool_or(NOT is_ours) AS is_met
  FROM told GROUP BY provider, dimension, value
),
shared AS (
  SELECT provider, dimension FROM met
  GROUP BY provider, dimension
  HAVING bool_and(value IS NOT NULL) AND bool_or(is_met)
)
SELECT provider, bool_or(dimension = 'account') AS by_account,
  bool_or(dimension = 'project') AS by_project, bool_or(dimension = 'key') AS by_key,
  bool_or(dimension = 'key name') AND NOT bool_or(dimension = 'key') AS by_key_name
FROM shared GROUP BY provider
