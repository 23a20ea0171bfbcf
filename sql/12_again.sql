-- heavy
-- reads:  raw.span, raw.span_row, book.span_drop, book.told_response
-- writes: book.again
-- drops: book.told_response, book.span_twin, book.span_met
-- grain:  one row a span whose response other spans saw too, as this one saw it, and span around
--         it that repeats it. Where a gateway makes response ids of its own, or a client notes
--         none, the provider's request id tells, or the span around, or the gateway's call id.
--         They are few, and a table of their own because each is looked at in several ways
-- A span that is repeated may repeat another.
WITH heir AS (
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
  LEFT JOIN book.told_response AS n ON h.heir_row = n.row_id
  LEFT JOIN book.told_response AS o ON h.row_id = o.row_id
  WHERE d.row_id IS NULL
),
passed_on AS (
  SELECT n.response_id AS told_id, MIN(a.response_id) AS response_id
  FROM around AS a
  INNER JOIN book.told_response AS n ON a.row_id = n.row_id
  GROUP BY n.response_id
  HAVING MIN(a.response_id) = MAX(a.response_id)
),
call AS (
  SELECT n.row_id, COALESCE(p.response_id, n.response_id) AS response_id, FALSE AS is_around
  FROM book.told_response AS n
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
  s.provider AS named, s.requested_model, s.prompt_tokens, s.cache_write_5m, s.cache_read,
  s.reasoning, s.started_us, s.started_day,
  COALESCE(s.ended_us, s.started_us) AS ended_us,
  COALESCE(s.output, 0) + COALESCE(s.reasoning, 0) + COALESCE(s.audio_out, 0)
    + COALESCE(s.image_out, 0) AS answered,
  s.span_id, s.file_id, s.line, s.item
FROM call AS c
INNER JOIN (
  SELECT response_id FROM call GROUP BY response_id HAVING COUNT(*) > 1
) AS again ON c.response_id = again.response_id
INNER JOIN raw.span AS s ON c.row_id = s.row_id
