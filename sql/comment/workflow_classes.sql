-- reads:  published.workflow_classes, a table of the attached report.duckdb
-- writes: what its columns mean
-- grain:  one statement a column
COMMENT ON TABLE published.workflow_classes IS
  'one row a class of workflow: its runs, and what one of them costs';
COMMENT ON COLUMN published.workflow_classes.workflow_name IS
  'class of workflow, from traces; empty for runs without a name';
COMMENT ON COLUMN published.workflow_classes.runs IS
  'workflow runs';
COMMENT ON COLUMN published.workflow_classes.tenants IS
  'tenants that ran it';
COMMENT ON COLUMN published.workflow_classes.calls IS
  'requests, attempts included';
COMMENT ON COLUMN published.workflow_classes.failed_attempts IS
  'failed attempts among them';
COMMENT ON COLUMN published.workflow_classes.retries IS
  'retries among them';
COMMENT ON COLUMN published.workflow_classes.unpriced IS
  'requests without a charge';
COMMENT ON COLUMN published.workflow_classes.prompt_tokens IS
  'prompt tokens';
COMMENT ON COLUMN published.workflow_classes.answered_tokens IS
  'answer tokens, reasoning included';
COMMENT ON COLUMN published.workflow_classes.spend_usd IS
  'what the gateway recorded';
COMMENT ON COLUMN published.workflow_classes.charge_usd IS
  'what should have been paid';
COMMENT ON COLUMN published.workflow_classes.median_usd IS
  'charge that half of the runs do not exceed (nearest rank)';
COMMENT ON COLUMN published.workflow_classes.p95_usd IS
  'charge that 95 of 100 runs do not exceed (nearest rank)';
COMMENT ON COLUMN published.workflow_classes.dearest_run_usd IS
  'charge of the most expensive run';
COMMENT ON COLUMN published.workflow_classes.failed_list_usd IS
  'what the tokens of failed attempts come to at the list price';
COMMENT ON COLUMN published.workflow_classes.retry_usd IS
  'charge of the retries';
COMMENT ON COLUMN published.workflow_classes.cache_saved_usd IS
  'what caching saved';
