-- heavy
-- reads:  book.again
-- writes: book.member
-- grain:  one row a span of a call that several spans saw, with what it knows and its places: of
--         those that may stand for the call, of those that name its owner, and of those that name
--         its run. The same response with other counts at another time is a call of its own: an
--         answer from a gateway's cache, or a retry. Of spans that know alike the deepest stands
--         for the call, and before those that saw the response again later, as who fetches it does
WITH begun AS (
  SELECT response_id, prompt_tokens, answered, started_us, ended_us,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN is_around THEN 1 ELSE 0 END,
        CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS nth
  FROM book.again
),
-- The first call of the response, and what has its counts or runs while it runs.
of_call AS (
  SELECT a.*, a.started_us > k.ended_us AS is_later
  FROM book.again AS a
  INNER JOIN begun AS k ON a.response_id = k.response_id AND k.nth = 1
  WHERE a.prompt_tokens IS NULL
    OR (a.prompt_tokens = k.prompt_tokens AND a.answered = k.answered)
    OR (a.started_us <= k.ended_us AND k.started_us <= a.ended_us)
),
ranked AS (
  SELECT *,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN is_around THEN 1 ELSE 0 END,
        CASE WHEN prompt_tokens IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_write_5m IS NULL THEN 1 ELSE 0 END,
        CASE WHEN cache_read IS NULL THEN 1 ELSE 0 END,
        CASE WHEN reasoning IS NULL THEN 1 ELSE 0 END,
        CASE WHEN is_later THEN 1 ELSE 0 END,
        started_us DESC, span_id, file_id, line, item) AS place,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN role = 'gateway' THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS run_place,
    ROW_NUMBER() OVER (
      PARTITION BY response_id
      ORDER BY CASE WHEN is_around THEN 1 ELSE 0 END,
        started_us, ended_us DESC, span_id, file_id, line, item) AS time_place
  FROM of_call
)
SELECT row_id, response_id, told_id, place, run_place, time_place,
  CASE WHEN role = 'gateway' THEN place ELSE place + 1000000 END AS owner_place,
  call_id, provider_request_id, session_id, workflow_id, workflow_name, tenant,
  service_tier, model, success, provider, named, requested_model, started_us,
  ended_us, started_day
FROM ranked
