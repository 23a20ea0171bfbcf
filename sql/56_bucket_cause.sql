-- reads:  book.drift, book.rated, book.period, raw.request
-- writes: book.bucket_cause
-- grain:  one row a provider, UTC day, comparable model and part of the difference between charge
--         and bill. The comparable model is '*' on days that the provider bills in one sum, and
--         web searches are compared apart, because bills name no model for them
WITH provider_leg AS (
  SELECT provider, COALESCE(SUM(bill_rows), 0) > 0 AS has_bill,
    MIN(day) FILTER (quantity_provider IS NOT NULL) AS usage_from,
    MAX(day) FILTER (quantity_provider IS NOT NULL) AS usage_to,
    MIN(day) FILTER (bill_rows > 0) AS bill_from, MAX(day) FILTER (bill_rows > 0) AS bill_to
  FROM book.drift GROUP BY provider
),
one_sum AS (
  SELECT DISTINCT provider, day FROM book.drift
  WHERE bill_rows > 0 AND model = '' AND token_type = 'unsplit'
),
compared AS (
  SELECT d.provider, d.day,
    CASE WHEN o.day IS NOT NULL THEN '*' WHEN d.token_type = 'web_search' THEN '(web search)'
      ELSE d.model END AS model,
    COALESCE(SUM(d.charge_usd), 0) AS charge_usd, COALESCE(SUM(d.bill_usd), 0) AS bill_usd,
    COALESCE(SUM(d.usage_charge_usd), 0) AS usage_charge_usd,
    COALESCE(SUM(d.quantum_usd), 0) AS quantum_usd, COALESCE(SUM(d.bill_rows), 0) AS bill_rows,
    COALESCE(SUM(d.unpriced), 0) AS unpriced,
    bool_or(COALESCE(d.quantity_provider, 0) > COALESCE(d.quantity_charged, 0)) AS has_more,
    bool_or(COALESCE(d.quantity_provider, 0) < COALESCE(d.quantity_charged, 0)) AS has_less,
    string_agg(d.token_type || ' ' || printf('%+d', COALESCE(d.quantity_provider, 0)
      - COALESCE(d.quantity_charged, 0)), ', ' ORDER BY d.token_type) FILTER (
        COALESCE(d.quantity_provider, 0) <> COALESCE(d.quantity_charged, 0)) AS moved,
    SUM(COALESCE(d.quantity_provider, 0) - COALESCE(d.quantity_charged, 0)) AS tokens
  FROM book.drift AS d LEFT JOIN one_sum AS o ON d.provider = o.provider AND d.day = o.day
  GROUP BY ALL
),
-- What a provider that books a call when it ends would have booked elsewhere.
over_midnight AS (
  SELECT moved.provider, moved.day, moved.model, SUM(usd) AS usd, SUM(tokens) AS tokens,
    string_agg(DISTINCT g.request_id, ', ' ORDER BY g.request_id) AS requests
  FROM (
    SELECT provider, started_day AS day, model, request_row, -charge_usd AS usd,
      -(COALESCE(prompt_tokens, 0) + COALESCE(output, 0) + COALESCE(reasoning, 0)
        + COALESCE(audio_out, 0) + COALESCE(image_out, 0)) AS tokens
    FROM book.rated WHERE charge_status = 'rated' AND started_day <> ended_day
    UNION ALL
    SELECT provider, ended_day, model, request_row, charge_usd,
      COALESCE(prompt_tokens, 0) + COALESCE(output, 0) + COALESCE(reasoning, 0)
        + COALESCE(audio_out, 0) + COALESCE(image_out, 0)
    FROM book.rated WHERE charge_status = 'rated' AND started_day <> ended_day
  ) AS moved LEFT JOIN raw.request AS g ON moved.request_row = g.row_id
  GROUP BY moved.provider, moved.day, moved.model
),
-- A day is judged by its usage where it lies within the days that usage exports cover.
covered AS (
  SELECT c.*, l.has_bill, p.has_gateway OR p.has_trace AS has_requests,
    COALESCE(c.day >= l.usage_from AND c.day <= l.usage_to, FALSE) AS has_usage,
    COALESCE(c.day >= l.bill_from AND c.day <= l.bill_to, FALSE) AS is_billed_day
  FROM compared AS c
  INNER JOIN provider_leg AS l ON c.provider = l.provider
  CROSS JOIN book.period AS p
),
split AS (
  SELECT c.*, m.requests AS midnight_requests,
    m.usd = c.usage_charge_usd - c.charge_usd AND m.tokens = c.tokens AS is_midnight,
    CASE WHEN c.has_usage THEN c.usage_charge_usd - c.charge_usd END AS volume_usd,
    CASE WHEN c.has_usage THEN c.bill_usd - c.usage_charge_usd
      ELSE c.bill_usd - c.charge_usd END AS price_usd
  FROM covered AS c
  LEFT JOIN over_midnight AS m
    ON c.provider = m.provider AND c.day = m.day AND c.model = m.model
  WHERE c.has_usage OR c.has_bill
),
parts AS (
  SELECT *, 'unpriced' AS cause, TRUE AS is_break, bill_usd - charge_usd AS bill_less_charge_usd,
    'no price for ' || model || ', so the bill stands unchecked' AS evidence
  FROM split WHERE unpriced > 0 AND (bill_usd <> charge_usd OR NOT has_bill)
  UNION ALL
  SELECT *, CASE WHEN NOT has_requests THEN 'requests_not_loaded'
      WHEN is_midnight THEN 'window_boundary'
      WHEN has_more AND NOT has_less THEN 'row_missing_gateway'
      WHEN has_less AND NOT has_more THEN 'row_missing_provider'
      ELSE 'unexplained' END, has_requests, volume_usd,
    CASE WHEN NOT has_requests THEN 'neither gateway rows nor traces are loaded'
      WHEN is_midnight THEN 'booked on the other day of midnight UTC: ' || midnight_requests
      WHEN has_more AND NOT has_less THEN 'the provider counted more than gateway and traces: '
        || moved
      WHEN has_less AND NOT has_more THEN 'the provider counted less than gateway and traces: '
        || moved
      ELSE 'the provider counted otherwise: ' || COALESCE(moved, 'no difference in sum') END
  FROM split WHERE unpriced = 0 AND has_usage AND (volume_usd <> 0 OR has_more OR has_less)
  UNION ALL
  SELECT *, CASE WHEN NOT is_billed_day THEN 'bill_not_loaded'
      WHEN bill_rows = 0 THEN 'bill_missing'
      WHEN ABS(price_usd) <= quantum_usd * 0.5 THEN 'rounding'
      WHEN has_usage THEN 'bill_price_differs'
      WHEN NOT has_requests THEN 'requests_not_loaded'
      WHEN charge_usd = 0 THEN 'row_missing_gateway'
      ELSE 'unexplained' END,
    NOT (bill_rows > 0 AND ABS(price_usd) <= quantum_usd * 0.5)
      AND is_billed_day AND (has_usage OR has_requests), price_usd,
    CASE WHEN NOT is_billed_day THEN 'no bill export covers that day'
      WHEN bill_rows = 0 THEN 'usage without a bill row'
      WHEN ABS(price_usd) <= quantum_usd * 0.5 THEN CAST(bill_rows AS VARCHAR)
        || ' bill rows rounded to their smallest step'
      WHEN NOT has_usage THEN 'no usage export of that day tells tokens and price apart'
      ELSE 'the bill is not the provider''s usage at the list price' END
  FROM split WHERE unpriced = 0 AND has_bill AND price_usd <> 0
)
SELECT provider, day, model, cause, is_break, evidence, charge_usd,
  CASE WHEN has_bill THEN bill_usd END AS bill_usd, has_bill,
  CAST(tokens AS BIGINT) AS tokens, CAST(bill_rows AS BIGINT) AS bill_rows,
  CAST(-bill_less_charge_usd AS DECIMAL(38,15)) AS drift_usd
FROM parts
