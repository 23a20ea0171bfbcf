-- reads:  book.billed, book.lent, book.bucket_cause, book.untyped_line, book.cause_kind
-- writes: book.scope
-- grain:  one row a provider, account, key, day, billed thing and billed type: the bill, how much
--         of it the requests there back, and how much others (lent_usd). Where the provider counts
--         more tokens than we do, and no finding says of which requests, the bill of the surplus
--         is backed by no request; where it does not say how many it counts, what is above our
--         charge is, unless a price explains it; what has no price never is. Tokens of one family,
--         split otherwise, are no surplus. Calls that are known to be of another tier count at it
WITH counted AS (
  SELECT provider, account_id, key_id, day, billed, billed_type, model, kin,
    SUM(COALESCE(charge_usd, 0)) AS charge_usd, SUM(volume_usd) AS volume_usd,
    SUM(dearer_usd) AS dearer_usd,
    SUM(delta) <= 0 AND bool_or(kin <> token_type) AS is_same,
    SUM(COALESCE(bill_usd, 0)) AS bill_usd, SUM(COALESCE(quantum_usd, 0)) AS quantum_usd,
    SUM(unpriced) AS unpriced, bool_or(has_count) AS has_count, bool_or(is_billed) AS is_billed
  FROM book.billed
  GROUP BY provider, account_id, key_id, day, billed, billed_type, model, kin
),
explained AS (
  SELECT provider, account_id, key_id, day, billed, billed_type, model, kin, SUM(usd) AS usd,
    SUM(CASE WHEN is_lent THEN usd ELSE 0 END) AS lent_usd
  FROM book.lent GROUP BY provider, account_id, key_id, day, billed, billed_type, model, kin
),
typed AS (
  SELECT c.*, COALESCE(e.lent_usd, 0) AS lent_usd, CASE WHEN c.is_same THEN 0
    ELSE GREATEST(c.volume_usd - COALESCE(e.usd, 0), 0) END AS surplus_usd
  FROM counted AS c
  LEFT JOIN explained AS e
    ON c.provider = e.provider AND c.account_id = e.account_id AND c.key_id = e.key_id
    AND c.day = e.day AND c.billed = e.billed AND c.billed_type = e.billed_type
    AND c.model = e.model AND c.kin = e.kin
),
summed AS (
  SELECT provider, account_id, key_id, day, billed, billed_type,
    SUM(charge_usd) AS charge_usd, SUM(charge_usd + volume_usd - dearer_usd) AS base_usd,
    SUM(surplus_usd) AS surplus_usd,
    -- Other requests back no more than what is there.
    GREATEST(LEAST(SUM(lent_usd), SUM(charge_usd + volume_usd - dearer_usd - surplus_usd)), 0)
      AS lent_usd,
    SUM(bill_usd) AS bill_usd,
    SUM(quantum_usd) AS quantum_usd, SUM(unpriced) AS unpriced,
    bool_or(has_count) AS has_count, bool_or(is_billed) AS is_billed
  FROM typed
  GROUP BY provider, account_id, key_id, day, billed, billed_type
),
-- Differences of a billed thing that no price explains.
unseen AS (
  SELECT b.provider, b.account_id, b.key_id, b.day, b.billed,
    bool_or(c.drift_usd < 0 AND COALESCE(k.cause_group, '') <> 'rate'
      AND c.cause NOT IN ('rounding', 'within_tolerance')) AS is_unseen,
    bool_or(c.drift_usd < 0 AND t.cause IS NOT NULL) AS is_untyped
  FROM (SELECT DISTINCT provider, account_id, key_id, day, billed FROM book.billed) AS b
  INNER JOIN book.bucket_cause AS c
    ON b.provider = c.provider AND b.account_id = c.account_id AND b.key_id = c.key_id
    AND b.day = c.day AND b.billed = c.model
  LEFT JOIN book.untyped_line AS t
    ON c.provider = t.provider AND c.account_id = t.account_id AND c.key_id = t.key_id
    AND c.day = t.day AND c.model = t.model AND c.cause = t.cause AND c.evidence = t.evidence
  LEFT JOIN book.cause_kind AS k ON split_part(c.cause, '|', 1) = k.cause
  GROUP BY b.provider, b.account_id, b.key_id, b.day, b.billed
),
weighed AS (
  SELECT s.*, COALESCE(u.is_unseen, FALSE) AS is_unseen,
    COALESCE(u.is_untyped, FALSE) AS is_untyped,
    book.units(s.base_usd) // book.weight_scale(book.units(s.base_usd)) AS base,
    book.units(GREATEST(s.base_usd - s.surplus_usd, 0))
      // book.weight_scale(book.units(s.base_usd)) AS seen,
    book.units(s.lent_usd) // book.weight_scale(book.units(s.base_usd)) AS lent,
    s.is_billed AND s.has_count AND s.unpriced = 0 AND s.lent_usd > 0 AND s.bill_usd > 0
      AND s.bill_usd < 1000000000000000 AS is_lent
  FROM summed AS s
  LEFT JOIN unseen AS u
    ON s.provider = u.provider AND s.account_id = u.account_id AND s.key_id = u.key_id
    AND s.day = u.day AND s.billed = u.billed
),
-- What requests of ours back, there or elsewhere.
known AS (
  SELECT *, CASE WHEN NOT is_billed OR charge_usd <= 0 AND NOT is_lent
      THEN CAST(0 AS DECIMAL(38,15))
    WHEN bill_usd <= charge_usd AND NOT (has_count AND unpriced = 0 AND surplus_usd > 0)
      THEN CAST(bill_usd AS DECIMAL(38,15))
    WHEN unpriced > 0 THEN CAST(charge_usd AS DECIMAL(38,15))
    WHEN has_count AND surplus_usd > 0 AND bill_usd > 0 AND bill_usd < 1000000000000000
      THEN book.usd_of(book.whole_part(book.units(bill_usd), seen, base))
    WHEN has_count AND NOT is_untyped OR bill_usd - charge_usd <= quantum_usd OR NOT is_unseen
      THEN CAST(bill_usd AS DECIMAL(38,15))
    ELSE CAST(charge_usd AS DECIMAL(38,15)) END AS known_usd,
    CASE WHEN is_lent THEN book.usd_of(book.whole_part(book.units(bill_usd), lent, base))
      ELSE CAST(0 AS DECIMAL(38,15)) END AS lent_bill_usd
  FROM weighed
)
SELECT provider, account_id, key_id, day, billed, billed_type, is_billed,
  CAST(charge_usd AS DECIMAL(38,15)) AS charge_usd, CAST(bill_usd AS DECIMAL(38,15)) AS bill_usd,
  CASE WHEN unpriced > 0 THEN '(no price)' ELSE '(no request)' END AS pool,
  CASE WHEN charge_usd > 0 THEN CAST(known_usd - lent_bill_usd AS DECIMAL(38,15))
    ELSE CAST(0 AS DECIMAL(38,15)) END AS backed_usd,
  CASE WHEN charge_usd > 0 THEN lent_bill_usd ELSE known_usd END AS lent_usd
FROM known
