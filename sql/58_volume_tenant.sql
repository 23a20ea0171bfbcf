-- reads:  book.volume, book.bucket
-- writes: book.volume_tenant
-- grain:  one row a row of book.volume: which mistakes of counting the calls of one tenant alone
--         would give it, and of which tenant, if of just one; is_with_written: its cached tokens
--         and the written ones
SELECT v.provider, v.account_id, v.key_id, v.day, v.model,
  bool_or(t.cache_read > 0 AND -v.input IN (t.cache_read, t.cache_read + t.written))
    AS is_double, bool_or(t.cache_read > 0 AND -v.input = t.cache_read + t.written)
    AS is_with_written, bool_or(t.written > 0 AND -v.input = t.written) AS is_write_double,
  bool_or(t.cache_read > 0 AND v.input = t.cache_read) AS is_taken_twice,
  bool_or(t.reasoning > 0 AND -v.output = t.reasoning) AS is_reasoning_double,
  CASE WHEN COUNT(*) FILTER (t.cache_read > 0 AND -v.input IN (t.cache_read,
    t.cache_read + t.written) OR t.written > 0 AND -v.input = t.written
    OR t.reasoning > 0 AND -v.output = t.reasoning) = 1
    THEN MAX(t.tenant_id) FILTER (t.cache_read > 0 AND -v.input IN (t.cache_read,
      t.cache_read + t.written) OR t.written > 0 AND -v.input = t.written
      OR t.reasoning > 0 AND -v.output = t.reasoning) END AS tenant_id
FROM book.volume AS v
INNER JOIN (
  SELECT provider, account_id, key_id, day, model, tenant_id,
    COALESCE(SUM(cache_read), 0) AS cache_read, COALESCE(SUM(reasoning), 0) AS reasoning,
    COALESCE(SUM(cache_write_5m), 0) + COALESCE(SUM(cache_write_1h), 0)
      + COALESCE(SUM(cache_write), 0) AS written
  FROM book.bucket WHERE charge_status = 'rated'
  GROUP BY provider, account_id, key_id, day, model, tenant_id
) AS t
  ON v.provider = t.provider AND v.account_id = t.account_id AND v.key_id = t.key_id
  AND v.day = t.day AND v.model = t.model
GROUP BY v.provider, v.account_id, v.key_id, v.day, v.model
