-- heavy
-- reads:  book.again
-- writes: book.same_call
-- drops: book.again
-- grain:  one row a span whose response other spans saw too: one of them stands for the call,
--         with the ids and owners that any of them knew. The same response with other counts at
--         another time is a call of its own: an answer from a gateway's cache, or a retry
WITH ranked AS (
  SELECT row_id, response_id, prompt_tokens, answered, started_us, ended_us,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_write_5m IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN reasoning IS NULL THEN 1 ELSE 0 END,
        started_us DESC, span_id, file_id, line, item) AS place,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS nth
  FROM book.again
),
-- The first call of the response, and what has its counts or runs while it runs.
member AS (
  SELECT r.row_id, r.response_id, r.place
  FROM ranked AS r
  INNER JOIN ranked AS k ON r.response_id = k.response_id AND k.nth = 1
  WHERE r.prompt_tokens IS NULL
    OR (r.prompt_tokens = k.prompt_tokens AND r.answered = k.answered)
    OR (r.started_us <= k.ended_us AND k.started_us <= r.ended_us)
),
known AS (
  SELECT m.response_id, MIN(m.place) AS place, COUNT(*) AS spans, MIN(s.call_id) AS call_id,
    MIN(s.provider_request_id) AS provider_request_id, MIN(s.session_id) AS session_id,
    MIN(s.workflow_id) AS workflow_id, MIN(s.workflow_name) AS workflow_name,
    MIN(s.tenant) AS tenant
  FROM member AS m
  INNER JOIN book.again AS s ON m.row_id = s.row_id
  GROUP BY m.response_id
)
SELECT m.row_id, CASE WHEN m.place = k.place THEN TRUE ELSE FALSE END AS is_kept, k.response_id,
  k.spans, k.call_id, k.provider_request_id, k.session_id, k.workflow_id, k.workflow_name,
  k.tenant
FROM member AS m
INNER JOIN known AS k ON m.response_id = k.response_id
