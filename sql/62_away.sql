-- reads:  book.volume_fit, book.volume_case, book.turn_hour, book.ended_later, book.dated,
--         book.long_day, book.request_key, book.usage, book.repeat, book.rated, book.workflow,
--         book.outside, raw.request, raw.span, book.pair, book.same_call, book.inherited,
--         book.told_tenant
-- writes: book.away
-- grain:  one row a tenant, class of workflow as 36_day_sum has it, UTC day, model, price, token
--         type and other day of calls that are counted on another day, where a provider books by
--         end, or by days of another hour: of_day, ours, and the other. Those that began outside
--         the period have no price. counted_as: the type that the provider counts it under. Of
--         rows logged twice the other day is '', and no tenant's where they are of of_day alone
WITH fit AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model,
    COALESCE(bool_or(cause = 'window_boundary' AND label IN ('', 'hour')), FALSE) AS is_by_call,
    COUNT(*) > 1 AND bool_or(cause = 'row_duplicated') AS is_twice,
    COUNT(*) = 2 AND bool_or(cause = 'row_missing_provider') AS is_lacking
  FROM book.volume_fit GROUP BY provider, account_id, key_id, day, model
),
splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
hour AS (
  SELECT DISTINCT provider, account_id, key_id, halves FROM book.turn_hour
),
-- Calls that began outside the period; sound and images, which book.outside sums, stay out.
edge AS MATERIALIZED (
  SELECT o.*, COALESCE(o.request_row, -o.span_row) AS call_row,
    COALESCE(o.span_row, r.span_row) AS seen_row
  FROM book.outside AS o
  LEFT JOIN book.pair AS r ON o.request_row = r.request_row
  WHERE (o.provider, o.model) IN (SELECT (provider, model) FROM fit WHERE is_by_call)
),
-- Who made them, as book.ledger tells it of those of the period.
maker AS (
  SELECT e.call_row, COALESCE(MAX(n.tenant_id), MAX(g.tenant_id), MAX(m.tenant), MAX(s.tenant_id),
      MAX(h.tenant), 'unattributed') AS tenant_id,
    COALESCE(MAX(m.workflow_name), MAX(s.workflow_name), MAX(h.workflow_name), '')
      AS workflow_name
  FROM edge AS e
  LEFT JOIN (
    SELECT COALESCE(request_row, -span_row) AS call_row, tenant_id FROM book.told_tenant
    WHERE COALESCE(request_row, -span_row) IN (SELECT call_row FROM edge)
  ) AS n ON e.call_row = n.call_row
  LEFT JOIN (
    SELECT row_id, COALESCE(CASE WHEN gateway IN ('bifrost', 'truefoundry') THEN tenant_tag END,
      team_id, tenant_tag, project_id, organization_id) AS tenant_id
    FROM raw.request WHERE row_id IN (SELECT request_row FROM edge)
  ) AS g ON e.request_row = g.row_id
  LEFT JOIN (
    SELECT row_id, COALESCE(team_id, tenant_tag, project_id, organization_id) AS tenant_id,
      workflow_name
    FROM raw.span WHERE row_id IN (SELECT seen_row FROM edge)
  ) AS s ON e.seen_row = s.row_id
  LEFT JOIN (
    SELECT * FROM book.same_call WHERE row_id IN (SELECT seen_row FROM edge)
  ) AS m ON e.seen_row = m.row_id
  LEFT JOIN (
    SELECT * FROM book.inherited WHERE row_id IN (SELECT seen_row FROM edge)
  ) AS h ON e.seen_row = h.row_id
  GROUP BY e.call_row
),
-- Calls that a provider which books by end, or by days of another hour, counts on another day.
made AS (
  SELECT * EXCLUDE (late_day), late_day AS ended_day FROM book.ended_later
  WHERE provider NOT IN (SELECT provider FROM hour)
  UNION ALL BY NAME
  SELECT provider, model, request_kind, span_kind, tenant_id, workflow_id, workflow_name, sheet_id,
    started_us, started_day, ended_day, day, input, cache_read, cache_write_5m, cache_write_1h,
    cache_write, output, reasoning, audio_in, audio_cached_in, audio_out, image_in,
    image_cached_in, image_out, web_search
  FROM book.dated WHERE charge_status = 'rated' AND provider IN (SELECT provider FROM hour)
),
call AS (
  SELECT r.provider, COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id,
    r.model, r.started_day, r.day AS of_day, r.started_us, r.ended_day, r.tenant_id,
    COALESCE(CASE WHEN w.workflow_id IS NULL THEN r.workflow_name ELSE w.workflow_name END, '')
      AS workflow_name, r.sheet_id, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h,
    r.cache_write, r.output, r.reasoning, r.audio_in, r.audio_cached_in, r.audio_out, r.image_in,
    r.image_cached_in, r.image_out, r.web_search
  FROM made AS r
  LEFT JOIN book.request_key AS k USING (provider, request_kind, span_kind)
  LEFT JOIN book.workflow AS w
    ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
  WHERE (r.provider, r.model) IN (SELECT (provider, model) FROM fit WHERE is_by_call)
  UNION ALL BY NAME
  SELECT e.provider, '' AS account_id, '' AS key_id, e.model, e.started_day,
    e.started_day AS of_day, e.started_us, e.ended_day, m.tenant_id, m.workflow_name, e.input,
    e.cache_read, e.cache_write_5m, e.cache_write_1h, e.cache_write, e.output, e.reasoning,
    e.web_search
  FROM edge AS e INNER JOIN maker AS m ON e.call_row = m.call_row
),
placed AS MATERIALIZED (
  SELECT c.* EXCLUDE (ended_day), CASE WHEN h.halves IS NULL
      THEN COALESCE(l.late_day, c.ended_day)
      ELSE strftime(make_timestamp(c.started_us - h.halves * 1800000000), '%Y-%m-%d') END AS day
  FROM call AS c
  LEFT JOIN (
    SELECT provider, model, started_day AS ended_day, day AS late_day FROM book.long_day
  ) AS l USING (provider, model, ended_day)
  LEFT JOIN hour AS h USING (provider, account_id, key_id)
  WHERE (h.halves IS NOT NULL OR c.started_day <> c.ended_day) AND day <> c.of_day
),
-- What calls lack that a day has of another one: of two that are alike within a minute, of one
-- tenant and class, and no others, it is one, logged twice.
twin AS (
  SELECT p.* EXCLUDE (started_us)
  FROM placed AS p
  INNER JOIN fit AS f USING (provider, account_id, key_id, day, model)
  INNER JOIN book.volume_case AS c USING (provider, account_id, key_id, day, model)
  WHERE f.is_by_call AND f.is_lacking AND c.first_cause = 'window_boundary'
    AND c.label IN ('', 'hour') AND c.other = 0 AND -c.input = COALESCE(p.input, 0)
    AND -c.cache_read = COALESCE(p.cache_read, 0) AND -c.write_5m - c.write_1h - c.write
      = COALESCE(p.cache_write_5m, 0) + COALESCE(p.cache_write_1h, 0) + COALESCE(p.cache_write, 0)
    AND -c.output = COALESCE(p.output, 0) + COALESCE(p.reasoning, 0)
    AND -c.web_search = COALESCE(p.web_search, 0)
  WINDOW one AS (PARTITION BY p.provider, p.account_id, p.key_id, p.day, p.model)
  QUALIFY COUNT(*) OVER one = 2 AND row_number() OVER one = 1
    AND COUNT(DISTINCT (p.tenant_id, p.workflow_name, p.sheet_id, p.of_day, p.cache_write_5m,
      p.cache_write_1h, p.reasoning)) OVER one = 1
    AND MAX(p.started_us) OVER one - MIN(p.started_us) OVER one <= 60000000
),
moved AS (
  SELECT * EXCLUDE (started_us), 1 AS sign FROM placed
  UNION ALL BY NAME
  SELECT t.* REPLACE (CASE WHEN s.sign < 0 THEN t.day ELSE '' END AS day), s.sign
  FROM twin AS t CROSS JOIN (VALUES (-1), (1)) AS s(sign)
  UNION ALL BY NAME
  -- Rows that tell of no call are counted on no day.
  SELECT e.provider, e.account_id, e.key_id, e.model, r.started_day, e.day AS of_day, '' AS day,
    1 AS sign, '' AS tenant_id, '' AS workflow_name, r.input, r.cache_read, r.cache_write_5m,
    r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.audio_in, r.audio_cached_in,
    r.audio_out, r.image_in, r.image_cached_in, r.image_out, r.web_search
  FROM book.repeat AS e
  INNER JOIN fit AS f
    ON f.is_twice AND e.provider = f.provider AND e.account_id = f.account_id
    AND e.key_id = f.key_id AND e.day = f.day AND e.model = f.model
  INNER JOIN book.rated AS r ON e.request_row = r.request_row
),
token AS (
  UNPIVOT moved ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output,
    reasoning, audio_in, audio_cached_in, audio_out, image_in, image_cached_in, image_out,
    web_search
  INTO NAME token_type VALUE quantity
)
SELECT t.provider, t.account_id, t.key_id, t.model, t.day, t.of_day, t.started_day, t.tenant_id,
  t.workflow_name, t.sheet_id, t.token_type,
  CASE WHEN t.token_type = 'reasoning' AND s.provider IS NULL THEN 'output'
    ELSE t.token_type END AS counted_as, CAST(SUM(t.quantity * t.sign) AS BIGINT) AS quantity
FROM token AS t
LEFT JOIN splits_reasoning AS s ON t.provider = s.provider
GROUP BY ALL
