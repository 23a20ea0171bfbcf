-- heavy
-- reads:  raw.span
-- writes: book.span_response as a view
-- grain:  one row a call in a client or a gateway, with the id of its response: where a gateway
--         makes ids of its own, or a client notes none, the provider's request id tells
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
)
SELECT s.row_id, COALESCE(a.response_id, s.response_id, n.response_id) AS response_id
FROM raw.span AS s
LEFT JOIN alias AS a ON s.response_id = a.told_id
LEFT JOIN renamed AS n ON s.provider_request_id = n.provider_request_id
WHERE s.role IN ('llm_call', 'gateway')
  AND (s.response_id IS NOT NULL OR n.response_id IS NOT NULL)
