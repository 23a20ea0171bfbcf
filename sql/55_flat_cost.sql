-- reads:  book.drift, book.bill
-- writes: book.flat_cost
-- grain:  one row a provider, UTC day and model, '' for all, that a commitment pays for: the bill
--         of its tokens is no sum of theirs. is_of_day: it is billed by the day or hour, as
--         capacity is that serves tokens; one of a month or more may be a promise to spend
SELECT e.provider, e.day, b.model,
  bool_or(b.bucket_to_us - b.bucket_from_us <= 86400000000) AS is_of_day
FROM (SELECT DISTINCT provider, day FROM book.drift) AS e
INNER JOIN book.bill AS b ON e.provider = b.provider
WHERE b.is_counted AND b.charge_category = 'commitment'
  AND epoch_us(strptime(e.day, '%Y-%m-%d')) < b.bucket_to_us
  AND epoch_us(strptime(e.day, '%Y-%m-%d')) + 86400000000 > b.bucket_from_us
GROUP BY e.provider, e.day, b.model
