-- reads:  book.bucket, book.price
-- writes: book.charge_line
-- grain:  one row a bucket and token type: quantity times the price of the bucket's sheet. Tokens
--         that no provider bills (gateway cache hits, failed attempts) have a line at 0
WITH lines AS (
  UNPIVOT book.bucket
  ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output, reasoning,
    audio_in, audio_cached_in, audio_out, image_in, image_cached_in, image_out, web_search
  INTO NAME token_type VALUE quantity
)
SELECT l.tenant_id, l.tenant_rule, l.gateway, l.provider, l.model, l.started_day,
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
WHERE l.quantity > 0
