-- reads:  raw.request_row, raw.span_row, raw.answer
-- writes: book.shared_id
-- grain:  one row a gateway row, span or logged header, and id of it by which others may tell of
--         the same: row_key is four times the row's number, and 0, 1 or 2; the id is a hash, since
--         a night that looks for the rows which share an id with new ones reads all of them. Two
--         ids of one hash do no harm: what is touched is worked out anew
SELECT row_id * 4 AS row_key, hash(request_id) AS id FROM raw.request_row
WHERE request_id IS NOT NULL
UNION ALL
SELECT row_id * 4, hash(call_id) FROM raw.request_row WHERE call_id IS NOT NULL
UNION ALL
SELECT row_id * 4, hash(response_id) FROM raw.request_row WHERE response_id IS NOT NULL
UNION ALL
SELECT row_id * 4, hash(provider_request_id) FROM raw.request_row
WHERE provider_request_id IS NOT NULL
UNION ALL
SELECT row_id * 4, hash(parent_request_id) FROM raw.request_row
WHERE parent_request_id IS NOT NULL
UNION ALL
SELECT row_id * 4, hash(trace_id) FROM raw.request_row WHERE trace_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 1, hash(call_id) FROM raw.span_row WHERE call_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 1, hash(response_id) FROM raw.span_row WHERE response_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 1, hash(provider_request_id) FROM raw.span_row
WHERE provider_request_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 1, hash(trace_id) FROM raw.span_row WHERE trace_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 2, hash(call_id) FROM raw.answer WHERE call_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 2, hash(response_id) FROM raw.answer WHERE response_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 2, hash(provider_request_id) FROM raw.answer
WHERE provider_request_id IS NOT NULL
UNION ALL
SELECT row_id * 4 + 2, hash(trace_id) FROM raw.answer WHERE trace_id IS NOT NULL
