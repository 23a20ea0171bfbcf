-- heavy
-- reads:  book.rated
-- writes: book.day_kind
-- grain:  one row a UTC day, provider, and kinds of gateway row and span that a request of it has
SELECT started_day, provider, request_kind, span_kind
FROM book.rated
GROUP BY started_day, provider, request_kind, span_kind
