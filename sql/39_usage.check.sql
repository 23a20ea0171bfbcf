-- Of exports that tell of the same bucket just one counts.
SELECT 'bucket counted from two files' AS broken, provider, model, token_type, bucket_from_us
FROM book.usage
WHERE is_counted
GROUP BY provider, account_id, project_id, workspace_id, api_key_id, user_id, request_id,
  model_raw, model, service_tier, context_tier, region, token_type, bucket_from_us, bucket_to_us,
  correction
HAVING COUNT(DISTINCT file_id) > 1
