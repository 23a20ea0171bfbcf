-- heavy
-- reads:  book.rated
-- writes: book.day_hour
-- grain:  one row a UTC day and hour of it, with how many gateway rows began in it
SELECT started_day, started_us - MOD(started_us, 3600000000) AS hour_us, COUNT(*) AS requests
FROM book.rated
WHERE request_row IS NOT NULL
GROUP BY started_day, started_us - MOD(started_us, 3600000000)
