-- reads:  book.drift, book.cover, book.flat_cost, book.long_day, book.settle, book.period
-- writes: book.effect
-- grain:  one row a row of book.drift, with what makes bill differ from charge: volume (the
--         provider's tokens less ours, at the price of the list), price, what is billed beside
--         usage, and a rest where tokens, price or bill are not known. The four are bill less
--         charge. match_state tells which legs know the bucket; is_apart: calls of a tool that the
--         bill of the day names under no model
WITH told AS (
  SELECT d.*,
    d.token_type IN ('credit', 'discount', 'refund', 'tax', 'fee', 'commitment', 'adjustment',
      'rounding') AS is_beside,
    COALESCE(SUM(d.unpriced) OVER bucket, 0) = 0 AS is_priced,
    (u.day IS NOT NULL OR bool_or(d.is_billed_count) OVER bucket)
      -- An export that never counts calls of a tool has no column for them; Anthropic's has one,
      -- but a bill that tells of use too may name searches under no model.
      AND (d.token_type <> 'web_search' AND NOT ends_with(d.token_type, '_call')
        OR d.provider = 'anthropic' AND u.day IS NOT NULL
          AND COALESCE(SUM(d.bill_rows) FILTER (d.model = '') OVER (
            PARTITION BY d.provider, d.day, d.token_type), 0) = 0
        OR COUNT(d.quantity_provider) OVER (PARTITION BY d.provider, d.token_type) > 0)
      -- A bill does not count what flat capacity serves.
      AND NOT (EXISTS (SELECT 1 FROM book.flat_cost AS f WHERE d.provider = f.provider
          AND d.day = f.day AND f.model IN (d.model, '') AND f.is_of_day)
        AND COUNT(d.quantity_provider) OVER bucket + COUNT(d.requests_provider) OVER bucket = 0)
      AS has_count,
    ends_with(d.token_type, '_call') AND d.model <> '' AND d.bill_rows IS NULL
      AND COALESCE(SUM(d.bill_rows) FILTER (d.model = '') OVER (
        PARTITION BY d.provider, d.account_id, d.key_id, d.day, d.token_type), 0) > 0 AS is_apart,
    COALESCE(SUM(d.bill_rows) OVER (PARTITION BY d.provider), 0) > 0 AS has_bill,
    b.day IS NOT NULL AS is_billed_day,
    COALESCE(l.to_us, epoch_us(strptime(d.day, '%Y-%m-%d')) + 86400000000)
      + COALESCE(o.settle_us, s.settle_us)
      <= p.as_of_us AS is_settled,
    COALESCE(d.quantity_provider, 0) - COALESCE(d.quantity_charged, 0) AS delta,
    -- What the provider lacks is of one tier of ours where that alone makes the charges differ, and
    -- what we lack of one of the provider's; but no call has tokens of two tiers.
    CAST(delta AS DECIMAL(18,0)) * CASE WHEN delta < 0 THEN d.our_price_from
      ELSE d.list_price_from END = d.usage_charge_usd - d.charge_usd AS is_of_least,
    CAST(delta AS DECIMAL(18,0)) * CASE WHEN delta < 0 THEN d.our_price_to
      ELSE d.list_price_to END = d.usage_charge_usd - d.charge_usd AS is_of_most,
    CASE WHEN delta <> 0 AND is_of_least AND bool_and(delta = 0 OR is_of_least) OVER bucket
      THEN CASE WHEN delta < 0 THEN d.our_price_from ELSE d.list_price_from END
      WHEN delta <> 0 AND is_of_most AND bool_and(delta = 0 OR is_of_most) OVER bucket
      THEN CASE WHEN delta < 0 THEN d.our_price_to ELSE d.list_price_to END
      WHEN d.list_price_from = d.list_price_to THEN d.list_price_from
      -- Tiers that we do not know differ in price, as do all tokens of them.
      WHEN d.our_price_from = d.our_price_to THEN d.our_price_from END AS usd_per_token
  FROM book.drift AS d
  CROSS JOIN book.period AS p
  LEFT JOIN book.cover AS u ON d.provider = u.provider AND d.day = u.day AND u.leg = 'usage'
  LEFT JOIN book.cover AS b ON d.provider = b.provider AND d.day = b.day AND b.leg = 'bill'
  LEFT JOIN book.long_day AS l
    ON d.provider = l.provider AND d.model = l.model AND d.day = l.started_day
  INNER JOIN book.settle AS s ON s.provider = ''
  LEFT JOIN book.settle AS o ON d.provider = o.provider
  WINDOW bucket AS (PARTITION BY d.provider, d.account_id, d.key_id, d.day, d.model)
),
-- Writes of which the provider does not tell the lifetime are those that we know, at their price.
alike AS (
  SELECT * EXCLUDE (usd_per_token, is_of_least, is_of_most),
    CASE WHEN token_type = 'cache_write' AND delta > 0
      AND delta + SUM(CASE WHEN token_type = 'cache_write_5m' THEN delta ELSE 0 END) OVER bucket = 0
    THEN COALESCE(MAX(CASE WHEN token_type = 'cache_write_5m' THEN usd_per_token END) OVER bucket,
      usd_per_token) ELSE usd_per_token END AS usd_per_token
  FROM told
  WINDOW bucket AS (PARTITION BY provider, account_id, key_id, day, model)
),
known AS (
  SELECT *,
    CASE WHEN model = '' THEN SUM(requests_gateway) OVER day ELSE SUM(requests_gateway) OVER bucket
      END > 0 AS has_gateway,
    CASE WHEN model = '' THEN SUM(requests_trace) OVER day ELSE SUM(requests_trace) OVER bucket
      END > 0 AS has_trace,
    -- A correction may be all that the provider says of a bucket, or a count of zero.
    bool_or(quantity_provider IS NOT NULL OR requests_provider IS NOT NULL
      OR (bill_rows IS NOT NULL AND NOT is_beside)) OVER bucket AS has_provider,
    CAST(CASE WHEN is_beside OR NOT has_count OR NOT is_priced OR delta = 0 THEN 0
      WHEN usd_per_token IS NOT NULL THEN CAST(delta AS DECIMAL(18,0)) * usd_per_token
      ELSE COALESCE(usage_charge_usd, 0) - COALESCE(charge_usd, 0) END AS DECIMAL(38,15))
      AS volume_usd
  FROM alike
  WINDOW bucket AS (PARTITION BY provider, account_id, key_id, day, model),
    day AS (PARTITION BY provider, account_id, key_id, day)
),
parted AS (
  SELECT *,
    CAST(COALESCE(bill_usd, 0) - COALESCE(charge_usd, 0) - volume_usd AS DECIMAL(38,15)) AS left_usd
  FROM known
)
SELECT * EXCLUDE (left_usd, has_gateway, has_trace, has_provider),
  CAST(CASE WHEN NOT is_beside AND has_count AND is_priced AND has_bill AND is_billed_day
    THEN left_usd ELSE 0 END AS DECIMAL(38,15)) AS price_usd,
  CAST(CASE WHEN is_beside THEN left_usd ELSE 0 END AS DECIMAL(38,15)) AS non_usage_usd,
  CAST(CASE WHEN NOT is_beside AND NOT (has_count AND is_priced AND has_bill AND is_billed_day)
    THEN left_usd ELSE 0 END AS DECIMAL(38,15)) AS rest_usd,
  CASE WHEN is_beside THEN 'not_comparable'
    WHEN has_provider AND has_gateway AND has_trace THEN 'all_three'
    WHEN has_provider AND has_gateway THEN 'gateway_provider'
    WHEN has_provider AND has_trace THEN 'trace_provider'
    WHEN has_provider THEN 'only_provider'
    WHEN has_gateway AND has_trace THEN 'gateway_trace'
    WHEN has_gateway THEN 'only_gateway' ELSE 'only_trace' END AS match_state
FROM parted
