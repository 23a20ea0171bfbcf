-- reads:  book.rated, book.long_day
-- writes: book.dated as a view
-- grain:  one row a row of book.rated, with the day under which it is compared with the provider's.
--         The day on which a call ended that only traces saw is told by its time
SELECT r.* REPLACE (
    CASE WHEN r.request_row IS NULL AND r.ended_us // 86400000000 <> r.started_us // 86400000000
      THEN book.day_text(r.ended_us // 86400000000) ELSE r.ended_day END AS ended_day),
  COALESCE(l.day, r.started_day) AS day
FROM book.rated AS r
LEFT JOIN book.long_day AS l
  ON r.provider = l.provider AND r.model = l.model AND r.started_day = l.started_day
