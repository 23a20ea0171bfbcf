-- reads:  raw.request, book.duplicate, book.model_key, book.period
-- writes: book.outside as a view
-- grain:  one row a gateway row that began outside the period and is in no charge of ours, though a
--         provider may have booked it on a day of the period
SELECT k.provider, k.model, r.request_id, r.started_us, r.started_day, r.ended_us, r.ended_day,
  r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning,
  r.web_search,
  COALESCE(r.audio_in, 0) + COALESCE(r.audio_cached_in, 0) + COALESCE(r.audio_out, 0)
    + COALESCE(r.image_in, 0) + COALESCE(r.image_cached_in, 0) + COALESCE(r.image_out, 0)
    AS other
FROM raw.request AS r
CROSS JOIN book.period AS p
LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
INNER JOIN book.model_key AS k
  ON COALESCE(r.provider, '') = k.provider_raw AND COALESCE(r.response_model, '') = k.model_raw
  AND COALESCE(r.service_tier, '') = k.tier_raw AND COALESCE(r.region, '') = k.region_raw
  AND r.started_us >= k.from_us AND r.started_us < k.to_us
WHERE d.row_id IS NULL AND COALESCE(r.status, 'success') <> 'error'
  AND COALESCE(r.gateway_cache, 'unknown') <> 'hit'
  AND (r.started_us < p.period_from_us OR r.started_us >= p.period_to_us)
