-- reads:  raw.source_file, raw.request, raw.span, raw.usage, raw.bill, raw.reject, book.usage,
--         book.bill, book.met_usage,
--         book.effect, book.bucket_cause, book.tolerance, book.period
-- writes: book.token_identity
-- grain:  one row an identity of counts that must hold, and what it is held of. Where rows are
--         compared one by one, rows_off is how many differ
WITH counted AS (
  SELECT f.path, c.statement, c.rows, c.rows_off
  FROM (
    SELECT file_id, 'rows whose parts are their total = rows' AS statement, COUNT(*) AS rows,
      COUNT(usage_problem) AS rows_off
    FROM raw.request GROUP BY file_id
    UNION ALL
    SELECT file_id, 'rows whose parts are their total = rows', COUNT(prompt_tokens),
      COUNT(usage_problem)
    FROM raw.span GROUP BY file_id
    UNION ALL
    SELECT u.file_id, 'rows whose parts are their total = rows', u.rows + COALESCE(r.rows, 0),
      COALESCE(r.rows, 0)
    FROM (SELECT file_id, COUNT(DISTINCT line) AS rows FROM raw.usage GROUP BY file_id) AS u
    LEFT JOIN (
      SELECT file_id, COUNT(*) AS rows FROM raw.reject
      WHERE reason LIKE '% is not uncached % + cached %' GROUP BY file_id
    ) AS r ON u.file_id = r.file_id
    UNION ALL
    SELECT file_id, 'rows whose price times quantity is their amount = rows', COUNT(*),
      COUNT(*) FILTER (ABS(amount_usd - priced_usd) > GREATEST(
        CAST(LEAST(ABS(amount_usd), 1000000000) AS DECIMAL(25,15)) * 0.000000001,
        COALESCE(amount_quantum, 0) * 0.5, 0.000000001))
    FROM raw.bill WHERE priced_usd IS NOT NULL GROUP BY file_id
  ) AS c INNER JOIN raw.source_file AS f ON c.file_id = f.file_id
),
by_view AS (
  SELECT provider, day, model, token_type, trim(view) AS view,
    bool_or(is_counted) AS is_counted, SUM(quantity) AS quantity
  FROM book.usage WHERE is_of_view AND is_in_period GROUP BY ALL
),
used AS (
  SELECT provider, day, model, token_type, SUM(quantity) AS quantity
  FROM book.usage WHERE is_counted AND is_in_period GROUP BY ALL
),
billed AS (
  SELECT provider, day, model, token_type, SUM(quantity) AS quantity
  FROM book.bill
  WHERE is_counted AND is_in_period AND charge_category = 'usage' AND token_type IS NOT NULL
  GROUP BY ALL HAVING bool_and(quantity IS NOT NULL)
),
bypassed AS (
  SELECT DISTINCT provider, account_id, key_id, day, model FROM book.bucket_cause
  WHERE cause LIKE '%row_missing_gateway%'
),
told AS MATERIALIZED (
  SELECT e.*, b.provider IS NOT NULL AS is_bypass,
    SUM(e.delta) OVER family = 0 AND SUM(e.volume_usd) OVER family = 0
      AND (e.token_type IN ('output', 'reasoning') OR e.token_type LIKE 'cache_write%')
      AS is_same,
    bool_or(e.token_type IS NULL AND e.quantity_provider > 0) OVER (
      PARTITION BY e.provider, e.account_id, e.key_id, e.day, e.model) AS has_untyped,
    p.has_gateway OR p.has_trace AS has_requests,
    GREATEST(CAST(COALESCE(m.tokens, o.tokens, w.tokens) AS DECIMAL(38,15)),
      CAST(COALESCE(m.tokens_pct, o.tokens_pct, w.tokens_pct) AS DECIMAL(18,6))
        * CAST(COALESCE(e.quantity_provider, 0) AS DECIMAL(18,0)) * 0.01) AS tolerance
  FROM book.effect AS e CROSS JOIN book.period AS p
  INNER JOIN book.tolerance AS w ON w.scope = ''
  LEFT JOIN book.tolerance AS m ON m.scope = 'model' AND e.model = m.name
  LEFT JOIN book.tolerance AS o ON o.scope = 'provider' AND e.provider = o.name
  LEFT JOIN bypassed AS b
    ON e.provider = b.provider AND e.account_id = b.account_id AND e.key_id = b.key_id
    AND e.day = b.day AND e.model = b.model
  -- One side may tell cache writes by lifetime or answers by reasoning, and the other may not.
  WINDOW family AS (PARTITION BY e.provider, e.account_id, e.key_id, e.day, e.model,
    e.token_type LIKE 'cache_write%', e.token_type IN ('output', 'reasoning'))
),
settled AS (
  SELECT DISTINCT provider, day, is_settled FROM book.effect
),
identity AS (
  SELECT 1 AS place, 'I1' AS identity, statement, 'rows' AS unit, path AS source_file, rows,
    rows_off,
    CAST(rows - rows_off AS DECIMAL(38,15)) AS left_value,
    CAST(rows AS DECIMAL(38,15)) AS right_value, TRUE AS is_settled,
    CASE WHEN rows_off = 0 THEN 'ok' WHEN statement LIKE '%price%' THEN 'price' ELSE 'volume' END
      AS status
  FROM counted
  UNION ALL BY NAME
  SELECT 2 AS place, 'I2' AS identity, 'usage ' || a.view || ' = usage ' || b.view AS statement,
    'tokens' AS unit, a.provider, a.day, a.model, a.token_type,
    CAST(a.quantity AS DECIMAL(38,15)) AS left_value,
    CAST(b.quantity AS DECIMAL(38,15)) AS right_value, s.is_settled,
    CASE WHEN a.quantity = b.quantity THEN 'ok' ELSE 'volume' END AS status
  FROM by_view AS a
  INNER JOIN by_view AS b
    ON a.provider = b.provider AND a.day = b.day AND a.model = b.model
    AND a.token_type IS NOT DISTINCT FROM b.token_type AND a.view <> b.view
    AND NOT a.is_counted AND b.is_counted
  LEFT JOIN settled AS s ON a.provider = s.provider AND a.day = s.day
  UNION ALL BY NAME
  SELECT 3 AS place, 'I3' AS identity, 'trace = gateway, request by request' AS statement,
    'tokens' AS unit, provider, day, token_type, rows, rows_off,
    CAST(quantity_trace AS DECIMAL(38,15)) AS left_value,
    CAST(quantity_gateway AS DECIMAL(38,15)) AS right_value, TRUE AS is_settled,
    CASE WHEN rows_off > 0 THEN 'volume' ELSE 'ok' END AS status
  FROM book.met_usage
  UNION ALL BY NAME
  SELECT 4 AS place, 'I5' AS identity, 'gateway and traces = provider''s usage' AS statement,
    'tokens' AS unit, provider, account_id AS account, key_id AS "key", day, model, token_type,
    CAST(COALESCE(quantity_charged, 0) AS DECIMAL(38,15)) AS left_value,
    CAST(COALESCE(quantity_provider, 0) AS DECIMAL(38,15)) AS right_value, tolerance, is_settled,
    CASE WHEN NOT has_requests THEN 'not_comparable' WHEN ABS(delta) <= tolerance THEN 'ok'
      WHEN is_same OR has_untyped AND delta < 0 THEN 'not_comparable'
      WHEN is_bypass AND delta > 0 THEN 'bypass' ELSE 'volume' END AS status
  FROM told
  WHERE has_count AND NOT is_beside AND token_type <> 'unsplit'
    AND COALESCE(quantity_charged, 0) + COALESCE(quantity_provider, 0) > 0
  UNION ALL BY NAME
  SELECT 5 AS place, 'I6' AS identity, 'billable requests = provider''s requests' AS statement,
    'requests' AS unit, provider, account_id AS account, key_id AS "key", day, model,
    CAST(COALESCE(requests_charged, 0) AS DECIMAL(38,15)) AS left_value,
    CAST(requests_provider AS DECIMAL(38,15)) AS right_value, is_settled,
    CASE WHEN NOT has_requests THEN 'not_comparable'
      WHEN COALESCE(requests_charged, 0) = requests_provider THEN 'ok'
      WHEN is_bypass AND COALESCE(requests_charged, 0) < requests_provider THEN 'bypass'
      ELSE 'volume' END AS status
  FROM told WHERE token_type = 'unsplit' AND requests_provider IS NOT NULL
  UNION ALL BY NAME
  SELECT 6 AS place, 'I10' AS identity, 'provider''s usage = quantity billed' AS statement,
    'tokens' AS unit, u.provider, u.day, u.model, u.token_type,
    CAST(u.quantity AS DECIMAL(38,15)) AS left_value,
    CAST(b.quantity AS DECIMAL(38,15)) AS right_value, s.is_settled,
    CASE WHEN u.quantity = b.quantity THEN 'ok' ELSE 'volume' END AS status
  FROM used AS u
  INNER JOIN billed AS b
    ON u.provider = b.provider AND u.day = b.day AND u.model = b.model
    AND u.token_type = b.token_type
  LEFT JOIN settled AS s ON u.provider = s.provider AND u.day = s.day
)
SELECT place, identity, statement, unit, source_file, provider, account, "key", day, model,
  token_type, rows, rows_off, left_value, right_value,
  CAST(COALESCE(tolerance, 0) AS DECIMAL(38,15)) AS tolerance,
  CASE WHEN status NOT IN ('ok', 'not_comparable') AND NOT COALESCE(is_settled, TRUE)
    THEN 'provisional' ELSE status END AS status
FROM identity
