-- reads:  book.volume, book.shift, book.bucket, book.dated, book.unusual, book.request_key,
--         book.workflow, raw.request_kind, raw.span_kind
-- writes: book.uncounted
-- grain:  one row a day and model of which the provider counts more, in no more calls where it
--         counts these, and of some of our calls no side counted the tokens: how well that fits, as
--         the rank of book.volume_part, and makers, as in book.alike_call, where one tenant made
--         all of these. shift: of what is left beside calls that are booked on another day
WITH rest AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, NULL AS shift, tokens, output, requests,
    requests_provider, requests_failed
  FROM book.volume WHERE is_more AND input > 0
  UNION ALL
  SELECT v.provider, v.account_id, v.key_id, v.day, v.model, s.shift,
    v.tokens - s.input - s.cache_read - s.write_5m - s.write_1h - s.write - s.output
      - s.web_search - s.other, v.output - s.output, v.requests + s.calls, v.requests_provider,
    v.requests_failed
  FROM book.volume AS v
  INNER JOIN book.shift AS s
    ON v.provider = s.provider AND v.account_id = s.account_id AND v.key_id = s.key_id
    AND v.day = s.day AND v.model = s.model
  WHERE v.uncounted > 0 AND s.cause = 'window_boundary' AND s.label IN ('', 'hour')
    AND v.input > s.input AND LEAST(v.cache_read - s.cache_read, v.write_5m - s.write_5m,
      v.write_1h - s.write_1h, v.write - s.write, v.output - s.output,
      v.web_search - s.web_search, v.other - s.other) >= 0
),
call AS (
  SELECT r.provider, r.model, r.day, COALESCE(k.account_id, '') AS account_id,
    COALESCE(k.key_id, '') AS key_id, r.tenant_id, q.request_id,
    COALESCE(g.api_key_id, g.api_key_name, s.api_key_id, s.api_key_name) AS own_key,
    CAST(to_json([r.tenant_id, COALESCE(CASE WHEN w.workflow_id IS NULL
      THEN r.workflow_name ELSE w.workflow_name END, '')]) AS VARCHAR) AS maker
  FROM book.unusual AS q
  INNER JOIN book.dated AS r
    ON COALESCE(r.request_row, -r.span_row) = COALESCE(q.request_row, -q.span_row)
  LEFT JOIN book.workflow AS w
    ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind AND r.span_kind = k.span_kind
  LEFT JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
  LEFT JOIN raw.span_kind AS s ON r.span_kind = s.kind_id
  WHERE q.charge_status = 'no_usage' AND (r.provider, r.model, r.day) IN (
    SELECT (provider, model, day) FROM rest)
),
made AS (
  SELECT provider, account_id, key_id, day, model, list(maker ORDER BY maker) AS makers,
    COUNT(*) AS calls, COUNT(DISTINCT tenant_id) AS tenants, MIN(tenant_id) AS tenant_id,
    MIN(request_id) AS request_id, list(DISTINCT own_key)
      FILTER (own_key IS NOT NULL) AS own_keys
  FROM call GROUP BY provider, account_id, key_id, day, model
),
-- What a call of the model has on average.
usual AS (
  SELECT provider, model, SUM(requests) AS requests, SUM(COALESCE(input, 0)
    + COALESCE(cache_read, 0) + COALESCE(cache_write_5m, 0) + COALESCE(cache_write_1h, 0)
    + COALESCE(cache_write, 0) + COALESCE(output, 0) + COALESCE(reasoning, 0)) AS tokens
  FROM book.bucket WHERE charge_status = 'rated' GROUP BY provider, model
),
-- All of a key that passes the gateway, or, where its calls are counted and as many, the key of
-- just these calls, unless the gateway names another.
keyed AS (
  SELECT v.provider, v.account_id, v.key_id, v.day, v.model,
    bool_and(COALESCE(s.calls = m.calls, FALSE) AND COALESCE(NOT starts_with(s.label, 'but ')
      AND list_has_all(string_split(s.label, ' '), m.own_keys), TRUE)) AS is_of_these
  FROM book.volume AS v
  INNER JOIN made AS m
    ON v.provider = m.provider AND v.account_id = m.account_id AND v.key_id = m.key_id
    AND v.day = m.day AND v.model = m.model
  INNER JOIN book.shift AS s
    ON v.provider = s.provider AND v.account_id = s.account_id AND v.key_id = s.key_id
    AND v.day = s.day AND v.model = s.model AND v.input = s.input
    AND v.cache_read = s.cache_read AND v.write_5m = s.write_5m AND v.write_1h = s.write_1h
    AND v.write = s.write AND v.output = s.output AND v.web_search = s.web_search
    AND v.other = s.other
  WHERE s.cause = 'row_missing_gateway' AND s.label <> 'id'
  GROUP BY v.provider, v.account_id, v.key_id, v.day, v.model
)
SELECT v.provider, v.account_id, v.key_id, v.day, v.model, v.shift,
  CASE
    -- Prompts without an answer may be of attempts that failed.
    WHEN k.provider IS NULL AND v.requests_provider IS NULL AND v.output = 0
      AND v.requests_failed > 0 THEN 3
    -- Some that we know are not counted, or nothing tells how many are: it may be of other calls.
    -- So much more may be of these too, or of all.
    WHEN COALESCE(v.requests_provider <> v.requests
      OR CAST(v.tokens AS HUGEINT) * u.requests > 4 * m.calls * u.tokens,
      v.requests_provider IS NULL) THEN CASE WHEN k.provider IS NULL THEN 7 ELSE 1 END
    WHEN k.provider IS NULL THEN 6
    WHEN k.is_of_these THEN 0 ELSE 1 END AS rank,
  'no side counted the tokens of ' || CASE WHEN m.calls = 1 THEN m.request_id
    WHEN m.tenants = 1 THEN m.calls || ' calls of ' || m.tenant_id
    ELSE m.calls || ' calls of ' || m.tenants || ' tenants' END || ': ' AS evidence,
  CASE WHEN m.tenants = 1 THEN m.makers END AS makers
FROM rest AS v
INNER JOIN made AS m
  ON v.provider = m.provider AND v.account_id = m.account_id AND v.key_id = m.key_id
  AND v.day = m.day AND v.model = m.model
LEFT JOIN usual AS u ON v.provider = u.provider AND v.model = u.model
LEFT JOIN keyed AS k
  ON v.provider = k.provider AND v.account_id = k.account_id AND v.key_id = k.key_id
  AND v.day = k.day AND v.model = k.model AND v.shift IS NULL
WHERE COALESCE(v.requests_provider > v.requests - m.calls
  AND v.requests_provider <= v.requests, TRUE)
