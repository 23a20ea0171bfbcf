-- reads:  book.price_line, book.sheet, book.moved_tier
-- writes: book.price_case
-- grain:  one row a row of book.price_line that says something of a price, of billed things whose
--         bill can be held against the list; room_usd is by how much rounding may change it;
--         moved_tiers are those of its usage that it counts otherwise than we do, or all of them
SELECT l.*, t.lines, t.all_free_as, s.service_tier AS own_tier,
  CASE WHEN 'batch' IN (s.service_tier, o.service_tier) THEN 'batch_price'
    WHEN s.service_tier <> 'standard' OR o.service_tier <> 'standard' THEN 'service_tier' END
    AS tier_cause,
  GREATEST(COALESCE(s.min_prompt, 0), COALESCE(o.min_prompt, 0)) > 0 AS is_long,
  GREATEST(l.quantum_usd, CASE WHEN l.bill_rows = 0 THEN t.step_usd ELSE 0 END) * 0.5
    + 0.000000000001 * (l.bill_rows + 1) AS room_usd,
  ABS(l.list_usd - l.base_usd) > room_usd AS is_changed,
  COALESCE(NULLIF(array_to_string(list_intersect(string_split(l.usage_tiers, ', '), m.tiers), ', '),
    ''), l.usage_tiers) AS moved_tiers
FROM book.price_line AS l
INNER JOIN (
  SELECT provider, account_id, key_id, day, billed, COUNT(*) AS lines,
    MAX(step_usd) AS step_usd, MAX(free_as) AS all_free_as
  FROM book.price_line
  WHERE has_bill AND is_billed_day AND (base_usd <> 0 OR list_usd <> 0 OR bill_usd <> 0)
  GROUP BY provider, account_id, key_id, day, billed
  HAVING SUM(bill_rows) > 0 AND SUM(unpriced) = 0 AND MAX(ABS(bill_usd)) < 1000000000000
    AND MAX(ABS(base_usd)) < 1000000000000
) AS t USING (provider, account_id, key_id, day, billed)
LEFT JOIN book.sheet AS s ON l.sheet_id = s.sheet_id
LEFT JOIN book.sheet AS o ON l.other_sheet_id = o.sheet_id
LEFT JOIN book.moved_tier AS m
  ON l.provider = m.provider AND l.account_id = m.account_id AND l.key_id = m.key_id
  AND l.day = m.day AND l.billed = m.model
-- Lines that only count calls say nothing about the price.
WHERE l.base_usd <> 0 OR l.list_usd <> 0 OR l.bill_usd <> 0
