-- reads:  raw.request_kind, raw.span_kind, book.pair, book.same_call, book.inherited,
--         book.told_tenant, book.answer, book.stated_version, book.model_key
-- writes: book.word as a view
-- grain:  one row a text that a column of book.rated may hold, for those in which few texts
--         differ: all that book.ledger and book.rated take it from, and what they write themselves
SELECT unnest(['gateway', 'gateway_version', 'tenant_id', 'tenant_id', 'tenant_id', 'tenant_id',
    'provider_raw', 'model_raw', 'response_model_evidence', 'tier_raw', 'region_raw', 'status',
    'gateway_cache', 'usage_problem', 'spend_status']) AS name,
  unnest([gateway, gateway_version, organization_id, team_id, project_id, tenant_tag, provider,
    response_model, response_model_evidence, service_tier, region, status, gateway_cache,
    usage_problem, spend_status]) AS word
FROM raw.request_kind
UNION ALL
SELECT unnest(['gateway_version', 'tenant_id', 'tenant_id', 'tenant_id', 'tenant_id',
    'workflow_name', 'provider_raw', 'model_raw', 'response_model_evidence', 'tier_raw', 'status',
    'usage_problem']),
  unnest([gateway_version, organization_id, team_id, project_id, tenant_tag, workflow_name,
    provider, response_model, response_model_evidence, service_tier, status, usage_problem])
FROM raw.span_kind
UNION ALL
SELECT DISTINCT 'match_rule', match_rule FROM book.pair
UNION ALL
SELECT unnest(['tenant_id', 'workflow_name']), unnest([tenant, workflow_name]) FROM book.same_call
UNION ALL
SELECT unnest(['tenant_id', 'workflow_name']), unnest([tenant, workflow_name]) FROM book.inherited
UNION ALL
SELECT unnest(['tenant_id', 'tenant_rule']), unnest([tenant_id, tenant_rule])
FROM book.told_tenant
UNION ALL
SELECT 'gateway_version', gateway_version FROM book.answer
UNION ALL
SELECT 'gateway_version', version FROM book.stated_version
UNION ALL
SELECT unnest(['provider', 'model', 'price_key', 'price_status']),
  unnest([provider, model, price_key, status])
FROM book.model_key
UNION ALL
SELECT name, unnest(words)
FROM (
  VALUES ('gateway', ['']), ('tenant_id', ['unattributed']), ('provider_raw', ['']),
    ('model_raw', ['']), ('tier_raw', ['']), ('region_raw', ['']), ('status', ['success']),
    ('gateway_cache', ['unknown']), ('usage_source', ['trace', 'gateway']),
    ('request_state', ['only_gateway', 'gateway_trace', 'only_trace']),
    ('tenant_rule', ['gateway team_id', 'gateway tenant tag', 'gateway project_id',
      'gateway organization_id', 'trace', 'none']),
    ('workflow_rule', ['workflow_id', 'session_id', 'trace_id', 'none']),
    ('response_model_evidence', ['reported', 'missing', 'equals_request']),
    ('billing', ['gateway_cache_hit', 'failed_attempt', 'impossible', 'rated', 'unpriced',
      'no_usage']),
    ('charge_status', ['gateway_cache_hit', 'failed_attempt', 'impossible', 'rated', 'unpriced',
      'no_usage'])
) AS said(name, words)
