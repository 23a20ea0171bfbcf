-- heavy
-- reads:  raw.span, book.span_drop
-- writes: book.again
-- grain:  one row a span whose response other spans saw too, as this one saw it, and span around
--         it that repeats it. Where a gateway makes response ids of its own, or a client notes
--         none, the provider's request id tells, or the span around, or the gateway's call id: by
--         that the one call of a client and of a gateway meet that count alike at one time in
--         different traces, as attempts and callers may share it. They are few, and a table of
--         their own because each is looked at in several ways
WITH renamed AS (
  SELECT provider_request_id,
    COALESCE(MIN(response_id), MIN(provider_request_id)) AS response_id
  FROM raw.span
  WHERE provider_request_id IS NOT NULL AND role IN ('llm_call', 'gateway')
  GROUP BY provider_request_id
  HAVING COUNT(*) > 1 AND (MIN(response_id) <> MAX(response_id) OR COUNT(response_id) < COUNT(*))
),
alias AS (
  SELECT s.response_id AS told_id, MIN(n.response_id) AS response_id
  FROM raw.span AS s
  INNER JOIN renamed AS n ON s.provider_request_id = n.provider_request_id
  WHERE s.role IN ('llm_call', 'gateway') AND s.response_id IS NOT NULL
  GROUP BY s.response_id
),
responded AS (
  SELECT s.row_id, COALESCE(a.response_id, s.response_id, n.response_id) AS response_id
  FROM raw.span AS s
  LEFT JOIN alias AS a ON s.response_id = a.told_id
  LEFT JOIN renamed AS n ON s.provider_request_id = n.provider_request_id
  WHERE s.role IN ('llm_call', 'gateway')
    AND (s.response_id IS NOT NULL OR n.response_id IS NOT NULL)
),
called AS (
  SELECT s.row_id, s.call_id, s.trace_id, s.role, s.started_us, s.prompt_tokens,
    COALESCE(s.ended_us, s.started_us) AS ended_us, n.response_id,
    COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) AS answered,
    CASE WHEN d.row_id IS NULL THEN s.row_id END AS own_row
  FROM raw.span AS s
  INNER JOIN (
    SELECT call_id FROM raw.span WHERE role = 'llm_call' AND call_id IS NOT NULL GROUP BY call_id
  ) AS b ON s.call_id = b.call_id
  LEFT JOIN responded AS n ON s.row_id = n.row_id
  LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id
  WHERE s.role IN ('llm_call', 'gateway')
),
passed AS (
  SELECT g.call_id, c.row_id AS client_row, c.response_id AS client_id, c.own_row AS client_own,
    g.row_id AS gateway_row, g.response_id AS gateway_id, g.own_row AS gateway_own
  FROM called AS g
  INNER JOIN called AS c ON g.call_id = c.call_id AND g.trace_id <> c.trace_id
  WHERE g.role = 'gateway' AND c.role = 'llm_call'
    AND g.started_us <= c.ended_us AND c.started_us <= g.ended_us
    AND (c.prompt_tokens IS NULL AND g.prompt_tokens IS NOT NULL
      OR c.prompt_tokens = g.prompt_tokens AND c.answered = g.answered)
),
one_call AS (
  SELECT call_id, COALESCE(MIN(gateway_id), MIN(client_id), call_id) AS response_id
  FROM passed
  GROUP BY call_id
  HAVING COUNT(DISTINCT client_own) < 2 AND COUNT(DISTINCT gateway_own) < 2
),
shared AS (
  SELECT p.client_row AS row_id, p.client_id AS told_id, o.response_id
  FROM passed AS p INNER JOIN one_call AS o ON p.call_id = o.call_id
  UNION
  SELECT p.gateway_row, p.gateway_id, o.response_id
  FROM passed AS p INNER JOIN one_call AS o ON p.call_id = o.call_id
),
named AS (
  SELECT n.row_id, COALESCE(c.response_id, n.response_id) AS response_id
  FROM responded AS n
  LEFT JOIN (
    SELECT told_id, MIN(response_id) AS response_id FROM shared GROUP BY told_id
  ) AS c ON n.response_id = c.told_id
  UNION ALL
  SELECT row_id, response_id FROM shared WHERE told_id IS NULL
),
-- A span that is repeated may repeat another.
heir AS (
  SELECT a.row_id, COALESCE(c.heir_row, b.heir_row, a.heir_row) AS heir_row
  FROM book.span_drop AS a
  LEFT JOIN book.span_drop AS b ON a.heir_row = b.row_id
  LEFT JOIN book.span_drop AS c ON b.heir_row = c.row_id
  WHERE a.heir_row IS NOT NULL
),
around AS (
  SELECT h.row_id, h.heir_row, n.row_id IS NOT NULL AS is_named,
    COALESCE(n.response_id, MIN(o.response_id) OVER (PARTITION BY h.heir_row),
      s.trace_id || '/' || s.span_id) AS response_id
  FROM heir AS h
  INNER JOIN raw.span_row AS s ON h.heir_row = s.row_id
  LEFT JOIN book.span_drop AS d ON h.heir_row = d.row_id
  LEFT JOIN named AS n ON h.heir_row = n.row_id
  LEFT JOIN named AS o ON h.row_id = o.row_id
  WHERE d.row_id IS NULL
),
passed_on AS (
  SELECT n.response_id AS told_id, MIN(a.response_id) AS response_id
  FROM around AS a
  INNER JOIN named AS n ON a.row_id = n.row_id
  GROUP BY n.response_id
  HAVING MIN(a.response_id) = MAX(a.response_id)
),
call AS (
  SELECT n.row_id, COALESCE(p.response_id, n.response_id) AS response_id, FALSE AS is_around
  FROM named AS n
  LEFT JOIN passed_on AS p ON n.response_id = p.told_id
  LEFT JOIN book.span_drop AS d ON n.row_id = d.row_id
  WHERE d.row_id IS NULL
  UNION ALL
  SELECT heir_row, response_id, FALSE FROM around WHERE NOT is_named
  GROUP BY heir_row, response_id
  UNION ALL
  SELECT row_id, response_id, TRUE FROM around
)
SELECT s.row_id, c.response_id, c.is_around, s.role, s.response_id AS told_id, s.trace_id,
  s.call_id, s.provider_request_id, s.session_id, s.workflow_id, s.workflow_name,
  COALESCE(s.team_id, s.tenant_tag, s.project_id, s.organization_id) AS tenant,
  CASE WHEN s.service_tier <> 'auto' THEN s.service_tier END AS service_tier,
  CASE WHEN s.response_model_evidence = 'reported' THEN s.response_model END AS model,
  CASE WHEN s.status = 'success' THEN s.status END AS success,
  -- A client names whose interface it speaks, a gateway whom it asks.
  CASE WHEN s.role = 'gateway' AND s.provider NOT LIKE 'litellm%' THEN s.provider END AS provider,
  s.prompt_tokens, s.cache_write_5m, s.cache_read, s.reasoning, s.started_us, s.started_day,
  COALESCE(s.ended_us, s.started_us) AS ended_us,
  COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
    + COALESCE(s.image_out, 0) AS answered,
  s.span_id, s.file_id, s.line, s.item
FROM call AS c
INNER JOIN (
  SELECT response_id FROM call GROUP BY response_id HAVING COUNT(*) > 1
) AS again ON c.response_id = again.response_id
INNER JOIN raw.span AS s ON c.row_id = s.row_id
