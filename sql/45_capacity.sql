-- reads:  book.above, book.model_key, raw.bill
-- writes: book.capacity
-- grain:  one row a request without spend that capacity paid by the hour or month has served: the
--         bill of its day has such capacity, of its model or of all, and bills no use of the model
WITH free AS (
  SELECT request_row, provider, model, started_us - started_us % 86400000000 AS day_us
  FROM book.above
  WHERE request_row IS NOT NULL AND charge_status = 'rated' AND COALESCE(spend_usd, 0) = 0
),
billed AS (
  SELECT DISTINCT COALESCE(k.provider, b.provider) AS provider, COALESCE(k.model, '') AS model,
    b.bucket_from_us, b.bucket_to_us, b.charge_category = 'commitment' AS is_capacity
  FROM raw.bill AS b
  LEFT JOIN book.model_key AS k
    ON b.provider = k.provider_raw AND COALESCE(b.model_raw, '') = k.model_raw
    AND COALESCE(b.service_tier, '') = k.tier_raw AND COALESCE(b.region, '') = k.region_raw
    AND b.bucket_from_us >= k.from_us AND b.bucket_from_us < k.to_us
  WHERE b.charge_category IN ('commitment', 'usage') AND b.amount_usd > 0
),
met AS (
  SELECT f.request_row, bool_or(b.is_capacity) AS has_capacity,
    bool_or(NOT b.is_capacity AND b.model = f.model) AS has_use
  FROM free AS f
  INNER JOIN billed AS b
    ON f.provider = b.provider AND b.model IN (f.model, '')
    AND b.bucket_from_us < f.day_us + 86400000000 AND b.bucket_to_us > f.day_us
  GROUP BY f.request_row
)
SELECT request_row FROM met WHERE has_capacity AND NOT has_use
