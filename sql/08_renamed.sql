-- reads:  raw.request, raw.request_row, raw.request_kind
-- writes: book.renamed
-- grain:  one row a gateway row that others tell of under another id, with one that they share
WITH renamed AS ( -- agentgateway's access log knows a call's span alone, its table an id too
  SELECT trace_id, span_id, MIN(request_id) AS request_id
  FROM raw.request
  WHERE gateway = 'agentgateway' AND trace_id IS NOT NULL AND span_id IS NOT NULL
  GROUP BY trace_id, span_id
  HAVING MIN(request_id) <> MAX(request_id)
),
renamed_row AS MATERIALIZED (
  SELECT r.row_id, n.request_id AS same_id
  FROM raw.request AS r
  INNER JOIN renamed AS n ON r.trace_id = n.trace_id AND r.span_id = n.span_id
  WHERE r.gateway = 'agentgateway'
),
-- LiteLLM names a call by its own id or by its answer's, as release and export have it. Attempts
-- share the call's, and one of them alone succeeds.
other_name AS (
  SELECT request_id, kind_id, response_id AS other_id FROM raw.request_row
  WHERE response_id IS NOT NULL
  UNION ALL
  SELECT request_id, kind_id, call_id FROM raw.request_row WHERE call_id IS NOT NULL
),
two_names AS MATERIALIZED (
  SELECT DISTINCT n.request_id, n.other_id, k.status
  FROM other_name AS n
  INNER JOIN raw.request_kind AS k ON n.kind_id = k.kind_id
  INNER JOIN raw.request_row AS o ON n.other_id = o.request_id
  INNER JOIN raw.request_kind AS ok ON o.kind_id = ok.kind_id AND k.status = ok.status
  WHERE k.gateway = 'litellm' AND ok.gateway = 'litellm' AND k.gateway_cache <> 'hit'
    AND n.request_id <> n.other_id
),
litellm_name AS (
  SELECT request_id, status, MIN(LEAST(request_id, other_id)) AS same_id
  FROM (FROM two_names UNION ALL SELECT other_id, request_id, status FROM two_names)
  GROUP BY request_id, status
),
litellm_row AS MATERIALIZED (
  SELECT r.row_id, n.same_id
  FROM raw.request AS r
  INNER JOIN litellm_name AS n ON r.request_id = n.request_id AND r.status = n.status
  WHERE r.gateway = 'litellm'
)
SELECT row_id, same_id FROM renamed_row
UNION ALL
SELECT row_id, same_id FROM litellm_row
