-- reads:  book.bill, book.usage, book.provider_key, book.seen, book.price_line
-- writes: book.caller
-- grain:  one row a caller that the provider tells apart (project, workspace, key; and account,
--         where there are several, in bill and usage), UTC day and billed thing: what is billed
--         for it, and how much of that the gateway saw and a trace backs. Where gateway and
--         provider know no key in common, what was seen goes first to the caller with exactly the
--         gateway's tokens, then to the one that has them most often
WITH leg AS (
  SELECT 'bill' AS leg, provider, account_id FROM book.bill
  WHERE is_counted AND is_in_period AND charge_category = 'usage'
  UNION ALL
  SELECT 'usage', provider, account_id FROM book.usage WHERE is_counted AND is_in_period
),
several AS (
  SELECT provider FROM (
    SELECT provider, leg, MIN(account_id) < MAX(account_id) AS is_several
    FROM leg GROUP BY provider, leg
  )
  GROUP BY provider HAVING bool_and(COALESCE(is_several, FALSE))
),
bill_row AS (
  SELECT b.provider, COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS bucket_key,
    b.day, CASE WHEN b.token_type = 'web_search' THEN '(web search)'
      WHEN b.model = '' THEN '*' ELSE b.model END AS billed,
    COALESCE(b.project_id, '') AS project_id, COALESCE(b.workspace_id, '') AS workspace_id,
    COALESCE(b.api_key_id, '') AS api_key_id, b.amount_usd AS usd,
    CASE WHEN s.provider IS NOT NULL THEN COALESCE(b.account_id, '') ELSE '' END AS account
  FROM book.bill AS b
  LEFT JOIN several AS s ON b.provider = s.provider
  LEFT JOIN book.provider_key AS k ON k.leg = 'bill' AND b.row_id = k.row_id
  WHERE b.is_counted AND b.is_in_period AND b.charge_category = 'usage'
),
usage_row AS (
  SELECT u.provider, COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS bucket_key,
    u.day, u.model, COALESCE(u.project_id, '') AS project_id,
    COALESCE(u.workspace_id, '') AS workspace_id, COALESCE(u.api_key_id, '') AS api_key_id,
    CASE WHEN s.provider IS NOT NULL THEN COALESCE(u.account_id, '') ELSE '' END AS account,
    SUM(u.quantity) AS quantity, SUM(u.charge_usd) AS usd
  FROM book.usage AS u
  LEFT JOIN several AS s ON u.provider = s.provider
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  WHERE u.is_counted AND u.is_in_period
  GROUP BY ALL
),
-- Providers whose bill names no caller: there the usage export does, at the list price.
nameless AS (
  SELECT provider FROM bill_row GROUP BY provider
  HAVING bool_and(project_id = '' AND workspace_id = '' AND api_key_id = '')
    AND (MAX(account) = '' OR provider IN (SELECT provider FROM usage_row
      WHERE project_id <> '' OR workspace_id <> '' OR api_key_id <> ''))
),
called AS (
  SELECT provider, account_id, bucket_key, day, billed, account, project_id, workspace_id,
    api_key_id, SUM(usd) AS usd
  FROM bill_row WHERE provider NOT IN (SELECT provider FROM nameless)
  GROUP BY ALL
  UNION ALL
  SELECT u.provider, u.account_id, u.bucket_key, u.day, COALESCE(b.billed, '*'), u.account,
    u.project_id, u.workspace_id, u.api_key_id, SUM(COALESCE(u.usd, 0))
  FROM usage_row AS u
  LEFT JOIN (SELECT DISTINCT provider, day, billed FROM book.price_line) AS b
    ON u.provider = b.provider AND u.day = b.day AND u.model = b.billed
  WHERE u.provider IN (SELECT provider FROM nameless)
  GROUP BY ALL
),
scored AS (
  SELECT c.*, COALESCE(u.quantity = l.quantity_gateway, FALSE) AS is_exact,
    COUNT(*) FILTER (u.quantity = l.quantity_gateway) OVER (
      PARTITION BY c.provider, c.account, c.project_id, c.workspace_id, c.api_key_id) AS matches
  FROM called AS c
  LEFT JOIN usage_row AS u
    ON c.provider = u.provider AND c.account_id = u.account_id AND c.bucket_key = u.bucket_key
    AND c.day = u.day AND c.billed = u.model AND c.account = u.account
    AND c.project_id = u.project_id AND c.workspace_id = u.workspace_id
    AND c.api_key_id = u.api_key_id
  LEFT JOIN book.seen AS l
    ON c.provider = l.provider AND c.account_id = l.account_id AND c.bucket_key = l.key_id
    AND c.day = l.day AND c.billed = l.billed
),
filled AS (
  SELECT s.*, COALESCE(e.gateway_usd, 0) AS seen_usd, COALESCE(e.trace_usd, 0) AS traced_usd,
    COALESCE(SUM(GREATEST(s.usd, 0)) OVER (
      PARTITION BY s.provider, s.account_id, s.bucket_key, s.day, s.billed
      ORDER BY s.is_exact DESC, s.matches DESC, s.usd DESC, s.account, s.project_id,
        s.workspace_id, s.api_key_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before_usd
  FROM scored AS s
  LEFT JOIN book.seen AS e
    ON s.provider = e.provider AND s.account_id = e.account_id AND s.bucket_key = e.key_id
    AND s.day = e.day AND s.billed = e.billed
)
SELECT provider, account, project_id, workspace_id, api_key_id, day, billed,
  CAST(usd AS DECIMAL(38,15)) AS billed_usd,
  CAST(GREATEST(LEAST(seen_usd - before_usd, usd), 0) AS DECIMAL(38,15)) AS gateway_usd,
  CAST(GREATEST(LEAST(traced_usd - before_usd, usd), 0) AS DECIMAL(38,15)) AS trace_usd
FROM filled
