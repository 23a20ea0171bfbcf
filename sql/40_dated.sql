-- reads:  book.rated, book.long_day
-- writes: book.dated as a view
-- grain:  one row a row of book.rated, with the day under which it is compared with the provider's
SELECT r.*, COALESCE(l.day, r.started_day) AS day
FROM book.rated AS r
LEFT JOIN book.long_day AS l
  ON r.provider = l.provider AND r.model = l.model AND r.started_day = l.started_day
