-- heavy
-- reads:  book.again
-- writes: book.member
-- grain:  one row a span of a call that several spans saw, with what it knows and its places: of
--         those that may stand for the call, of those that name its owner, and of those that name
--         its run. The same response with other counts at another time is a call of its own: an
--         answer from a gateway's cache, or a retry
WITH ranked AS (
  SELECT row_id, response_id, role, prompt_tokens, answered, started_us, ended_us, call_id,
    provider_request_id, session_id, workflow_id, workflow_name, tenant, service_tier, model,
    success, provider,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN is_around THEN 1 ELSE 0 END,
        CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_write_5m IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN reasoning IS NULL THEN 1 ELSE 0 END,
        started_us DESC, span_id, file_id, line, item) AS place,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN role = 'gateway' THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS run_place
  FROM book.again
),
begun AS (
  SELECT response_id, prompt_tokens, answered, started_us, ended_us,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN is_around THEN 1 ELSE 0 END,
        CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS nth
  FROM book.again
)
-- The first call of the response, and what has its counts or runs while it runs.
SELECT r.row_id, r.response_id, r.place, r.run_place,
  CASE WHEN r.role = 'gateway' THEN r.place ELSE r.place + 1000000 END AS owner_place,
  r.call_id, r.provider_request_id, r.session_id, r.workflow_id, r.workflow_name, r.tenant,
  r.service_tier, r.model, r.success, r.provider
FROM ranked AS r
INNER JOIN begun AS k ON r.response_id = k.response_id AND k.nth = 1
WHERE r.prompt_tokens IS NULL
  OR (r.prompt_tokens = k.prompt_tokens AND r.answered = k.answered)
  OR (r.started_us <= k.ended_us AND k.started_us <= r.ended_us)
