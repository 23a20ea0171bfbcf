-- reads:  raw.request, raw.request_row, raw.request_kind
-- writes: book.renamed
-- grain:  one row a gateway row that others tell of under another id, with one that they share; or
--         that tells of an answer as a row of another gateway does, through which it passed
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
),
-- A gateway behind another one tells of the same answer, with the same counts, at the same time.
passed_on AS MATERIALIZED (
  SELECT i.row_id AS inner_row, o.row_id AS outer_row, i.response_id,
    concat_ws('/', i.prompt_tokens, COALESCE(i.output, 0) + COALESCE(i.reasoning, 0)) AS counts
  FROM raw.request AS i
  INNER JOIN raw.request AS o
    ON i.response_id = o.response_id AND i.prompt_tokens = o.prompt_tokens
    AND COALESCE(i.output, 0) + COALESCE(i.reasoning, 0)
      = COALESCE(o.output, 0) + COALESCE(o.reasoning, 0)
  WHERE i.gateway > (SELECT MIN(gateway) FROM raw.request_kind) AND i.gateway <> o.gateway
    AND i.gateway_cache <> 'hit' AND o.gateway_cache <> 'hit' AND i.prompt_tokens > 0
    AND ABS(i.started_us - o.started_us) <= 600000000
),
passed_row AS (
  SELECT inner_row AS row_id, response_id, counts FROM passed_on
  UNION
  SELECT outer_row, response_id, counts FROM passed_on
)
SELECT row_id, response_id AS same_id, counts, TRUE AS is_passed_on FROM passed_row
UNION ALL
SELECT row_id, same_id, '', FALSE FROM (FROM renamed_row UNION ALL FROM litellm_row)
WHERE row_id NOT IN (SELECT row_id FROM passed_row)
