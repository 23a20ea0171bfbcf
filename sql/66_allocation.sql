-- reads:  book.share, book.bucket, book.policy, book.policy_receiver
-- writes: book.allocation
-- grain:  one row a shared out row of book.share and receiver, and one that takes the amount from
--         where it stood. Policies are followed in their order, so that what a tenant receives by
--         one may be shared out by a later one. ratio is the receiver's part of the first amount,
--         over all policies on the way; the ratios of an amount are 1 together. What is read more
--         than once is materialized: the plan would be eight times as large, and take that long
WITH RECURSIVE step AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY place) AS step, place, kind, tenant_id, method,
    CASE WHEN method <> 'proportional' THEN method
      WHEN kind = 'pool' AND tenant_id = '(no price)' AND share_by = 'charge'
      THEN 'proportional by tokens without a price'
      ELSE 'proportional by ' || share_by END AS said,
    CASE WHEN kind = 'pool' AND tenant_id = '(no price)' AND share_by = 'charge' THEN 'unpriced'
      ELSE share_by END AS share_by,
    CASE WHEN kind = 'pool' AND method = 'proportional' THEN TRUE ELSE FALSE END AS by_provider
  FROM book.policy WHERE method <> 'keep'
),
-- What tenants used, at each provider and in all.
used AS (
  SELECT tenant_id, provider, CAST(COALESCE(SUM(book.units(charge_usd)), 0) AS HUGEINT) AS charge,
    CAST(COALESCE(SUM(quantity) FILTER (charge_status NOT IN ('gateway_cache_hit',
      'failed_attempt') AND token_type IN ('input', 'cache_read', 'cache_write_5m',
      'cache_write_1h', 'cache_write', 'output', 'reasoning', 'audio_in', 'audio_cached_in',
      'audio_out', 'image_in', 'image_cached_in', 'image_out')), 0) AS HUGEINT) AS tokens,
    CAST(COALESCE(SUM(quantity) FILTER (charge_status IN ('unpriced', 'impossible')), 0)
      AS HUGEINT) AS unpriced, CAST(0 AS HUGEINT) AS requests
  FROM book.share WHERE kind = 'tenant' GROUP BY tenant_id, provider
  UNION ALL
  SELECT tenant_id, provider, 0, 0, 0, SUM(requests) FROM book.bucket GROUP BY tenant_id, provider
),
measured AS MATERIALIZED (
  SELECT tenant_id, provider, SUM(charge) AS charge, SUM(tokens) AS tokens,
    SUM(unpriced) AS unpriced, SUM(requests) AS requests
  FROM used GROUP BY tenant_id, provider
  UNION ALL
  SELECT tenant_id, '*', SUM(charge), SUM(tokens), SUM(unpriced), SUM(requests)
  FROM used GROUP BY tenant_id
),
-- Who receives: those that are named, else all tenants that no policy has emptied by then.
receiver AS (
  SELECT s.step, r.tenant_id, r.percent
  FROM step AS s INNER JOIN book.policy_receiver AS r ON s.place = r.place
  UNION ALL
  SELECT s.step, m.tenant_id, NULL
  FROM step AS s
  INNER JOIN measured AS m ON m.provider = '*' AND m.tenant_id <> 'unattributed'
  LEFT JOIN step AS e ON e.kind = 'tenant' AND e.tenant_id = m.tenant_id AND e.step <= s.step
  WHERE e.step IS NULL
    AND NOT EXISTS (SELECT 1 FROM book.policy_receiver AS r WHERE r.place = s.place)
),
asked AS (
  SELECT r.step, COALESCE(m.provider, '*') AS provider, r.tenant_id, s.said, s.by_provider,
    GREATEST(CASE s.method WHEN 'even' THEN 1 WHEN 'fixed' THEN book.units(r.percent)
      ELSE COALESCE(CASE s.share_by WHEN 'charge' THEN m.charge WHEN 'tokens' THEN m.tokens
        WHEN 'unpriced' THEN m.unpriced ELSE m.requests END, 0) END, 0) AS measure
  FROM receiver AS r
  INNER JOIN step AS s ON r.step = s.step
  LEFT JOIN measured AS m
    ON r.tenant_id = m.tenant_id AND (m.provider <> '*') = s.by_provider
),
weighed AS (
  SELECT *, measure // book.weight_scale(SUM(measure) OVER (PARTITION BY step, provider))
    AS weight
  FROM asked
),
target AS MATERIALIZED (
  SELECT *, CAST(SUM(weight) OVER (PARTITION BY step, provider) AS HUGEINT) AS total
  FROM weighed
),
source AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY kind, tenant_id, provider, day, model, token_type,
      workflow_name, is_billed) AS line, kind, tenant_id, provider, day, model, token_type,
    workflow_name, is_billed, CAST(SUM(book.units(amount_usd)) AS HUGEINT) AS units
  FROM book.share WHERE (kind, tenant_id) IN (SELECT (kind, tenant_id) FROM step)
  GROUP BY kind, tenant_id, provider, day, model, token_type, workflow_name, is_billed
  HAVING SUM(amount_usd) <> 0
),
moved AS (
  SELECT CAST(0 AS BIGINT) AS step, line, kind, tenant_id, provider, units,
    CAST(1000000000000000 AS HUGEINT) AS ratio, '' AS method
  FROM source
  UNION ALL
  (
    WITH held AS (
      SELECT m.*, m.kind = s.kind AND m.tenant_id = s.tenant_id AND COALESCE(
          (SELECT MAX(t.total) FROM target AS t WHERE t.step = s.step
            AND t.provider = CASE WHEN t.by_provider THEN m.provider ELSE '*' END), 0) > 0
          AS is_shared
      FROM moved AS m INNER JOIN step AS s ON s.step = m.step + 1
    ),
    parted AS (
      SELECT h.line, h.method, t.tenant_id, h.step, h.provider, h.units, h.ratio, t.said,
        book.whole_part(ABS(h.units), t.weight, t.total) AS part,
        book.left_over(ABS(h.units), t.weight, t.total) AS remainder,
        book.whole_part(h.ratio, t.weight, t.total) AS ratio_part,
        book.left_over(h.ratio, t.weight, t.total) AS ratio_remainder
      FROM held AS h
      INNER JOIN target AS t
        ON t.step = h.step + 1 AND h.is_shared
        AND t.provider = CASE WHEN t.by_provider THEN h.provider ELSE '*' END
    ),
    ordered AS (
      SELECT *, ABS(units) - SUM(part) OVER one AS missing,
        ratio - SUM(ratio_part) OVER one AS ratio_missing,
        row_number() OVER (
          PARTITION BY line, method ORDER BY remainder DESC, tenant_id) AS place,
        row_number() OVER (
          PARTITION BY line, method ORDER BY ratio_remainder DESC, tenant_id) AS ratio_place
      FROM parted WINDOW one AS (PARTITION BY line, method)
    )
    SELECT step + 1, line, kind, tenant_id, provider, units, ratio, method
    FROM held WHERE NOT is_shared
    UNION ALL
    SELECT step + 1, line, 'tenant', tenant_id, provider,
      CAST(SIGN(units) * (part + CASE WHEN place <= missing THEN 1 ELSE 0 END) AS HUGEINT),
      CAST(ratio_part + CASE WHEN ratio_place <= ratio_missing THEN 1 ELSE 0 END AS HUGEINT),
      CASE WHEN method = '' THEN said ELSE method || ', then ' || said END
    FROM ordered
  )
),
landed AS MATERIALIZED (
  SELECT line, kind, tenant_id, units, ratio, method FROM moved
  WHERE step = (SELECT COUNT(*) FROM step) AND method <> ''
)
SELECT l.kind, l.tenant_id, s.day, s.provider, s.model, s.token_type, s.workflow_name,
  s.is_billed, s.tenant_id AS origin, l.method, CAST(book.usd_of(l.ratio) AS DECIMAL(18,15))
    AS ratio, book.usd_of(l.units) AS amount_usd, s.line
FROM landed AS l INNER JOIN source AS s ON l.line = s.line
UNION ALL
SELECT s.kind, s.tenant_id, s.day, s.provider, s.model, s.token_type, s.workflow_name, s.is_billed,
  s.tenant_id, 'shared out', NULL, book.usd_of(-s.units), s.line
FROM source AS s WHERE s.line IN (SELECT line FROM landed)
