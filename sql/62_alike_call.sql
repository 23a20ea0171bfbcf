-- reads:  book.volume_fit, book.volume, book.dated, book.request_key, book.workflow,
--         raw.request_row, raw.span_row
-- writes: book.alike_call
-- grain:  one row a day and model where a finding says the provider's difference to be one attempt
--         that failed, one call known under another model, or one that the provider did not count:
--         who made those that have its tokens, a tenant and workflow class of each, the class as
--         36_day_sum has it, and which these are. It is of one of them, and nothing says of which,
--         unless call_row, one of them (of a span where negative), is there
WITH sought AS (
  SELECT v.*, f.cause, f.sign,
    CASE WHEN f.cause = 'failed_but_billed' THEN 'failed_attempt' ELSE 'rated' END AS of_status,
    CASE WHEN f.cause = 'failed_but_billed' OR v.tokens < 0 THEN v.model ELSE f.label END
      AS of_model
  FROM (
    SELECT provider, account_id, key_id, day, model, MAX(cause) AS cause, MAX(label) AS label,
      CASE WHEN MAX(tokens) < 0 THEN -1 ELSE 1 END AS sign
    FROM book.volume_fit
    GROUP BY provider, account_id, key_id, day, model
    HAVING COUNT(*) = 1 AND (MAX(cause) = 'row_missing_provider' AND MAX(label) IS NULL
      OR MAX(label) <> '' AND MAX(cause) IN ('failed_but_billed', 'model_alias_unresolved'))
  ) AS f
  INNER JOIN book.volume AS v
    ON f.provider = v.provider AND f.account_id = v.account_id AND f.key_id = v.key_id
    AND f.day = v.day AND f.model = v.model
  -- A few tokens that are missing may be of any call, and calls without counts lack none.
  WHERE f.cause <> 'row_missing_provider' OR v.other = 0
    AND COALESCE(v.requests - v.requests_provider BETWEEN 1 AND 1 + v.uncounted,
      v.output < 0 AND v.tokens < v.output)
),
made AS MATERIALIZED (
  SELECT s.provider, s.account_id, s.key_id, s.day, s.model, s.cause, r.request_row, r.span_row,
    r.started_day, r.sheet_id,
    CAST(to_json([r.tenant_id, COALESCE(CASE WHEN w.workflow_id IS NULL
      THEN r.workflow_name ELSE w.workflow_name END, '')]) AS VARCHAR) AS maker
  FROM sought AS s
  INNER JOIN book.dated AS r
    ON s.provider = r.provider AND s.day = r.day AND s.of_model = r.model
    AND s.of_status = r.charge_status AND s.sign * s.input = COALESCE(r.input, 0)
    AND s.sign * s.cache_read = COALESCE(r.cache_read, 0)
    AND s.sign * (s.write_5m + s.write_1h + s.write) = COALESCE(r.cache_write_5m, 0)
      + COALESCE(r.cache_write_1h, 0) + COALESCE(r.cache_write, 0)
    AND (s.is_one_write OR s.sign * s.write_5m = COALESCE(r.cache_write_5m, 0)
      AND s.sign * s.write_1h = COALESCE(r.cache_write_1h, 0))
    AND s.sign * s.output = COALESCE(r.output, 0) + COALESCE(r.reasoning, 0)
    AND s.sign * s.web_search = COALESCE(r.web_search, 0)
  LEFT JOIN book.workflow AS w
    ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind AND r.span_kind = k.span_kind
  WHERE (s.of_status = 'rated' OR r.prompt_tokens > 0)
    AND COALESCE(k.account_id, '') = s.account_id AND COALESCE(k.key_id, '') = s.key_id
),
uncounted AS (
  SELECT * FROM made WHERE cause = 'row_missing_provider'
),
named AS (
  SELECT row_id AS call_row, request_id FROM raw.request_row
  WHERE row_id IN (SELECT request_row FROM uncounted)
  UNION ALL
  SELECT -row_id, COALESCE(call_id, response_id, trace_id || '/' || span_id) FROM raw.span_row
  WHERE row_id IN (SELECT span_row FROM uncounted WHERE request_row IS NULL)
)
SELECT provider, account_id, key_id, day, model, list(maker) AS makers,
  CASE WHEN COUNT(DISTINCT (maker, started_day, sheet_id)) = 1
    THEN MIN(COALESCE(request_row, -span_row)) END AS call_row,
  'the tokens of ' || array_to_string(list_slice(list(n.request_id ORDER BY n.request_id)
    FILTER (n.request_id IS NOT NULL), 1, 5), ' or ')
    || CASE WHEN COUNT(n.request_id) > 5
      THEN ' or one of ' || COUNT(n.request_id) - 5 || ' more' ELSE '' END AS evidence
FROM made AS m
LEFT JOIN named AS n ON COALESCE(m.request_row, -m.span_row) = n.call_row
GROUP BY provider, account_id, key_id, day, model
