-- reads:  book.scope_line, book.scope_part, book.scope, book.named_bill, book.effect
-- writes: book.share
-- grain:  one row a tenant, day, provider, model, token type, class of workflow and state of the
--         charge, in one part of the bill, with what it pays: its part of what requests back, by
--         charge, where the provider billed, else its charge. What is told twice weighs once.
--         Amounts are shared to the last decimal by largest remainder. What a finding says to be
--         of requests of another place stands beside that, with whose it is as origin, and so does
--         what names requests without a charge there. What no request backs, and what is billed
--         beside usage and names none, stands under pools
WITH elsewhere AS (
  SELECT provider, account_id, key_id, day, billed, billed_type, SUM(amount_usd) AS usd
  FROM book.scope_part GROUP BY provider, account_id, key_id, day, billed, billed_type
),
-- Where nothing is left so, all of it weighs.
chosen AS (
  SELECT *, CASE WHEN scope_usd > 0 THEN book.units(CASE WHEN SUM(once_usd) OVER scope > 0
      THEN once_usd ELSE COALESCE(charge_usd, 0) END)
    // book.weight_scale(book.units(scope_usd)) ELSE 0 END AS weight
  FROM book.scope_line
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, bucket_day, billed, billed_type,
    payer)
),
weighed AS (
  SELECT *, ABS(book.units(backed_usd)) AS units, SUM(weight) OVER scope AS total
  FROM chosen
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, bucket_day, billed, billed_type,
    payer)
),
parted AS (
  SELECT *, CASE WHEN total > 0 THEN book.whole_part(units, weight, CAST(total AS HUGEINT))
      ELSE 0 END AS part,
    CASE WHEN total > 0 THEN book.left_over(units, weight, CAST(total AS HUGEINT)) ELSE 0 END
      AS remainder
  FROM weighed
),
ordered AS MATERIALIZED (
  SELECT *, units - SUM(part) OVER scope AS missing,
    row_number() OVER (
      PARTITION BY provider, account_id, key_id, bucket_day, billed, billed_type, payer
      ORDER BY remainder DESC, tenant_id, day, model, token_type, workflow_name, charge_status)
      AS place
  FROM parted
  WINDOW scope AS (PARTITION BY provider, account_id, key_id, bucket_day, billed, billed_type,
    payer)
)
SELECT 'tenant' AS kind, tenant_id, day, provider, model, token_type, workflow_name,
  charge_status, is_billed, CAST(requests AS BIGINT) AS requests,
  CAST(quantity AS BIGINT) AS quantity, CAST(charge_usd AS DECIMAL(38,15)) AS charge_usd,
  CASE WHEN charge_usd IS NULL THEN CAST(NULL AS DECIMAL(38,15))
    WHEN NOT is_billed THEN CAST(charge_usd AS DECIMAL(38,15))
    ELSE book.usd_of(CAST(CASE WHEN backed_usd < 0 THEN -1 ELSE 1 END
      * (part + CASE WHEN place <= missing THEN 1 ELSE 0 END) AS HUGEINT)) END AS amount_usd,
  CAST(NULL AS VARCHAR) AS origin
FROM ordered
UNION ALL
SELECT 'tenant', tenant_id, day, provider, model, token_type, workflow_name, NULL, TRUE, NULL,
  NULL, NULL, CAST(SUM(amount_usd) AS DECIMAL(38,15)), origin
FROM book.scope_part
GROUP BY tenant_id, day, provider, model, token_type, workflow_name, origin
UNION ALL
SELECT 'tenant', n.tenant_id, n.day, n.provider, n.model, n.token_type, n.workflow_name, NULL,
  TRUE, NULL, NULL, NULL, CAST(SUM(n.bill_usd) AS DECIMAL(38,15)), NULL
FROM book.named_bill AS n
LEFT JOIN (
  SELECT DISTINCT provider, account_id, key_id, bucket_day, billed, billed_type, payer
  FROM ordered WHERE payer <> '' AND total > 0
) AS o
  ON n.provider = o.provider AND n.account_id = o.account_id AND n.key_id = o.key_id
  AND n.bucket_day = o.bucket_day AND n.billed = o.billed AND n.billed_type = o.billed_type
  AND CAST(to_json([n.tenant_id, n.day, n.workflow_name]) AS VARCHAR) = o.payer
WHERE o.payer IS NULL AND n.bill_usd <> 0
GROUP BY n.tenant_id, n.day, n.provider, n.model, n.token_type, n.workflow_name
UNION ALL
SELECT 'pool', s.pool, s.day, s.provider, CASE WHEN s.billed IN ('*', '(web search)') THEN ''
    ELSE s.billed END, CASE WHEN s.billed = '(web search)' THEN 'web_search'
    WHEN s.billed_type = '*' THEN 'unsplit' ELSE s.billed_type END, '', NULL, TRUE, NULL, NULL,
  NULL, CAST(s.bill_usd - s.backed_usd - COALESCE(e.usd, 0) AS DECIMAL(38,15)), NULL
FROM book.scope AS s
LEFT JOIN elsewhere AS e
  ON s.provider = e.provider AND s.account_id = e.account_id AND s.key_id = e.key_id
  AND s.day = e.day AND s.billed = e.billed AND s.billed_type = e.billed_type
WHERE s.is_billed AND s.bill_usd <> s.backed_usd + COALESCE(e.usd, 0)
UNION ALL
SELECT 'pool', CASE token_type WHEN 'rounding' THEN '(bill rounding)'
    ELSE '(' || token_type || ')' END, day, provider, model, token_type, '', NULL, TRUE, NULL,
  NULL, NULL, CAST(SUM(usd) AS DECIMAL(38,15)), NULL
FROM (
  SELECT token_type, day, provider, model, bill_usd AS usd FROM book.effect WHERE is_beside
  UNION ALL
  SELECT token_type, bucket_day, provider, model, -bill_usd FROM book.named_bill
  WHERE billed IS NULL
)
GROUP BY token_type, day, provider, model HAVING SUM(usd) <> 0
