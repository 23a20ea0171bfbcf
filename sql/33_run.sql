-- reads:  book.rated, book.sheet
-- writes: book.run
-- grain:  one row a workflow run: sums of its calls, of what most calls have, and what caching
--         saved: cached tokens at the price of uncached ones less what they cost, less what cache
--         writes cost on top of uncached tokens.
-- Summed in one pass: summing parts by model first took as long, and twice as much memory. Each sum
-- makes all runs wider and so slower, which is why what few calls have is summed of those alone
-- (book.workflow): here is only noted which of these counts any call states, since none is not 0,
-- how any call knows its run, and whether one has no name.
-- A table of its own because a query with a part that is kept reads that on one thread.
WITH call AS (
  SELECT COALESCE(r.workflow_id, '') AS workflow_id, r.workflow_name, r.tenant_id, r.model,
    r.prompt_tokens, r.input, r.cache_read, r.cache_write_5m, r.output, r.reasoning,
    r.audio_out, r.image_out, r.spend_usd, r.charge_usd, r.started_us, r.ended_us,
    CASE WHEN r.cache_write_1h IS NULL THEN 0 ELSE 1 END
      + CASE WHEN r.cache_write IS NULL THEN 0 ELSE 2 END
      + CASE WHEN r.audio_in IS NULL THEN 0 ELSE 4 END
      + CASE WHEN r.audio_cached_in IS NULL THEN 0 ELSE 8 END
      + CASE WHEN r.audio_out IS NULL THEN 0 ELSE 16 END
      + CASE WHEN r.image_in IS NULL THEN 0 ELSE 32 END
      + CASE WHEN r.image_cached_in IS NULL THEN 0 ELSE 64 END
      + CASE WHEN r.image_out IS NULL THEN 0 ELSE 128 END
      + CASE WHEN r.web_search IS NULL THEN 0 ELSE 256 END
      + CASE r.workflow_rule WHEN 'workflow_id' THEN 512 WHEN 'session_id' THEN 1024
        WHEN 'trace_id' THEN 2048 ELSE 0 END
      + CASE WHEN r.workflow_name IS NULL THEN 4096 ELSE 0 END AS stated,
    CASE WHEN r.charge_status = 'rated' THEN CAST(
      CASE WHEN r.cache_read > 0 THEN CAST(r.cache_read AS DECIMAL(18,0))
        * COALESCE(s.input - s.cache_read, 0) ELSE 0.000000000000000 END
      - CASE WHEN r.cache_write_5m > 0 THEN CAST(r.cache_write_5m AS DECIMAL(18,0))
        * COALESCE(s.cache_write_5m - s.input, 0) ELSE 0.000000000000000 END
      + CASE WHEN COALESCE(r.audio_cached_in, 0) + COALESCE(r.image_cached_in, 0)
          + COALESCE(r.cache_write_1h, 0) + COALESCE(r.cache_write, 0) > 0
        THEN CAST(COALESCE(r.audio_cached_in, 0) AS DECIMAL(18,0))
            * COALESCE(s.audio_in - s.audio_cached_in, 0)
          + CAST(COALESCE(r.image_cached_in, 0) AS DECIMAL(18,0))
            * COALESCE(s.image_in - s.image_cached_in, 0)
          - CAST(COALESCE(r.cache_write_1h, 0) AS DECIMAL(18,0))
            * COALESCE(s.cache_write_1h - s.input, 0)
          - CAST(COALESCE(r.cache_write, 0) AS DECIMAL(18,0))
            * COALESCE(s.cache_write - s.input, 0)
        ELSE 0.000000000000000 END AS DECIMAL(38,15))
      ELSE 0.000000000000000 END AS cache_saved_usd
  FROM book.rated AS r
  LEFT JOIN book.sheet AS s ON r.sheet_id = s.sheet_id
)
SELECT workflow_id, MIN(workflow_name) AS workflow_name, MAX(workflow_name) AS last_workflow_name,
  MIN(tenant_id) AS tenant_id, MAX(tenant_id) AS last_tenant_id, MIN(model) AS model,
  MAX(model) AS last_model, COUNT(*) AS calls, COUNT(*) - COUNT(charge_usd) AS unpriced,
  CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
  CAST(SUM(COALESCE(output, 0) + COALESCE(reasoning, 0) + COALESCE(audio_out, 0)
    + COALESCE(image_out, 0)) AS BIGINT) AS answered_tokens,
  CAST(SUM(input) AS BIGINT) AS input, CAST(SUM(cache_read) AS BIGINT) AS cache_read,
  CAST(SUM(cache_write_5m) AS BIGINT) AS cache_write_5m, CAST(SUM(output) AS BIGINT) AS output,
  CAST(SUM(reasoning) AS BIGINT) AS reasoning, BIT_OR(stated) AS stated,
  CAST(SUM(spend_usd) AS DECIMAL(38,15)) AS spend_usd,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
  CAST(MAX(charge_usd) AS DECIMAL(38,15)) AS dearest_call_usd,
  CAST(SUM(cache_saved_usd) AS DECIMAL(38,15)) AS cache_saved_usd,
  MIN(started_us) AS started_us, MAX(COALESCE(ended_us, started_us)) AS ended_us
FROM call
GROUP BY workflow_id
