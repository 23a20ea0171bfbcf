-- heavy
-- reads:  raw.span
-- writes: book.inherited
-- grain:  one row a call that does not name its workflow, session or owner while other spans of
--         its trace name just one: exports are cut into files anywhere, so what a call takes from
--         its ancestors must not depend on the file that they stand in
WITH fact AS (
  SELECT trace_id, MIN(workflow_id) AS workflow_id, MAX(workflow_id) AS last_workflow_id,
    MIN(workflow_name) AS workflow_name, MAX(workflow_name) AS last_workflow_name,
    MIN(session_id) AS session_id, MAX(session_id) AS last_session_id,
    MIN(COALESCE(team_id, tenant_tag, project_id, organization_id)) AS tenant,
    MAX(COALESCE(team_id, tenant_tag, project_id, organization_id)) AS last_tenant
  FROM raw.span
  WHERE workflow_id IS NOT NULL OR workflow_name IS NOT NULL OR session_id IS NOT NULL
    OR team_id IS NOT NULL OR tenant_tag IS NOT NULL OR project_id IS NOT NULL
    OR organization_id IS NOT NULL
  GROUP BY trace_id
)
SELECT s.row_id,
  CASE WHEN f.workflow_id = f.last_workflow_id THEN f.workflow_id END AS workflow_id,
  CASE WHEN f.workflow_name = f.last_workflow_name THEN f.workflow_name END AS workflow_name,
  CASE WHEN f.session_id = f.last_session_id THEN f.session_id END AS session_id,
  CASE WHEN f.tenant = f.last_tenant THEN f.tenant END AS tenant
FROM raw.span AS s
INNER JOIN fact AS f ON s.trace_id = f.trace_id
WHERE s.role IN ('llm_call', 'gateway')
  AND ((s.workflow_id IS NULL AND f.workflow_id = f.last_workflow_id)
    OR (s.workflow_name IS NULL AND f.workflow_name = f.last_workflow_name)
    OR (s.session_id IS NULL AND f.session_id = f.last_session_id)
    OR (f.tenant = f.last_tenant
      AND COALESCE(s.team_id, s.tenant_tag, s.project_id, s.organization_id) IS NULL))
