-- reads:  book.provider_call, book.rated, book.workflow, book.request_key, book.long_day,
--         book.other_charge, book.price, book.bill, book.bill_count, book.usage, book.provider_key
-- writes: book.named_line
-- grain:  one row a tenant, day, provider, account, key, day of the bucket, model, token type and
--         class of workflow of calls that rows of the bill name, prompt and answer, with the state
--         of the charge where it is of ours: quantity and charge as in book.charge_line; what the
--         provider counts and bills for them, as in book.drift
WITH bill_row AS MATERIALIZED (
  SELECT b.*, COALESCE(k.account_id, '') AS account_key, COALESCE(k.key_id, '') AS key_id
  FROM book.bill AS b
  LEFT JOIN book.provider_key AS k ON k.leg = 'bill' AND b.row_id = k.row_id
  WHERE b.is_counted AND b.is_in_period AND b.request_id IS NOT NULL
),
-- What is billed for use by the call: all of it, if only at nothing, or its prompt, or its answer.
billed AS (
  SELECT request_id, bool_or(COALESCE(token_type, 'unsplit') = 'unsplit') AS is_whole,
    bool_or(token_type IN ('input', 'cache_read')) AS has_prompt,
    bool_or(token_type IN ('output', 'reasoning')) AS has_answer
  FROM (
    SELECT request_id, token_type FROM bill_row WHERE charge_category = 'usage'
    UNION ALL
    SELECT request_id, NULL FROM book.usage
    WHERE is_counted AND is_in_period AND book.unbilled_as(provider, service_tier) IS NOT NULL
      AND request_id IN (SELECT request_id FROM bill_row)
  )
  GROUP BY request_id
),
met AS MATERIALIZED (
  SELECT request_id, COALESCE(request_row, -span_row) AS call_row
  FROM book.provider_call
  WHERE (request_row IS NOT NULL OR span_row IS NOT NULL)
    AND request_id IN (SELECT request_id FROM billed)
),
call AS MATERIALIZED (
  SELECT m.request_id, m.call_row, r.tenant_id, r.started_day,
    COALESCE(CASE WHEN w.workflow_id IS NULL THEN r.workflow_name ELSE w.workflow_name END, '')
      AS workflow_name, COALESCE(r.workflow_name, '') AS own_name, r.provider, r.model,
    COALESCE(l.day, r.started_day) AS day,
    COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id, r.charge_status,
    r.sheet_id, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output,
    r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in, r.image_cached_in,
    r.image_out, r.web_search
  FROM met AS m
  INNER JOIN book.rated AS r ON m.call_row = COALESCE(r.request_row, -r.span_row)
  LEFT JOIN book.workflow AS w
    ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind AND r.span_kind = k.span_kind
  LEFT JOIN book.long_day AS l
    ON r.provider = l.provider AND r.model = l.model AND r.started_day = l.started_day
  INNER JOIN billed AS b ON m.request_id = b.request_id
  WHERE b.is_whole OR (b.has_prompt OR COALESCE(r.prompt_tokens, 0) = 0)
    AND (b.has_answer OR COALESCE(r.output, 0) + COALESCE(r.reasoning, 0) = 0)
),
token AS (
  UNPIVOT call
  ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output, reasoning, audio_in,
    audio_cached_in, audio_out, image_in, image_cached_in, image_out, web_search
  INTO NAME token_type VALUE quantity
),
ours AS (
  SELECT tenant_id, started_day, workflow_name, provider, model, day, account_id, key_id,
    charge_status, sheet_id, token_type, quantity
  FROM token
  UNION ALL
  SELECT c.tenant_id, c.started_day, c.own_name, c.provider, COALESCE(o.model, c.model),
    COALESCE(l.day, c.started_day), c.account_id, c.key_id, CASE WHEN o.charge_usd IS NULL
      AND c.charge_status = 'rated' THEN 'unpriced' ELSE c.charge_status END,
    CASE WHEN o.model IS NULL THEN c.sheet_id ELSE o.sheet_id END, o.token_type, o.quantity
  FROM call AS c
  INNER JOIN book.other_charge AS o ON c.call_row = o.call_row
  LEFT JOIN book.long_day AS l
    ON c.provider = l.provider AND COALESCE(o.model, c.model) = l.model
    AND c.started_day = l.started_day
  WHERE NOT o.is_unbilled AND (o.charge_usd IS NOT NULL OR c.charge_status = 'unpriced'
    OR o.charge LIKE '%_call' OR o.charge LIKE '%_hour')
),
leg AS (
  SELECT o.tenant_id, o.started_day, o.workflow_name, o.provider, o.model, o.day, o.account_id,
    o.key_id, o.charge_status, o.token_type, o.quantity, 1 AS requests,
    CASE o.charge_status WHEN 'rated' THEN CAST(o.quantity AS DECIMAL(18,0)) * p.usd_per_token
      WHEN 'gateway_cache_hit' THEN 0 WHEN 'failed_attempt' THEN 0 END AS charge_usd
  FROM ours AS o
  LEFT JOIN book.price AS p ON o.sheet_id = p.sheet_id AND o.token_type = p.token_type
  WHERE o.quantity > 0
  UNION ALL BY NAME
  SELECT c.tenant_id, c.started_day, c.workflow_name, b.provider, b.model, b.day,
    b.account_key AS account_id, b.key_id, CASE WHEN b.charge_category <> 'usage'
      THEN b.charge_category ELSE COALESCE(b.token_type, 'unsplit') END AS token_type,
    b.amount_usd AS bill_usd, b.amount_quantum AS quantum_usd, 1 AS bill_rows
  FROM bill_row AS b INNER JOIN call AS c ON b.request_id = c.request_id
  UNION ALL BY NAME
  SELECT c.tenant_id, c.started_day, c.workflow_name, n.provider, n.model, n.day, n.account_id,
    n.key_id, n.token_type, n.quantity AS quantity_provider, n.charge_usd AS usage_charge_usd
  FROM bill_row AS b
  INNER JOIN call AS c ON b.request_id = c.request_id
  INNER JOIN book.bill_count AS n ON b.row_id = n.row_id
  UNION ALL BY NAME
  SELECT c.tenant_id, c.started_day, c.workflow_name, u.provider, u.model, u.day,
    COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id, u.token_type,
    u.quantity AS quantity_provider, u.charge_usd AS usage_charge_usd
  FROM book.usage AS u
  INNER JOIN call AS c ON u.request_id = c.request_id
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  WHERE u.is_counted AND u.is_in_period
)
SELECT tenant_id, started_day AS day, workflow_name, provider, account_id, key_id,
  day AS bucket_day, model, token_type, charge_status,
  CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(quantity) AS BIGINT) AS quantity,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(quantity_provider) AS BIGINT) AS quantity_provider,
  CAST(SUM(usage_charge_usd) AS DECIMAL(38,15)) AS usage_charge_usd,
  CAST(SUM(bill_usd) AS DECIMAL(38,15)) AS bill_usd,
  CAST(SUM(quantum_usd) AS DECIMAL(38,15)) AS quantum_usd,
  CAST(SUM(bill_rows) AS BIGINT) AS bill_rows
FROM leg
GROUP BY tenant_id, started_day, workflow_name, provider, account_id, key_id, day, model,
  token_type, charge_status
