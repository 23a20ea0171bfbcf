-- reads:  published.workflows, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.workflows IS 'one row a workflow run';
COMMENT ON COLUMN published.workflows.workflow_id IS
  'workflow id, else session, else trace id; empty for requests without any';
COMMENT ON COLUMN published.workflows.workflow_rule IS 'which of them it is';
COMMENT ON COLUMN published.workflows.workflow_name IS 'class of workflow, from traces';
COMMENT ON COLUMN published.workflows.tenant_id IS
  'tenant; the first by name when there are several';
COMMENT ON COLUMN published.workflows.tenants IS 'number of tenants';
COMMENT ON COLUMN published.workflows.calls IS 'requests, attempts included';
COMMENT ON COLUMN published.workflows.failed_attempts IS 'failed attempts among them';
COMMENT ON COLUMN published.workflows.gateway_cache_hits IS 'answers from the gateway''s cache';
COMMENT ON COLUMN published.workflows.unpriced IS 'requests without a charge';
COMMENT ON COLUMN published.workflows.models IS 'number of models used';
COMMENT ON COLUMN published.workflows.prompt_tokens IS 'prompt tokens';
COMMENT ON COLUMN published.workflows.answered_tokens IS 'answer tokens, reasoning included';
COMMENT ON COLUMN published.workflows.spend_usd IS 'what the gateway recorded';
COMMENT ON COLUMN published.workflows.charge_usd IS 'what should have been paid';
COMMENT ON COLUMN published.workflows.dearest_call_usd IS 'charge of the most expensive call';
COMMENT ON COLUMN published.workflows.started_at IS 'first start, UTC';
COMMENT ON COLUMN published.workflows.ended_at IS 'last end, UTC';
