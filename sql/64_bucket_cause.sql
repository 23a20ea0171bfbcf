-- reads:  book.effect, book.volume, book.volume_fit, book.price_sum, book.bill, book.tolerance,
--         book.period, book.unusual, book.long_day, book.alike_call
-- writes: book.bucket_cause
-- grain:  one row a provider, account, key, UTC day, model (or '*', or '(web search)', as in
--         book.price_line) and part of the difference between charge and bill. A day that the
--         provider may still change is provisional; a part within the tolerance is no break
WITH loaded AS (
  SELECT has_gateway OR has_trace AS has_requests FROM book.period
),
-- Calls whose provider's answer states another amount than the spend: what a bill of just these
-- amounts differs from the charge by.
answered AS (
  SELECT u.provider, COALESCE(l.day, u.started_day) AS day,
    CASE WHEN GROUPING(u.model) = 1 THEN '*' ELSE u.model END AS model,
    SUM(u.stated_usd - u.charge_usd) AS usd, COUNT(*) AS calls
  FROM book.unusual AS u
  LEFT JOIN book.long_day AS l
    ON u.provider = l.provider AND u.model = l.model AND u.started_day = l.started_day
  WHERE u.stated_usd IS NOT NULL AND u.charge_status = 'rated'
  GROUP BY GROUPING SETS ((u.provider, COALESCE(l.day, u.started_day), u.model),
    (u.provider, COALESCE(l.day, u.started_day)))
),
part AS (
  SELECT provider, account_id, key_id, day, model,
    CASE token_type WHEN 'commitment' THEN 'commitment_flat_cost'
      WHEN 'rounding' THEN 'invoice_rounding' ELSE token_type END AS cause,
    FALSE AS is_break, TRUE AS is_final,
    bill_rows || ' bill rows of the category ' || token_type AS evidence,
    CAST(NULL AS DECIMAL(38,15)) AS charge_usd, bill_usd, TRUE AS has_bill,
    CAST(NULL AS BIGINT) AS tokens, bill_rows, bill_usd AS usd, ABS(bill_usd) AS gross_usd,
    is_settled
  FROM book.effect WHERE is_beside AND bill_usd <> 0
  UNION ALL
  SELECT v.provider, v.account_id, v.key_id, v.day, v.model,
    CASE WHEN l.has_requests THEN f.cause ELSE 'requests_not_loaded' END, l.has_requests, FALSE,
    CASE WHEN l.has_requests THEN concat_ws('; ', f.evidence, a.evidence)
      ELSE 'neither gateway rows nor traces are loaded' END, v.charge_usd,
    COALESCE(v.bill_usd, 0), e.has_bill, f.tokens, 0, f.usd,
    CASE WHEN f.usd = v.volume_usd THEN v.gross_usd ELSE ABS(f.usd) END, e.is_settled
  FROM book.volume AS v
  CROSS JOIN loaded AS l
  INNER JOIN book.volume_fit AS f USING (provider, account_id, key_id, day, model)
  LEFT JOIN book.alike_call AS a USING (provider, account_id, key_id, day, model)
  INNER JOIN (SELECT DISTINCT provider, day, has_bill, is_settled FROM book.effect) AS e
    ON v.provider = e.provider AND v.day = e.day
  -- The same tokens under other names, at no other price.
  WHERE f.usd <> 0 OR f.cause <> 'cache_write_ttl'
    AND NOT (f.cause = 'usage_differs' AND f.tokens = 0)
  UNION ALL
  SELECT b.provider, b.account_id, b.key_id, b.day, b.model,
    CASE WHEN b.is_unpriced THEN 'unpriced'
      WHEN NOT b.is_billed_day THEN 'bill_not_loaded'
      WHEN b.bill_rows = 0 AND b.is_committed THEN 'commitment_flat_cost'
      WHEN b.bill_rows = 0 AND b.free_usd = b.base_usd AND b.free_as = 'commitment_flat_cost'
        THEN 'commitment_flat_cost'
      WHEN b.bill_rows = 0 AND b.free_usd = b.base_usd THEN 'free_tier'
      WHEN b.bill_rows = 0 THEN 'bill_missing'
      WHEN a.calls > 0 THEN 'provider_reported_cost'
      WHEN b.fit_cause IS NOT NULL THEN b.fit_cause
      WHEN b.has_count AND b.left_out <> '' THEN 'bill_missing'
      WHEN b.has_count AND b.base_usd <> 0 THEN 'bill_price_differs'
      WHEN NOT l.has_requests THEN 'requests_not_loaded'
      WHEN b.uncounted > 0 AND b.usd > 0 AND NOT b.has_count THEN 'usage_missing'
      WHEN b.charge_usd = 0 AND b.bill_usd < 0 THEN 'adjustment' -- no call or tool earns anything
      WHEN b.charge_usd = 0 AND b.model IN ('*', '(web search)') AND b.has_other THEN 'tool_fee'
      WHEN b.charge_usd = 0 THEN 'row_missing_gateway'
      ELSE 'unexplained' END, TRUE, NOT b.is_billed_day,
    CASE WHEN b.is_unpriced THEN 'no price for '
        || CASE WHEN b.is_priced_in_part THEN 'a tier or token type of ' ELSE '' END
        || b.model || ', so the bill stands unchecked'
      WHEN NOT b.is_billed_day THEN 'no bill export covers that day'
      WHEN b.bill_rows = 0 AND b.is_committed
        THEN book.unbilled_because('commitment_flat_cost')
      WHEN b.bill_rows = 0 AND b.free_usd = b.base_usd
        THEN COALESCE(book.unbilled_because(b.free_as), 'nothing is billed')
      WHEN b.bill_rows = 0 THEN 'usage without a bill row'
      WHEN a.calls > 0 THEN 'billed as the provider''s own answers state; calls whose spend is '
        || 'another amount: ' || a.calls
      WHEN b.fit_cause = 'rounding' THEN b.bill_rows || ' bill rows rounded to their smallest step'
      WHEN b.fit_cause IS NOT NULL THEN b.fit_evidence
      WHEN b.has_count AND b.left_out <> '' THEN 'usage without a bill row: ' || b.left_out
      WHEN b.has_count AND b.base_usd <> 0
        THEN concat_ws(': ', 'the bill is not the provider''s usage at the list price', b.of_what)
      WHEN NOT l.has_requests THEN 'neither gateway rows nor traces are loaded'
      WHEN b.uncounted > 0 AND b.usd > 0 AND NOT b.has_count
        THEN 'calls of which no side counted tokens: ' || b.uncounted
      WHEN b.charge_usd = 0 AND b.model = '*' AND b.has_other
        THEN 'bill rows that name no model: ' || COALESCE(i.items, '') || CASE
          WHEN b.unpriced > 0 THEN '; what they count has no price, so it is not rated' ELSE '' END
      WHEN b.charge_usd = 0 AND b.model = '(web search)' AND b.has_other
        THEN 'web searches that neither gateway nor traces count'
      WHEN b.charge_usd = 0 AND b.bill_usd < 0
        THEN 'taken off the bill, on a day of no call that is known'
      WHEN b.charge_usd = 0 THEN 'billed, and neither gateway nor traces know of a call'
      ELSE 'no usage export of that day tells tokens and price apart' END,
    b.charge_usd, b.bill_usd, b.has_bill, 0, b.bill_rows, b.usd, b.gross_usd, b.is_settled
  FROM book.price_sum AS b
  CROSS JOIN loaded AS l
  LEFT JOIN (
    SELECT provider, day, string_agg(DISTINCT line_item, ', ' ORDER BY line_item)
      AS items
    FROM book.bill
    WHERE is_counted AND model = '' AND charge_category = 'usage'
      AND token_type IS DISTINCT FROM 'web_search'
    GROUP BY provider, day
  ) AS i ON b.provider = i.provider AND b.day = i.day
  LEFT JOIN answered AS a
    ON b.provider = a.provider AND b.day = a.day AND b.model = a.model
    AND ABS(b.usd - a.usd) <= 0.000000000001 * (a.calls + b.bill_rows)
  WHERE b.has_bill AND b.usd <> 0
    OR b.unpriced > 0 AND (b.has_bill AND b.usd <> 0 OR NOT b.has_bill AND b.has_count)
),
counted AS (
  SELECT provider, account_id, key_id, day, model, SUM(quantity_provider) AS quantity
  FROM book.effect WHERE NOT is_beside GROUP BY ALL
),
judged AS (
  SELECT p.*, p.gross_usd > 0 AND (
      p.gross_usd <= COALESCE(m.usd, o.usd, w.usd)
      OR CAST(LEAST(p.gross_usd, 1000000000000) AS DECIMAL(28,15)) * 100
        <= COALESCE(m.pct, o.pct, w.pct)
          * CAST(LEAST(ABS(COALESCE(p.charge_usd, 0)), 1000000000000) AS DECIMAL(28,15)))
    OR COALESCE(p.tokens, 0) <> 0 AND (
      ABS(p.tokens) <= COALESCE(m.tokens, o.tokens, w.tokens)
      OR CAST(ABS(p.tokens) AS DECIMAL(28,0)) * 100
        <= COALESCE(m.tokens_pct, o.tokens_pct, w.tokens_pct)
          * CAST(COALESCE(c.quantity, 0) AS DECIMAL(28,0))) AS is_within
  FROM part AS p
  LEFT JOIN counted AS c
    ON p.provider = c.provider AND p.account_id = c.account_id AND p.key_id = c.key_id
    AND p.day = c.day AND p.model = c.model
  INNER JOIN book.tolerance AS w ON w.scope = ''
  LEFT JOIN book.tolerance AS m ON m.scope = 'model' AND p.model = m.name
  LEFT JOIN book.tolerance AS o ON o.scope = 'provider' AND p.provider = o.name
)
SELECT provider, account_id, key_id, day, model,
  CASE WHEN is_final THEN cause WHEN NOT is_settled THEN 'provisional'
    WHEN is_within AND cause <> 'rounding' THEN 'within_tolerance' ELSE cause END AS cause,
  is_break AND NOT is_final AND is_settled AND NOT is_within
    AND cause NOT IN
      ('rounding', 'free_tier', 'commitment_flat_cost', 'requests_not_loaded', 'adjustment')
    AS is_break,
  CASE WHEN NOT is_final AND NOT is_settled THEN 'the day is not settled; so far: ' || cause || ', '
      || evidence
    ELSE evidence END AS evidence,
  charge_usd, CASE WHEN has_bill THEN bill_usd END AS bill_usd, has_bill, tokens,
  CAST(bill_rows AS BIGINT) AS bill_rows, CAST(-usd AS DECIMAL(38,15)) AS drift_usd
FROM judged
