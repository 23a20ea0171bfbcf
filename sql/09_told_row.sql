-- reads:  raw.request, raw.span, book.tenant_rule, book.tenant_value
-- writes: book.told_row
-- grain:  one row a gateway row or span and configured rule that names its tenant. Rows that agree
--         in all that the rules look at are judged once; without rules nothing is read
WITH asked AS (
  SELECT COUNT(*) > 0 AS is_set, bool_or(gateway <> '') AS by_gateway,
    bool_or(field = 'tenant') AS by_tenant, bool_or(field = 'team_id') AS by_team_id,
    bool_or(field = 'team_name') AS by_team_name, bool_or(field = 'project_id') AS by_project_id,
    bool_or(field = 'organization_id') AS by_organization_id,
    bool_or(field = 'customer_id') AS by_customer_id, bool_or(field = 'user_id') AS by_user_id,
    bool_or(field = 'api_key_id') AS by_api_key_id,
    bool_or(field = 'api_key_name') AS by_api_key_name,
    bool_or(field IN ('tag', 'metadata')) AS by_tags
  FROM book.tenant_rule
),
dated AS (
  SELECT COUNT(*) > 0 AS by_day FROM book.tenant_value WHERE from_day <> '' OR to_day <> ''
),
named AS (
  SELECT 'gateway' AS leg, row_id, gateway, started_day, tenant_tag, team_id, team_name,
    project_id, organization_id, customer_id, user_id, api_key_id, api_key_name, tags
  FROM raw.request
  UNION ALL
  SELECT 'trace', row_id, '', started_day, tenant_tag, team_id, team_name, project_id,
    organization_id, customer_id, user_id, api_key_id, api_key_name, attrs
  FROM raw.span
),
narrowed AS (
  SELECT n.leg, n.row_id, CASE WHEN a.by_gateway THEN n.gateway ELSE '' END AS gateway,
    CASE WHEN d.by_day THEN n.started_day ELSE '' END AS day,
    CASE WHEN a.by_tenant THEN n.tenant_tag END AS tenant,
    CASE WHEN a.by_team_id THEN n.team_id END AS team_id,
    CASE WHEN a.by_team_name THEN n.team_name END AS team_name,
    CASE WHEN a.by_project_id THEN n.project_id END AS project_id,
    CASE WHEN a.by_organization_id THEN n.organization_id END AS organization_id,
    CASE WHEN a.by_customer_id THEN n.customer_id END AS customer_id,
    CASE WHEN a.by_user_id THEN n.user_id END AS user_id,
    CASE WHEN a.by_api_key_id THEN n.api_key_id END AS api_key_id,
    CASE WHEN a.by_api_key_name THEN n.api_key_name END AS api_key_name,
    CASE WHEN a.by_tags THEN n.tags END AS tags
  FROM named AS n CROSS JOIN asked AS a CROSS JOIN dated AS d
  WHERE a.is_set
),
keyed AS (
  SELECT *, concat_ws(chr(31), leg, gateway, day, COALESCE(tenant, chr(30)),
      COALESCE(team_id, chr(30)), COALESCE(team_name, chr(30)), COALESCE(project_id, chr(30)),
      COALESCE(organization_id, chr(30)), COALESCE(customer_id, chr(30)),
      COALESCE(user_id, chr(30)), COALESCE(api_key_id, chr(30)),
      COALESCE(api_key_name, chr(30)), COALESCE(tags, chr(30))) AS owner
  FROM narrowed
),
owner AS (
  SELECT owner, any_value(leg) AS leg, any_value(gateway) AS gateway, any_value(day) AS day,
    any_value(tenant) AS tenant, any_value(team_id) AS team_id,
    any_value(team_name) AS team_name, any_value(project_id) AS project_id,
    any_value(organization_id) AS organization_id, any_value(customer_id) AS customer_id,
    any_value(user_id) AS user_id, any_value(api_key_id) AS api_key_id,
    any_value(api_key_name) AS api_key_name,
    CASE WHEN json_valid(any_value(tags)) THEN CAST(any_value(tags) AS JSON) END AS tags
  FROM keyed GROUP BY owner
),
-- Tags as key:value, whether they came as an object, or as a list of key:value or key=value. Keys
-- and values are put together by place: a key is the caller's text, and as a path it could be one
-- to another value, or none at all.
tagged AS (
  SELECT *, CASE json_type(tags)
      WHEN 'OBJECT' THEN list_transform(list_zip(json_keys(tags), json_extract(tags, '$.*')),
        z -> z[1] || ':' || COALESCE(json_extract_string(z[2], '$'), ''))
      WHEN 'ARRAY' THEN list_transform(json_extract(tags, '$[*]'),
        v -> json_extract_string(v, '$')) END AS entries
  FROM owner
),
told AS (
  SELECT o.owner, o.day, r.place, r.prefix, r.others, CASE r.field
      WHEN 'tenant' THEN o.tenant WHEN 'team_id' THEN o.team_id
      WHEN 'team_name' THEN o.team_name WHEN 'project_id' THEN o.project_id
      WHEN 'organization_id' THEN o.organization_id WHEN 'customer_id' THEN o.customer_id
      WHEN 'user_id' THEN o.user_id WHEN 'api_key_id' THEN o.api_key_id
      WHEN 'api_key_name' THEN o.api_key_name
      WHEN 'tag' THEN list_filter(o.entries, e -> starts_with(e, r.prefix))[1]
      ELSE substr(list_filter(o.entries, e -> starts_with(e, r.key || ':')
        OR starts_with(e, r.key || '='))[1], length(r.key) + 2) END AS value
  FROM tagged AS o
  INNER JOIN book.tenant_rule AS r ON r.gateway = '' OR r.gateway = o.gateway
),
stripped AS (
  SELECT owner, day, place, others,
    NULLIF(trim(substr(value, length(prefix) + 1)), '') AS value
  FROM told WHERE starts_with(value, prefix)
),
decided AS (
  SELECT s.owner, s.place, CASE WHEN v.tenant_id IS NOT NULL THEN v.tenant_id
      WHEN s.others = 'keep'
        OR s.place NOT IN (SELECT place FROM book.tenant_value) THEN s.value END AS tenant_id
  FROM stripped AS s
  LEFT JOIN book.tenant_value AS v
    ON s.place = v.place AND s.value = v.value AND s.day >= v.from_day
    AND (v.to_day = '' OR s.day < v.to_day)
  WHERE s.value IS NOT NULL
)
SELECT k.leg, k.row_id, d.place, d.tenant_id
FROM keyed AS k INNER JOIN decided AS d ON k.owner = d.owner
WHERE d.tenant_id IS NOT NULL
