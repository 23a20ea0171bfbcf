-- reads:  book.model_key
-- writes: book.deployment
-- grain:  one row a model name that is none: the id of a deployment, which a gateway made up
SELECT DISTINCT model_raw FROM book.model_key
WHERE regexp_full_match(lower(model_raw), '(sha256:)?[0-9a-f]{32,}')
  OR regexp_full_match(lower(model_raw), '[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}')
