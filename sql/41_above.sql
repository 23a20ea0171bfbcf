-- reads:  book.unusual
-- writes: book.above as a view
-- grain:  one row a request whose drift is above its tolerance
SELECT * FROM book.unusual WHERE is_above
