-- reads:  book.repeat, book.volume_fit, book.alike_call, book.rated, book.price, book.volume,
--         book.volume_tenant, book.bucket, book.away, book.workflow,
--         book.tiered
-- writes: book.surplus
-- grain:  one row a tenant, provider, account, key, UTC day, model, token type and class of
--         workflow: the charge of what is not billed there. That is what the provider's count
--         proves to be told once too often, which twice_usd and its tokens are of: rows logged
--         twice by one tenant and class, and a call of these that the provider counted under
--         another model; and tokens counted twice, by all or by one tenant, where that is all that
--         it differs by. And it is calls that are billed on another day, and one, or one of several
--         of one tenant and class, that has just the tokens that the provider did not count;
--         and what calls are charged above the tier that the provider counts them under
WITH proven AS (
  SELECT provider, account_id, key_id, day, model,
    CASE WHEN bool_or(cause = 'row_duplicated') THEN 'row_duplicated' ELSE MAX(cause) END AS cause
  FROM book.volume_fit
  GROUP BY provider, account_id, key_id, day, model
  HAVING bool_or(cause = 'row_duplicated') OR COUNT(*) = 1 AND MAX(cause) IN
    ('cache_double_count', 'cache_write_double_count', 'reasoning_double_count')
),
call AS (
  SELECT e.provider, e.account_id, e.key_id, r.started_day AS day, e.model, r.tenant_id,
    COALESCE(CASE WHEN w.workflow_id IS NULL THEN r.workflow_name ELSE w.workflow_name END, '')
      AS workflow_name, r.sheet_id, e.is_twice, r.input, r.cache_read, r.cache_write_5m,
    r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.web_search
  FROM (
    SELECT e.provider, e.account_id, e.key_id, e.model, e.request_row AS call_row,
      TRUE AS is_twice
    FROM book.repeat AS e
    INNER JOIN proven AS p
      ON e.provider = p.provider AND e.account_id = p.account_id AND e.key_id = p.key_id
      AND e.day = p.day AND e.model = p.model
    WHERE e.is_of_same AND p.cause = 'row_duplicated'
    UNION ALL
    SELECT provider, account_id, key_id, model, call_row, call_row > 0 AND evidence IS NULL
    FROM book.alike_call
  ) AS e
  INNER JOIN book.rated AS r
    ON e.call_row = COALESCE(r.request_row, -r.span_row) AND e.model = r.model
  LEFT JOIN book.workflow AS w
    ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
  WHERE r.charge_status = 'rated'
),
token AS (
  UNPIVOT call ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output,
    reasoning, web_search
  INTO NAME token_type VALUE quantity
),
-- Tokens that the prompt or the answer hold once more.
miscount AS (
  SELECT p.provider, p.account_id, p.key_id, b.started_day AS day, p.model, b.tenant_id,
    COALESCE(b.workflow_name, '') AS workflow_name, b.sheet_id,
    CASE WHEN p.cause = 'reasoning_double_count' THEN 'output' ELSE 'input' END AS token_type,
    CASE p.cause WHEN 'reasoning_double_count' THEN COALESCE(b.reasoning, 0)
      WHEN 'cache_double_count' THEN COALESCE(b.cache_read, 0) ELSE 0 END
    + CASE WHEN p.cause = 'cache_write_double_count' OR p.cause = 'cache_double_count'
        AND (-v.input = v.our_cache_read + v.our_written
          OR t.is_with_written AND -v.input <> v.our_cache_read)
      THEN COALESCE(b.cache_write_5m, 0) + COALESCE(b.cache_write_1h, 0)
        + COALESCE(b.cache_write, 0) ELSE 0 END AS quantity
  FROM proven AS p
  INNER JOIN book.volume AS v
    ON p.provider = v.provider AND p.account_id = v.account_id AND p.key_id = v.key_id
    AND p.day = v.day AND p.model = v.model
  INNER JOIN book.volume_tenant AS t
    ON p.provider = t.provider AND p.account_id = t.account_id AND p.key_id = t.key_id
    AND p.day = t.day AND p.model = t.model
  INNER JOIN book.bucket AS b
    ON p.provider = b.provider AND p.account_id = b.account_id AND p.key_id = b.key_id
    AND p.day = b.day AND p.model = b.model
  WHERE b.charge_status = 'rated' AND CASE
    WHEN p.cause = 'reasoning_double_count' AND -v.output = v.reasoning THEN TRUE
    WHEN p.cause = 'cache_double_count'
      AND -v.input IN (v.our_cache_read, v.our_cache_read + v.our_written) THEN TRUE
    WHEN p.cause = 'cache_write_double_count' AND -v.input = v.our_written THEN TRUE
    WHEN p.cause = 'row_duplicated' THEN FALSE
    ELSE b.tenant_id = t.tenant_id END
),
surplus AS (
  SELECT provider, account_id, key_id, day, model, tenant_id, workflow_name, sheet_id, token_type,
    quantity, CASE WHEN is_twice THEN quantity END AS twice
  FROM token
  UNION ALL
  SELECT *, quantity FROM miscount WHERE quantity > 0
  UNION ALL
  SELECT a.provider, a.account_id, a.key_id, a.started_day, a.model, a.tenant_id, a.workflow_name,
    a.sheet_id, a.token_type, a.quantity, NULL
  FROM book.away AS a
  SEMI JOIN (
    SELECT provider, account_id, key_id, day, model FROM book.volume_fit
    WHERE cause = 'window_boundary' AND label IN ('', 'hour')
  ) AS f
    ON a.provider = f.provider AND a.account_id = f.account_id AND a.key_id = f.key_id
    AND a.model = f.model AND f.day IN (a.day, a.of_day)
  WHERE a.sheet_id IS NOT NULL
),
priced AS (
  SELECT t.*, CAST(t.quantity AS DECIMAL(18,0)) * p.usd_per_token AS charge_usd,
    CAST(t.twice AS DECIMAL(18,0)) * p.usd_per_token AS twice_usd
  FROM surplus AS t
  INNER JOIN book.price AS p ON t.sheet_id = p.sheet_id AND t.token_type = p.token_type
  UNION ALL BY NAME
  SELECT * EXCLUDE (counted_as, dearer_usd), dearer_usd AS charge_usd FROM book.tiered
)
SELECT tenant_id, provider, account_id, key_id, day, model, token_type, workflow_name,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(SUM(twice_usd) AS DECIMAL(38,15)) AS twice_usd, CAST(SUM(twice) AS BIGINT) AS quantity
FROM priced
GROUP BY tenant_id, provider, account_id, key_id, day, model, token_type, workflow_name
