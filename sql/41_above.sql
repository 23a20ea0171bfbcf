-- reads:  book.unusual, book.settled
-- writes: book.above as a view
-- grain:  one row a request whose drift is above its tolerance, or is so where the provider settles
--         the range of its charge
SELECT * FROM book.unusual
WHERE is_above OR request_row IN (SELECT request_row FROM book.settled)
