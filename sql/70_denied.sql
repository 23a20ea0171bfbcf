-- reads:  raw.request, raw.source_file
-- writes: book.denied
-- grain:  one row a gateway file that withholds what its gateway knows: an export from which the
--         workspace leaves out bodies and metadata, or in which they are encrypted
SELECT r.file_id, bool_and(r.tags IS NULL AND r.tenant_tag IS NULL AND r.workflow_id IS NULL)
    AS is_metadata_denied,
  bool_and(r.response_model_evidence IS DISTINCT FROM 'reported') AS is_body_denied
FROM raw.request AS r INNER JOIN raw.source_file AS f ON r.file_id = f.file_id
WHERE r.gateway = 'portkey' OR f.format LIKE 'cloudflare%logpush%'
GROUP BY r.file_id
HAVING bool_and(r.tags IS NULL AND r.tenant_tag IS NULL AND r.workflow_id IS NULL)
  AND bool_and(r.response_model_evidence IS DISTINCT FROM 'reported')
