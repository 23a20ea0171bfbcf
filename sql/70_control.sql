-- reads:  raw.control, raw.request, book.duplicate, book.period
-- writes: book.control
-- grain:  one row a total that LiteLLM, Kong or Vercel states of itself, by day and owner where it
--         names them, beside what its rows come to. A counter of Prometheus has no day: it is
--         compared with all rows of the gateway. Totals by tag count a request once a tag, and
--         those of days outside the period have no rows: neither is compared
WITH label AS (
  SELECT row_id, statement, COALESCE(quantity, 0) AS quantity, amount_usd,
    NULLIF(regexp_extract(scope, '(?:^|,)(?:date|day)="([^"]*)"', 1), '') AS day,
    COALESCE(NULLIF(regexp_extract(scope, '(?:^|,)team_id="([^"]*)"', 1), ''),
      NULLIF(regexp_extract(scope, '(?:^|,)team="([^"]*)"', 1), '')) AS team,
    NULLIF(regexp_extract(scope, CASE WHEN starts_with(statement, 'vercel')
      THEN '(?:^|,)user="([^"]*)"' ELSE '(?:^|,)user_id="([^"]*)"' END, 1), '') AS "user",
    regexp_matches(scope, '(?:^|,)tag="') AND starts_with(statement, 'vercel') AS is_of_tag,
    NULLIF(regexp_extract(scope, '(?:^|,)organization_id="([^"]*)"', 1), '') AS organization,
    CASE WHEN starts_with(statement, 'litellm.daily_end_user')
      THEN NULLIF(regexp_extract(scope, '(?:^|,)end_user_id="([^"]*)"', 1), '') END AS customer
  FROM raw.control
  WHERE regexp_matches(statement, '^(litellm|kong|ai_llm|vercel)')
),
meant AS (
  SELECT *, regexp_replace(statement, '(_metric)?(_total)?$', '') AS name,
    CASE WHEN statement LIKE 'kong%' OR statement LIKE 'ai_llm%' THEN 'kong'
      WHEN statement LIKE 'vercel%' THEN 'vercel' ELSE 'litellm' END AS gateway,
    CASE WHEN team IS NOT NULL THEN 'team' WHEN customer IS NOT NULL THEN 'end_user'
      WHEN "user" IS NOT NULL THEN 'user' WHEN organization IS NOT NULL THEN 'organization'
      ELSE '' END AS owner_kind,
    COALESCE(team, customer, "user", organization, '') AS owner
  FROM label
),
measured AS (
  SELECT *, CASE
      WHEN is_of_tag OR name LIKE '%market_cost' THEN NULL
      WHEN name LIKE '%spend' OR name LIKE '%cost' THEN 'spend_usd'
      WHEN name LIKE '%cache_read_input_tokens' OR name LIKE '%input_cached_tokens'
        OR name LIKE '%cached_input_tokens' THEN 'cache_read'
      WHEN name LIKE '%cache_creation%' THEN 'cache_write'
      WHEN name LIKE '%reasoning_tokens' THEN 'reasoning'
      WHEN name LIKE '%prompt_tokens' OR name LIKE '%input_tokens' THEN 'prompt_tokens'
      WHEN name LIKE '%completion_tokens' OR name LIKE '%output_tokens' THEN 'answered_tokens'
      WHEN name LIKE '%total_tokens' THEN 'total_tokens'
      WHEN name LIKE '%successful_requests' THEN 'successes'
      WHEN name LIKE '%failed_requests' THEN 'failures'
      WHEN name LIKE '%requests' OR name LIKE '%request_count' THEN 'requests' END AS measure
  FROM meant
),
stated AS (
  SELECT statement, gateway, day, owner_kind, owner, measure,
    SUM(COALESCE(amount_usd, CAST(quantity AS DECIMAL(18,0)))) AS stated, COUNT(*) AS lines
  FROM measured
  GROUP BY statement, gateway, day, owner_kind, owner, measure
),
-- A row that counts as another gateway's is one of its own all the same.
copy AS (
  SELECT d.row_id, r.gateway = k.gateway OR row_number() OVER (
    PARTITION BY d.kept_row_id, r.gateway ORDER BY d.file_id, d.line, d.row_id) > 1 AS is_copy
  FROM book.duplicate AS d
  INNER JOIN raw.request AS r ON d.row_id = r.row_id
  INNER JOIN raw.request AS k ON d.kept_row_id = k.row_id
),
row AS (
  SELECT r.gateway, r.started_day AS day, unnest(['', 'team', 'end_user', 'user', 'organization'])
      AS owner_kind, unnest(['', r.team_id, r.customer_id, r.user_id, r.organization_id]) AS owner,
    r.spend_usd, r.prompt_tokens, COALESCE(r.output, 0) + COALESCE(r.reasoning, 0)
      + COALESCE(r.audio_out, 0) + COALESCE(r.image_out, 0) AS answered_tokens, r.reasoning,
    COALESCE(r.cache_read, 0) + COALESCE(r.audio_cached_in, 0) + COALESCE(r.image_cached_in, 0)
      AS cache_read,
    COALESCE(r.cache_write, 0) + COALESCE(r.cache_write_5m, 0) + COALESCE(r.cache_write_1h, 0)
      AS cache_write, CASE WHEN r.status = 'error' THEN 1 ELSE 0 END AS failures
  FROM raw.request AS r
  LEFT JOIN copy AS d ON r.row_id = d.row_id AND d.is_copy
  WHERE d.row_id IS NULL AND EXISTS (SELECT 1 FROM raw.control)
),
counted AS (
  SELECT gateway, day, owner_kind, owner, COUNT(*) AS requests, SUM(failures) AS failures,
    SUM(spend_usd) AS spend_usd, SUM(prompt_tokens) AS prompt_tokens,
    SUM(answered_tokens) AS answered_tokens, SUM(reasoning) AS reasoning,
    SUM(cache_read) AS cache_read, SUM(cache_write) AS cache_write
  FROM row WHERE owner IS NOT NULL
  GROUP BY GROUPING SETS ((gateway, day, owner_kind, owner), (gateway, owner_kind, owner))
),
beside AS (
  SELECT s.*, p.from_day, p.to_day, c.requests,
    CAST(COALESCE(CASE s.measure WHEN 'spend_usd' THEN c.spend_usd
      WHEN 'prompt_tokens' THEN c.prompt_tokens WHEN 'answered_tokens' THEN c.answered_tokens
      WHEN 'total_tokens' THEN c.prompt_tokens + c.answered_tokens
      WHEN 'cache_read' THEN c.cache_read WHEN 'cache_write' THEN c.cache_write
      WHEN 'reasoning' THEN c.reasoning WHEN 'failures' THEN c.failures
      WHEN 'successes' THEN c.requests - c.failures WHEN 'requests' THEN c.requests END, 0)
      AS DECIMAL(38,15)) AS of_rows
  FROM stated AS s
  CROSS JOIN book.period AS p
  LEFT JOIN counted AS c
    ON s.gateway = c.gateway AND s.day IS NOT DISTINCT FROM c.day
    AND s.owner_kind = c.owner_kind AND s.owner = c.owner
)
SELECT statement, gateway, day, owner_kind, owner, measure,
  CAST(stated AS DECIMAL(38,15)) AS stated, of_rows,
  CAST(stated - of_rows AS DECIMAL(38,15)) AS difference,
  CASE WHEN measure IS NULL OR statement LIKE 'litellm.daily_tag%'
      OR statement LIKE 'litellm.daily_agent%' OR day < from_day OR day >= to_day
      THEN 'not_comparable'
    WHEN stated = of_rows THEN 'ok'
    WHEN measure = 'spend_usd' AND ABS(stated - of_rows) <= 0.000000001 * COALESCE(requests, 1)
      THEN 'ok'
    WHEN statement LIKE 'litellm.daily_focus%' AND ABS(stated - of_rows) <= 0.0000005 * lines
      THEN 'ok' -- written with six decimals a line
    WHEN of_rows = 0 THEN 'no_rows'
    WHEN stated < of_rows THEN 'total_is_less' ELSE 'rows_are_less' END AS status
FROM beside
