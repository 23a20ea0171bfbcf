-- reads:  book.bucket, book.price, book.rated, book.request_key, book.other_charge,
--         book.long_day
-- writes: book.charge_line
-- grain:  one row a bucket and token type: quantity times the price of the bucket's sheet. Tokens
--         that no provider bills (gateway cache hits, failed attempts) have a line at 0. What is
--         counted in other units has lines too, under the names of the price list, and attempts at
--         other models under theirs; a unit without a price, images and seconds only when nothing
--         else of their requests is priced, since they are billed as tokens, but the calls of
--         tools always
WITH token AS (
  UNPIVOT book.bucket
  ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output, reasoning,
    audio_in, audio_cached_in, audio_out, image_in, image_cached_in, image_out, web_search
  INTO NAME token_type VALUE quantity
),
other AS (
  SELECT r.tenant_id, r.tenant_rule, r.gateway, r.provider, COALESCE(o.model, r.model) AS model,
    r.started_day, r.workflow_name, CASE WHEN o.charge_usd IS NULL AND r.charge_status = 'rated'
      THEN 'unpriced' ELSE r.charge_status END AS charge_status,
    CASE WHEN o.model IS NULL THEN r.sheet_id ELSE o.sheet_id END AS sheet_id, r.request_state,
    COALESCE(k.account_id, '') AS account_id, COALESCE(k.key_id, '') AS key_id, o.token_type,
    CAST(SUM(o.quantity) AS BIGINT) AS quantity, COUNT(*) AS requests
  FROM book.other_charge AS o
  INNER JOIN book.rated AS r ON o.call_row = COALESCE(r.request_row, -r.span_row)
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind
    AND r.span_kind = k.span_kind
  WHERE NOT o.is_unbilled AND (o.charge_usd IS NOT NULL OR r.charge_status = 'unpriced'
    OR o.charge LIKE '%_call' OR o.charge LIKE '%_hour')
  GROUP BY ALL
),
lines AS (
  SELECT tenant_id, tenant_rule, gateway, provider, model, started_day, workflow_name,
    charge_status, sheet_id, request_state, account_id, key_id, token_type, quantity, requests
  FROM token
  UNION ALL
  SELECT * FROM other
)
SELECT l.tenant_id, l.tenant_rule, l.gateway, l.provider, l.model, l.started_day,
  COALESCE(d.day, l.started_day) AS day,
  l.workflow_name, l.charge_status, l.sheet_id, l.request_state, l.account_id, l.key_id,
  l.token_type, l.quantity, l.requests, p.usd_per_million, p.usd_per_token,
  CASE l.charge_status
    WHEN 'rated'
      THEN CAST(CAST(l.quantity AS DECIMAL(18,0)) * p.usd_per_token AS DECIMAL(38,15))
    WHEN 'gateway_cache_hit' THEN CAST(0 AS DECIMAL(38,15))
    WHEN 'failed_attempt' THEN CAST(0 AS DECIMAL(38,15))
    ELSE CAST(NULL AS DECIMAL(38,15)) END AS charge_usd
FROM lines AS l
LEFT JOIN book.price AS p ON l.sheet_id = p.sheet_id AND l.token_type = p.token_type
LEFT JOIN book.long_day AS d
  ON l.provider = d.provider AND l.model = d.model AND l.started_day = d.started_day
WHERE l.quantity > 0
