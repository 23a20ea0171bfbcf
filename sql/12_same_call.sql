-- heavy
-- reads:  book.again
-- writes: book.same_call
-- grain:  one row a span whose response other spans saw too: one of them stands for the call,
--         with the ids that any of them knew, the owner by the gateway's span and the run by the
--         client's; and the tier, the model and that it went well, where the span that stands for
--         the call does not know and another does. The same response with other counts at another
--         time is a call of its own: an answer from a gateway's cache, or a retry
WITH ranked AS (
  SELECT row_id, response_id, prompt_tokens, answered, started_us, ended_us,
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
      ORDER BY CASE WHEN is_around THEN 1 ELSE 0 END,
        CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS nth,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN role = 'gateway' THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS run_place
  FROM book.again
),
-- The first call of the response, and what has its counts or runs while it runs.
member AS (
  SELECT r.row_id, r.response_id, r.place, r.run_place,
    CASE WHEN s.role = 'gateway' THEN r.place ELSE r.place + 1000000 END AS owner_place,
    s.call_id, s.provider_request_id, s.session_id, s.workflow_id, s.workflow_name, s.tenant,
    s.service_tier, s.model, s.success
  FROM ranked AS r
  INNER JOIN ranked AS k ON r.response_id = k.response_id AND k.nth = 1
  INNER JOIN book.again AS s ON r.row_id = s.row_id
  WHERE r.prompt_tokens IS NULL
    OR (r.prompt_tokens = k.prompt_tokens AND r.answered = k.answered)
    OR (r.started_us <= k.ended_us AND k.started_us <= r.ended_us)
),
-- Which of them says each of these first.
teller AS (
  SELECT response_id, MIN(place) AS place, COUNT(*) AS spans, MIN(call_id) AS call_id,
    MIN(provider_request_id) AS provider_request_id, MIN(success) AS success,
    MIN(run_place) FILTER (WHERE session_id IS NOT NULL) AS session_place,
    MIN(run_place) FILTER (WHERE workflow_id IS NOT NULL) AS workflow_place,
    MIN(run_place) FILTER (WHERE workflow_name IS NOT NULL) AS name_place,
    MIN(owner_place) FILTER (WHERE tenant IS NOT NULL) AS tenant_place,
    MIN(place) FILTER (WHERE service_tier IS NOT NULL) AS tier_place,
    MIN(place) FILTER (WHERE model IS NOT NULL) AS model_place
  FROM member
  GROUP BY response_id
),
known AS (
  SELECT m.response_id,
    MIN(CASE WHEN m.run_place = t.session_place THEN m.session_id END) AS session_id,
    MIN(CASE WHEN m.run_place = t.workflow_place THEN m.workflow_id END) AS workflow_id,
    MIN(CASE WHEN m.run_place = t.name_place THEN m.workflow_name END) AS workflow_name,
    MIN(CASE WHEN m.owner_place = t.tenant_place THEN m.tenant END) AS tenant,
    MIN(CASE WHEN m.place = t.tier_place AND m.place > t.place THEN m.service_tier END)
      AS service_tier,
    MIN(CASE WHEN m.place = t.model_place AND m.place > t.place THEN m.model END) AS model
  FROM member AS m
  INNER JOIN teller AS t ON m.response_id = t.response_id
  GROUP BY m.response_id
)
SELECT m.row_id, CASE WHEN m.place = t.place THEN TRUE ELSE FALSE END AS is_kept, t.response_id,
  t.spans, t.call_id, t.provider_request_id, k.session_id, k.workflow_id, k.workflow_name,
  k.tenant, k.service_tier, k.model,
  CASE WHEN m.success IS NULL THEN t.success END AS status
FROM member AS m
INNER JOIN teller AS t ON m.response_id = t.response_id
INNER JOIN known AS k ON m.response_id = k.response_id
