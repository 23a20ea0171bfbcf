-- reads:  book.lent, book.scope, book.scope_line
-- writes: book.scope_part
-- grain:  one row a tenant, class of workflow and place of requests of ours that a finding says a
--         part of the bill to be of, though it bills another day, model or token type, or calls
--         that we charge nothing for: what they bear of it, by charge, or by tokens where they
--         have none, and what says whose it is. Shared to the last decimal by largest remainder
WITH lender AS (
  SELECT e.line, e.provider, e.account_id, e.key_id, e.day, e.billed, e.billed_type, e.model,
    e.token_type, e.usd, e.of_day, e.of_model, e.of_type, e.of_status, l.tenant_id,
    l.workflow_name, len(list_filter(e.of_makers,
      x -> x = CAST(to_json([l.tenant_id, l.workflow_name]) AS VARCHAR))) AS attempts,
    CAST(SUM(CASE WHEN e.of_status = 'rated' THEN book.units(GREATEST(l.once_usd, 0))
      ELSE l.quantity END) AS HUGEINT) AS measure
  FROM book.lent AS e
  INNER JOIN book.scope_line AS l
    ON e.provider = l.provider AND e.account_id = l.account_id AND e.key_id = l.key_id
    AND e.of_day = l.bucket_day AND e.of_model = l.model AND e.of_status = l.charge_status
    AND l.payer = '' -- others pay what the bill names them for
    AND COALESCE(e.of_type, l.counted_as) = l.counted_as
    AND COALESCE(list_contains(e.of_makers,
      CAST(to_json([l.tenant_id, l.workflow_name]) AS VARCHAR)), TRUE)
  WHERE e.is_lent AND e.tenant_id IS NULL AND e.of_status <> 'no_usage'
  GROUP BY ALL
  UNION ALL
  -- Calls without counts have no line.
  SELECT * EXCLUDE (maker), maker ->> '$[0]', maker ->> '$[1]', COUNT(*), NULL
  FROM (
    SELECT line, provider, account_id, key_id, day, billed, billed_type, model, token_type, usd,
      of_day, of_model, of_type, of_status, unnest(of_makers) AS maker
    FROM book.lent WHERE is_lent AND of_status = 'no_usage'
  )
  GROUP BY ALL
  UNION ALL
  SELECT line, provider, account_id, key_id, day, billed, billed_type, model, token_type, usd,
    of_day, of_model, of_type, of_status, tenant_id, workflow_name, NULL, 1
  FROM book.lent WHERE is_lent AND tenant_id IS NOT NULL
),
-- Where some attempts are known to be alike, each class of a tenant bears by how many it made.
measured AS (
  SELECT * REPLACE (CAST(COALESCE(attempts, measure) AS HUGEINT) AS measure)
  FROM lender
  WHERE COALESCE(attempts, measure) > 0
),
scaled AS (
  SELECT *, measure // book.weight_scale(CAST(SUM(measure) OVER one AS HUGEINT)) AS weight
  FROM measured
  WINDOW one AS (PARTITION BY line)
),
lent AS (
  SELECT *, book.whole_part(book.units(usd), weight,
      CAST(NULLIF(SUM(weight) OVER one, 0) AS HUGEINT)) AS part_of_usd
  FROM scaled
  WINDOW one AS (PARTITION BY line)
),
weighed AS (
  SELECT e.* EXCLUDE (weight), book.units(s.lent_usd) AS units,
    e.part_of_usd // book.weight_scale(CAST(SUM(e.part_of_usd) OVER scope AS HUGEINT)) AS weight
  FROM lent AS e
  INNER JOIN book.scope AS s
    ON e.provider = s.provider AND e.account_id = s.account_id AND e.key_id = s.key_id
    AND e.day = s.day AND e.billed = s.billed AND e.billed_type = s.billed_type
  WHERE s.lent_usd > 0 AND e.part_of_usd > 0
  WINDOW scope AS (PARTITION BY e.provider, e.account_id, e.key_id, e.day, e.billed,
    e.billed_type)
),
parted AS (
  SELECT *, CAST(NULLIF(SUM(weight) OVER scope, 0) AS HUGEINT) AS total,
    book.whole_part(units, weight, total) AS part,
    book.left_over(units, weight, total) AS remainder
  FROM weighed
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, day, billed, billed_type)
),
ordered AS (
  SELECT *, units - SUM(part) OVER scope AS missing,
    row_number() OVER (
      PARTITION BY provider, account_id, key_id, day, billed, billed_type
      ORDER BY remainder DESC, tenant_id, day, model, token_type, of_day, of_model, of_type,
        of_status, workflow_name) AS place
  FROM parted
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, day, billed, billed_type)
)
SELECT provider, account_id, key_id, day, billed, billed_type, model, token_type, tenant_id,
  workflow_name,
  CASE WHEN of_status = 'failed_attempt' THEN 'attempts that failed'
    WHEN of_status = 'gateway_cache_hit' THEN 'answers from the gateway''s own cache'
    WHEN of_status = 'no_usage' THEN 'calls of which no side counted the tokens'
    WHEN of_day <> day THEN 'calls of ' || of_day
    WHEN of_model <> model THEN 'calls of ' || of_model
    ELSE 'the same calls' END AS origin,
  book.usd_of(CAST(part + CASE WHEN place <= missing THEN 1 ELSE 0 END AS HUGEINT)) AS amount_usd
FROM ordered
