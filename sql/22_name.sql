-- heavy
-- reads:  raw.request_row, raw.request_kind, raw.span_kind, raw.usage, raw.bill, raw.span_row,
--         book.pair, book.same_call, book.attempt, book.sold_as
-- writes: book.name
-- grain:  one row a combination of provider, model, tier and region that something is priced or
--         compared by; the models that a gateway may have priced instead included
-- Kinds that met are few, however many rows have them. A kind has rows that met no call when it has
-- more of them than of pairs.
WITH met AS (
  SELECT request_kind, span_kind FROM book.pair GROUP BY request_kind, span_kind
  UNION ALL
  SELECT r.kind_id, NULL
  FROM (SELECT kind_id, COUNT(*) AS rows FROM raw.request_row GROUP BY kind_id) AS r
  LEFT JOIN (
    SELECT request_kind, COUNT(*) AS rows FROM book.pair GROUP BY request_kind
  ) AS p ON r.kind_id = p.request_kind
  WHERE r.rows > COALESCE(p.rows, 0)
),
told AS (
  SELECT COALESCE(r.provider, s.provider, '') AS provider, r.response_model AS gateway_model,
    r.requested_model, r.priced_model,
    COALESCE(a.sold_model, CASE WHEN s.response_model_evidence = 'reported' THEN s.response_model
      ELSE COALESCE(r.response_model, s.response_model) END) AS model,
    -- The answers of a batch name the tier of any call, and only its row that it was one.
    COALESCE(CASE r.service_tier WHEN 'batch' THEN 'batch' END, s.service_tier, r.service_tier, '')
      AS tier, COALESCE(r.region, '') AS region
  FROM met AS m
  INNER JOIN raw.request_kind AS r ON m.request_kind = r.kind_id
  LEFT JOIN raw.span_kind AS s ON m.span_kind = s.kind_id
  LEFT JOIN book.sold_as AS a ON r.provider = a.provider AND r.response_model = a.sold_model
    AND s.response_model = a.told_model AND s.response_model_evidence = 'reported'
),
-- What other spans of a call knew.
merged AS (
  SELECT COALESCE(r.provider, m.provider, k.provider, '') AS provider,
    COALESCE(a.sold_model, CASE WHEN k.response_model_evidence = 'reported' THEN k.response_model
      ELSE COALESCE(m.model, r.response_model, k.response_model, '') END) AS model,
    COALESCE(CASE r.service_tier WHEN 'batch' THEN 'batch' END, m.service_tier, k.service_tier,
      r.service_tier, '') AS tier,
    COALESCE(r.region, '') AS region
  FROM (
    SELECT p.request_kind, s.kind_id AS span_kind, c.model, c.service_tier, c.provider
    FROM book.same_call AS c
    INNER JOIN raw.span_row AS s ON c.row_id = s.row_id
    LEFT JOIN book.pair AS p ON c.row_id = p.span_row
    WHERE c.is_kept
      AND (c.model IS NOT NULL OR c.service_tier IS NOT NULL OR c.provider IS NOT NULL)
    GROUP BY p.request_kind, s.kind_id, c.model, c.service_tier, c.provider
  ) AS m
  INNER JOIN raw.span_kind AS k ON m.span_kind = k.kind_id
  LEFT JOIN raw.request_kind AS r ON m.request_kind = r.kind_id
  LEFT JOIN book.sold_as AS a ON r.provider = a.provider AND r.response_model = a.sold_model
    AND CASE WHEN k.response_model_evidence = 'reported' THEN k.response_model ELSE m.model END
      = a.told_model
)
SELECT provider_raw, model_raw, tier_raw, region_raw
FROM (
  SELECT provider AS provider_raw, COALESCE(model, '') AS model_raw, tier AS tier_raw,
    region AS region_raw
  FROM told
  UNION ALL
  SELECT provider, model, tier, region FROM merged
  UNION ALL
  SELECT provider, COALESCE(gateway_model, ''), tier, region FROM told
  UNION ALL
  SELECT provider, requested_model, tier, region FROM told WHERE requested_model IS NOT NULL
  UNION ALL
  SELECT provider, priced_model, tier, region FROM told WHERE priced_model IS NOT NULL
  UNION ALL
  SELECT a.provider_raw, a.model_raw, t.tier, t.region
  FROM (SELECT provider, tier, region FROM told
    UNION ALL SELECT provider, tier, region FROM merged) AS t
  INNER JOIN book.attempt AS a ON t.provider = a.provider_raw
  UNION ALL
  SELECT COALESCE(provider, ''), COALESCE(response_model, ''), COALESCE(service_tier, ''), ''
  FROM raw.span_kind
  WHERE role IN ('llm_call', 'gateway')
  UNION ALL
  SELECT provider, COALESCE(model_raw, ''), CASE
      -- As book.unbilled_as has it: such usage is held against the price without a tier.
      WHEN service_tier IN ('incentivized-tier', 'incentivized_tier', 'byok')
        OR provider = 'anthropic' AND service_tier = 'priority' THEN ''
      ELSE COALESCE(service_tier, '') END, COALESCE(region, '')
  FROM raw.usage
  UNION ALL
  SELECT provider, COALESCE(model_raw, ''), COALESCE(service_tier, ''), COALESCE(region, '')
  FROM raw.bill
) AS named
GROUP BY provider_raw, model_raw, tier_raw, region_raw
