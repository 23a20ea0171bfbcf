-- reads:  book.charge_line, book.usage, book.billed, book.scope, book.effect, book.surplus
-- writes: book.share
-- grain:  one row a tenant, day, provider, model, token type, class of workflow and state of the
--         charge, in one part of the bill, with what it pays: its part of what requests back, by
--         charge, where the provider billed, else its charge. Rows logged twice weigh once.
--         Amounts are shared to the last decimal by largest remainder. What no request backs, and
--         what is billed beside usage, stands under pools
WITH splits_reasoning AS (
  SELECT DISTINCT provider FROM book.usage WHERE token_type = 'reasoning'
),
line AS (
  SELECT tenant_id, started_day AS day, provider, account_id, key_id, model, token_type,
    COALESCE(workflow_name, '') AS workflow_name, charge_status, SUM(requests) AS requests,
    SUM(quantity) AS quantity, SUM(charge_usd) AS charge_usd
  FROM book.charge_line
  GROUP BY tenant_id, started_day, provider, account_id, key_id, model, token_type,
    COALESCE(workflow_name, ''), charge_status
),
placed AS (
  SELECT l.*, s.span, s.billed, s.billed_type, s.is_billed, s.backed_usd,
    CASE WHEN s.charge_usd > 0 THEN book.units(COALESCE(l.charge_usd, 0))
      // book.weight_scale(book.units(s.charge_usd)) ELSE 0 END AS full_weight,
    CASE WHEN s.charge_usd > 0
      THEN book.units(COALESCE(l.charge_usd, 0) - COALESCE(x.charge_usd, 0))
      // book.weight_scale(book.units(s.charge_usd)) ELSE 0 END AS once_weight
  FROM line AS l
  LEFT JOIN book.surplus AS x
    ON l.charge_status = 'rated' AND l.tenant_id = x.tenant_id AND l.provider = x.provider
    AND l.account_id = x.account_id AND l.key_id = x.key_id AND l.day = x.day
    AND l.model = x.model AND l.token_type = x.token_type AND l.workflow_name = x.workflow_name
  LEFT JOIN splits_reasoning AS r ON l.provider = r.provider
  INNER JOIN book.billed AS b
    ON l.provider = b.provider AND l.account_id = b.account_id AND l.key_id = b.key_id
    AND l.day = b.day AND l.model = b.model
    AND CASE WHEN l.token_type = 'reasoning' AND r.provider IS NULL THEN 'output'
      ELSE l.token_type END = b.token_type
  INNER JOIN book.scope AS s
    ON b.provider = s.provider AND b.account_id = s.account_id AND b.key_id = s.key_id
    AND b.span = s.span AND b.billed = s.billed AND b.billed_type = s.billed_type
),
-- Where nothing is left so, all of it weighs.
chosen AS (
  SELECT *, CASE WHEN SUM(once_weight) OVER scope > 0 THEN once_weight ELSE full_weight END
    AS weight
  FROM placed
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, span, billed, billed_type)
),
weighed AS (
  SELECT *, ABS(book.units(backed_usd)) AS units, SUM(weight) OVER scope AS total
  FROM chosen
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, span, billed, billed_type)
),
parted AS (
  SELECT *, CASE WHEN total > 0 THEN book.whole_part(units, weight, CAST(total AS HUGEINT))
      ELSE 0 END AS part,
    CASE WHEN total > 0 THEN book.left_over(units, weight, CAST(total AS HUGEINT)) ELSE 0 END
      AS remainder
  FROM weighed
),
ordered AS (
  SELECT *, units - SUM(part) OVER scope AS missing,
    row_number() OVER (
      PARTITION BY provider, account_id, key_id, span, billed, billed_type
      ORDER BY remainder DESC, tenant_id, day, model, token_type, workflow_name, charge_status)
      AS place
  FROM parted
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, span, billed, billed_type)
)
SELECT 'tenant' AS kind, tenant_id, day, provider, model, token_type, workflow_name,
  charge_status, is_billed, CAST(requests AS BIGINT) AS requests,
  CAST(quantity AS BIGINT) AS quantity, CAST(charge_usd AS DECIMAL(38,15)) AS charge_usd,
  CASE WHEN charge_usd IS NULL THEN CAST(NULL AS DECIMAL(38,15))
    WHEN NOT is_billed THEN CAST(charge_usd AS DECIMAL(38,15))
    ELSE book.usd_of(CAST(CASE WHEN backed_usd < 0 THEN -1 ELSE 1 END
      * (part + CASE WHEN place <= missing THEN 1 ELSE 0 END) AS HUGEINT)) END AS amount_usd
FROM ordered
UNION ALL
SELECT 'pool', pool, day, provider, CASE WHEN billed IN ('*', '(web search)') THEN '' ELSE billed
    END, CASE WHEN billed = '(web search)' THEN 'web_search' WHEN billed_type = '*'
    THEN 'unsplit' ELSE billed_type END, '', NULL, TRUE, NULL, NULL, NULL,
  CAST(bill_usd - backed_usd AS DECIMAL(38,15))
FROM book.scope WHERE is_billed AND bill_usd <> backed_usd
UNION ALL
SELECT 'pool', CASE token_type WHEN 'rounding' THEN '(bill rounding)'
    ELSE '(' || token_type || ')' END, day, provider, model, token_type, '', NULL, TRUE, NULL,
  NULL, NULL, CAST(SUM(bill_usd) AS DECIMAL(38,15))
FROM book.effect WHERE is_beside AND bill_usd <> 0
GROUP BY token_type, day, provider, model
