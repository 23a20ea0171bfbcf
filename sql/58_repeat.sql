-- reads:  book.volume, book.bucket, book.usage, book.provider_key, book.dated, book.long_day,
--         book.request_key, raw.request_row, raw.request_kind, raw.span_row
-- writes: book.repeat
-- grain:  one row a request, of a day and model of which the provider counted less of some type of
--         token, or otherwise where some calls have no span or the provider tells several keys
--         apart, that has the same counts as another one of the same key within a minute before; a
--         batch that is asked after, on whatever day before. Two whose spans saw two responses are
--         two calls. is_of_same: both are of one tenant and class of workflow; is_unseen: these
--         alone of the day and model have no span
WITH poll_kind AS (
  SELECT kind_id, started_day FROM raw.request_kind
  WHERE operation IN ('aretrieve_batch', 'retrieve_batch')
),
spanless AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, SUM(requests) AS requests
  FROM book.bucket
  WHERE charge_status = 'rated' AND request_state = 'only_gateway'
  GROUP BY provider, account_id, key_id, day, model
),
-- Beside a key that passes the gateway, the other ones may have counted less: by a part of all.
keyed AS (
  SELECT u.provider, COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id,
    u.day, u.model, SUM(u.quantity) AS tokens, SUM(SUM(u.quantity)) OVER (
      PARTITION BY u.provider, COALESCE(k.account_id, ''), COALESCE(k.key_id, ''), u.day, u.model)
      AS all_tokens
  FROM book.usage AS u
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  WHERE u.is_counted AND u.is_in_period
  GROUP BY u.provider, COALESCE(k.account_id, ''), COALESCE(k.key_id, ''), u.day, u.model,
    u.account_id, u.project_id, u.workspace_id, u.api_key_id
),
suspect AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, bool_or(is_compared) AS is_compared
  FROM (
    SELECT v.provider, v.account_id, v.key_id, v.day, v.model, TRUE AS is_compared
    FROM book.volume AS v
    LEFT JOIN spanless AS s
      ON v.provider = s.provider AND v.account_id = s.account_id AND v.key_id = s.key_id
      AND v.day = s.day AND v.model = s.model
    LEFT JOIN keyed AS y
      ON v.provider = y.provider AND v.account_id = y.account_id AND v.key_id = y.key_id
      AND v.day = y.day AND v.model = y.model AND y.tokens < y.all_tokens
      AND y.tokens > v.tokens AND (y.tokens - v.tokens) * 4 <= y.all_tokens
    WHERE NOT v.is_more OR s.requests < v.requests OR y.provider IS NOT NULL
    UNION ALL
    SELECT v.provider, v.account_id, v.key_id, COALESCE(l.day, p.started_day), v.model, FALSE
    FROM book.volume AS v
    CROSS JOIN (SELECT DISTINCT started_day FROM poll_kind) AS p
    LEFT JOIN book.long_day AS l
      ON v.provider = l.provider AND v.model = l.model AND p.started_day = l.started_day
    WHERE v.is_less
  )
  GROUP BY provider, account_id, key_id, day, model
),
-- Of the days of no suspect no request is read.
looked_at AS (
  SELECT day FROM suspect
  UNION
  SELECT l.started_day
  FROM suspect AS s
  INNER JOIN book.long_day AS l
    ON s.provider = l.provider AND s.model = l.model AND s.day = l.day
),
call AS (
  SELECT s.provider, s.account_id, s.key_id, s.day, s.model, r.request_row, r.started_us,
    COALESCE(r.input, 0) AS input, COALESCE(r.cache_read, 0) AS cache_read,
    COALESCE(r.cache_write_5m, 0) AS write_5m, COALESCE(r.cache_write_1h, 0) AS write_1h,
    COALESCE(r.cache_write, 0) AS write,
    COALESCE(r.output, 0) + COALESCE(r.reasoning, 0) AS output,
    COALESCE(r.web_search, 0) AS web_search, COALESCE(g.api_key_id, '') AS api_key_id,
    s.is_compared, p.kind_id IS NOT NULL AS is_poll, r.tenant_id, r.workflow_name, r.span_row
  FROM (
    SELECT * FROM book.dated WHERE started_day IN (SELECT day FROM looked_at)
  ) AS r
  INNER JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  LEFT JOIN poll_kind AS p ON r.request_kind = p.kind_id
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind
    AND r.span_kind = k.span_kind
  INNER JOIN suspect AS s
    ON r.provider = s.provider AND r.model = s.model AND r.day = s.day
    AND COALESCE(k.account_id, '') = s.account_id AND COALESCE(k.key_id, '') = s.key_id
  WHERE r.charge_status = 'rated' AND r.request_row IS NOT NULL
    AND (s.is_compared OR p.kind_id IS NOT NULL)
),
-- Few calls have the counts of another one: only these are put in order.
alike AS MATERIALIZED (
  SELECT model, input, output, cache_read FROM call
  GROUP BY model, input, output, cache_read HAVING COUNT(*) > 1
),
before AS (
  SELECT c.*, g.request_id, lag(c.started_us) OVER same AS before_us,
    lag(c.tenant_id) OVER same AS before_tenant, lag(c.workflow_name) OVER same
      AS before_workflow, n.response_id, lag(n.response_id) OVER same AS before_response
  FROM call AS c
  INNER JOIN alike AS a ON c.model = a.model AND c.input = a.input AND c.output = a.output
    AND c.cache_read = a.cache_read
  INNER JOIN raw.request_row AS g ON c.request_row = g.row_id
  LEFT JOIN raw.span_row AS n ON c.span_row = n.row_id
  WINDOW same AS (
    PARTITION BY c.provider, c.account_id, c.key_id, CASE WHEN NOT c.is_poll THEN c.day END,
      c.model, c.input, c.cache_read, c.write_5m, c.write_1h, c.write, c.output, c.web_search,
      c.api_key_id, c.is_poll
    ORDER BY c.started_us, g.file_id, g.line, g.request_id)
)
SELECT b.provider, b.account_id, b.key_id, b.day, b.model, b.request_row, b.request_id, b.input,
  b.cache_read, b.write_5m, b.write_1h, b.write, b.output, b.web_search,
  b.tenant_id = b.before_tenant AND b.workflow_name IS NOT DISTINCT FROM b.before_workflow
    AS is_of_same,
  bool_and(b.span_row IS NULL) OVER bucket AND COALESCE(s.requests = COUNT(*) OVER bucket, FALSE)
    AS is_unseen,
  CASE WHEN bool_or(b.is_poll) OVER bucket
    THEN 'a batch asked after again: rows with the counts of an earlier one'
    ELSE 'rows with the counts of another one within a minute before' END AS evidence
FROM before AS b
LEFT JOIN spanless AS s
  ON b.provider = s.provider AND b.account_id = s.account_id AND b.key_id = s.key_id
  AND b.day = s.day AND b.model = s.model
WHERE b.is_compared AND (b.is_poll OR b.started_us - b.before_us <= 60000000)
  AND b.before_us IS NOT NULL
  AND COALESCE(b.response_id = b.before_response OR b.is_poll, TRUE)
WINDOW bucket AS (PARTITION BY b.provider, b.account_id, b.key_id, b.day, b.model)
