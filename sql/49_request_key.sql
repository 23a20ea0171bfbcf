-- heavy
-- reads:  book.rated, book.split, raw.request, raw.span
-- writes: book.request_key
-- grain:  one row a request of a provider whose buckets are compared by account, project or key:
--         which of them it is in
SELECT r.request_row, r.span_row,
  CASE WHEN s.by_account THEN COALESCE(g.organization_id, c.organization_id, '') ELSE '' END
    AS account_id,
  CASE WHEN s.by_project THEN COALESCE(g.project_id, c.project_id, '') ELSE '' END
    || CASE WHEN s.by_project AND (s.by_key OR s.by_key_name) THEN '/' ELSE '' END
    || CASE WHEN s.by_key THEN COALESCE(g.api_key_id, c.api_key_id, '')
      WHEN s.by_key_name THEN COALESCE(g.api_key_name, c.api_key_name, '') ELSE '' END AS key_id
FROM book.rated AS r
INNER JOIN book.split AS s ON r.provider = s.provider
LEFT JOIN raw.request AS g ON r.request_row = g.row_id
LEFT JOIN raw.span AS c ON r.span_row = c.row_id
