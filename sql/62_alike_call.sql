-- reads:  book.volume_fit, book.dated, book.request_key, book.workflow
-- writes: book.alike_call
-- grain:  one row a day and model where the provider billed one attempt that failed, to the token:
--         who made those that are alike, a tenant and workflow class of each, the class as
--         36_day_sum has it. It is of one of them, and nothing says of which
WITH fit AS (
  SELECT provider, account_id, key_id, day, model, MAX(label) AS label
  FROM book.volume_fit
  GROUP BY provider, account_id, key_id, day, model
  HAVING COUNT(*) = 1 AND MAX(cause) = 'failed_but_billed' AND MAX(label) <> ''
)
SELECT f.provider, f.account_id, f.key_id, f.day, f.model,
  list(CAST(to_json([r.tenant_id, COALESCE(CASE WHEN w.workflow_id IS NULL
    THEN r.workflow_name ELSE w.workflow_name END, '')]) AS VARCHAR)) AS makers
FROM fit AS f
INNER JOIN book.dated AS r
  ON f.provider = r.provider AND f.day = r.day AND f.model = r.model
  AND f.label = book.counts_of(r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h,
    r.cache_write, r.output, r.reasoning, r.web_search)
LEFT JOIN book.workflow AS w
  ON r.workflow_id = w.workflow_id AND w.calls > 1 AND (w.stands_for OR w.renames)
LEFT JOIN book.request_key AS k
  ON r.provider = k.provider AND r.request_kind = k.request_kind AND r.span_kind = k.span_kind
WHERE r.charge_status = 'failed_attempt' AND r.prompt_tokens > 0
  AND COALESCE(k.account_id, '') = f.account_id AND COALESCE(k.key_id, '') = f.key_id
GROUP BY f.provider, f.account_id, f.key_id, f.day, f.model
