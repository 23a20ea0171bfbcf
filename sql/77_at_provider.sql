-- reads:  book.effect, book.usage, book.bill, book.long_day
-- writes: book.at_provider
-- grain:  one row a provider, account, key, UTC day and model that the provider's files tell of,
--         where they do not name each call: there ids decide (book.provider_call), and no bucket
WITH told AS (
  SELECT DISTINCT provider, account_id, key_id, day, model FROM book.effect
  WHERE NOT is_beside AND (quantity_provider > 0 OR bill_rows > 0)
),
by_id AS (
  SELECT DISTINCT provider, day, model FROM book.usage
  WHERE is_counted AND is_in_period AND request_id IS NOT NULL
  UNION
  SELECT DISTINCT provider, day, model FROM book.bill
  WHERE is_counted AND is_in_period AND request_id IS NOT NULL
)
SELECT DISTINCT t.provider, t.account_id, t.key_id, COALESCE(l.started_day, t.day) AS day,
  COALESCE(m.model, t.model) AS model
FROM told AS t
LEFT JOIN (SELECT DISTINCT provider, day, model FROM book.effect) AS m
  ON t.provider = m.provider AND t.day = m.day AND t.model = ''
LEFT JOIN by_id AS i
  ON t.provider = i.provider AND t.day = i.day AND COALESCE(m.model, t.model) = i.model
LEFT JOIN book.long_day AS l
  ON t.provider = l.provider AND COALESCE(m.model, t.model) = l.model AND t.day = l.day
WHERE i.provider IS NULL
