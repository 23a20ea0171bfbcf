-- reads:  raw.request_row, raw.request_kind, book.duplicate
-- writes: book.answered_as
-- grain:  one row a gateway row and the id that its client saw as the response's, where the row
--         notes another: the gateway's own id of the request, or of the one whose only call it was
SELECT r.row_id, r.request_id AS told_id
FROM raw.request_row AS r
INNER JOIN raw.request_kind AS k ON r.kind_id = k.kind_id
LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
WHERE NOT COALESCE(k.is_response_request, FALSE) AND COALESCE(r.response_id, '') <> r.request_id
  AND d.row_id IS NULL
UNION ALL
SELECT MIN(r.row_id), r.parent_request_id
FROM raw.request AS r
LEFT JOIN book.duplicate AS d ON r.row_id = d.row_id
WHERE r.parent_request_id IS NOT NULL AND d.row_id IS NULL
GROUP BY r.parent_request_id
HAVING COUNT(*) = 1 AND MIN(r.request_id) <> r.parent_request_id
  AND COALESCE(MIN(r.response_id), '') <> r.parent_request_id
