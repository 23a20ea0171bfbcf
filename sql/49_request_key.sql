-- heavy
-- reads:  book.rated, book.split, raw.request_kind, raw.span_kind
-- writes: book.request_key
-- grain:  one row a provider whose buckets are compared by account, project or key, and kinds of
--         gateway row and span that a request of it has: which of them it is in
WITH kind AS (
  SELECT provider, request_kind, span_kind
  FROM book.rated
  GROUP BY provider, request_kind, span_kind
)
SELECT r.provider, r.request_kind, r.span_kind,
  CASE WHEN s.by_account THEN COALESCE(g.organization_id, c.organization_id, '') ELSE '' END
    AS account_id,
  CASE WHEN s.by_project THEN COALESCE(g.project_id, c.project_id, '') ELSE '' END
    || CASE WHEN s.by_project AND (s.by_key OR s.by_key_name) THEN '/' ELSE '' END
    || CASE WHEN s.by_key THEN COALESCE(g.api_key_id, c.api_key_id, '')
      WHEN s.by_key_name THEN COALESCE(g.api_key_name, c.api_key_name, '') ELSE '' END AS key_id
FROM kind AS r
INNER JOIN book.split AS s ON r.provider = s.provider
LEFT JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
LEFT JOIN raw.span_kind AS c ON r.span_kind = c.kind_id
