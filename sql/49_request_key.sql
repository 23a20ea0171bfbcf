-- reads:  book.day_kind, book.split, raw.request_kind, raw.span_kind
-- writes: book.request_key
-- grain:  one row a provider whose buckets are compared by account, project or key, and kinds of
--         gateway row and span that a request of it has: which of them it is in
WITH kind AS (
  SELECT DISTINCT provider, request_kind, span_kind FROM book.day_kind
)
SELECT r.provider, r.request_kind, r.span_kind,
  CASE WHEN s.by_account THEN COALESCE(g.organization_id, c.organization_id, '') ELSE '' END
    AS account_id,
  book.key_of(s.by_project, s.by_key, s.by_key_name, COALESCE(g.project_id, c.project_id),
    COALESCE(g.api_key_id, c.api_key_id), COALESCE(g.api_key_name, c.api_key_name)) AS key_id
FROM kind AS r
INNER JOIN book.split AS s ON r.provider = s.provider
LEFT JOIN raw.request_kind AS g ON r.request_kind = g.kind_id
LEFT JOIN raw.span_kind AS c ON r.span_kind = c.kind_id
