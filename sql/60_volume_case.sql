-- reads:  book.volume, book.shift, book.drift, book.dated, book.day_sum,
--         book.volume_tenant, raw.request_kind
-- writes: book.volume_case
-- grain:  one row a day and model of book.volume and thing that may explain a part of it, or
--         nothing: what is left of the difference then, and which mistake has that shape
WITH reasons AS (
  SELECT DISTINCT provider, model FROM book.drift WHERE quantity_reasoning > 0
),
-- Providers that count reasoning apart from the answer.
apart AS (
  SELECT DISTINCT provider FROM book.drift WHERE token_type = 'reasoning'
),
detailed AS (
  SELECT DISTINCT provider, model FROM book.day_sum WHERE token_types = 'split'
),
-- Days with streamed answers that came without the details of a provider's count: of as many calls,
-- or where the provider counts none and other calls of the model have details.
streamed AS (
  SELECT v.provider, v.day, v.model, v.is_counted, SUM(r.prompt_tokens) AS prompt
  FROM (SELECT provider, day, model,
      COALESCE(bool_or(requests_provider = requests), FALSE) AS is_counted
    FROM book.volume GROUP BY provider, day, model
    HAVING bool_or(requests_provider = requests) OR COUNT(requests_provider) = 0
      AND (provider, model) IN (SELECT (provider, model) FROM detailed)) AS v
  INNER JOIN book.dated AS r
    ON v.provider = r.provider AND v.day = r.day AND v.model = r.model
  INNER JOIN raw.request_kind AS k ON r.request_kind = k.kind_id
  WHERE k.is_streamed AND r.usage_source = 'gateway' AND r.charge_status = 'rated'
    AND r.cache_read IS NULL AND r.reasoning IS NULL
  GROUP BY v.provider, v.day, v.model, v.is_counted
),
residual AS (
  SELECT v.provider, v.account_id, v.key_id, v.day, v.model, v.volume_usd, v.tokens, v.moved,
    v.requests, v.requests_provider, v.requests_failed, COALESCE(v.reasoning, 0) AS reasoning,
    v.our_cache_read, v.our_written, v.cache_read_usd, v.is_modality AND s.shift IS NULL
      AS is_modality, r.model IS NOT NULL AS is_reasoning_model,
    v.requests_provider = v.requests OR v.requests_provider <= v.requests - v.uncounted AS is_known,
    -- An estimate counts no cached tokens, and too much input only of its own.
    e.model IS NOT NULL AND (e.is_counted OR LEAST(v.cache_read, v.write_5m, v.write_1h, v.write,
      v.input + e.prompt) >= 0) AS has_estimates,
    p.provider IS NOT NULL AS is_apart,
    CASE WHEN p.provider IS NOT NULL AND s.shift IS NULL THEN v.of_reasoning END AS of_reasoning,
    s.shift, s.cause AS first_cause, s.label, s.evidence AS first_evidence, s.calls,
    s.shift IS NULL AND t.is_double AS is_double,
    s.shift IS NULL AND t.is_write_double AS is_write_double,
    s.shift IS NULL AND t.is_taken_twice AS is_taken_twice,
    s.shift IS NULL AND t.is_reasoning_double AS is_reasoning_double,
    v.usd_input, v.usd_cache_read, v.usd_write_5m, v.usd_write_1h, v.usd_write, v.usd_output,
    v.input - COALESCE(s.input, 0) AS input, v.cache_read - COALESCE(s.cache_read, 0)
      AS cache_read, v.write_5m - COALESCE(s.write_5m, 0) AS write_5m,
    v.write_1h - COALESCE(s.write_1h, 0) AS write_1h, v.write - COALESCE(s.write, 0) AS write,
    v.output - COALESCE(s.output, 0) AS output, v.web_search - COALESCE(s.web_search, 0)
      AS web_search, v.other - COALESCE(s.other, 0) AS other
  FROM book.volume AS v
  LEFT JOIN (
    SELECT * FROM book.shift
    UNION ALL
    SELECT provider, account_id, key_id, day, model, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, NULL,
      NULL FROM book.volume
  ) AS s
    ON v.provider = s.provider AND v.account_id = s.account_id AND v.key_id = s.key_id
    AND v.day = s.day AND v.model = s.model
  LEFT JOIN reasons AS r ON v.provider = r.provider AND v.model = r.model
  LEFT JOIN apart AS p ON v.provider = p.provider
  LEFT JOIN streamed AS e ON v.provider = e.provider AND v.day = e.day AND v.model = e.model
  LEFT JOIN book.volume_tenant AS t
    ON v.provider = t.provider AND v.account_id = t.account_id AND v.key_id = t.key_id
    AND v.day = t.day AND v.model = t.model
),
summed AS (
  SELECT *, input + cache_read + write_5m + write_1h + write AS prompt,
    write_5m + write_1h + write AS written,
    CAST(COALESCE(CAST(input AS DECIMAL(18,0)) * usd_input, 0.000000000000000)
      + COALESCE(CAST(cache_read AS DECIMAL(18,0)) * usd_cache_read, 0.000000000000000)
      + COALESCE(CAST(write_5m AS DECIMAL(18,0)) * usd_write_5m, 0.000000000000000)
      + COALESCE(CAST(write_1h AS DECIMAL(18,0)) * usd_write_1h, 0.000000000000000)
      + COALESCE(CAST(write AS DECIMAL(18,0)) * usd_write, 0.000000000000000)
      AS DECIMAL(38,15)) AS prompt_usd,
    CAST(COALESCE(CAST(output AS DECIMAL(18,0)) * usd_output, 0.000000000000000)
      AS DECIMAL(38,15)) AS output_usd,
    LEAST(input, cache_read, write_5m, write_1h, write, output, web_search, other) >= 0 AS is_more,
    GREATEST(input, cache_read, write_5m, write_1h, write, output, web_search, other) <= 0
      AS is_less
  FROM residual
),
shaped AS (
  SELECT *,
    -- Which mistake makes the prompt differ as it does, and which the answer.
    CASE
      WHEN input = 0 AND cache_read = 0 AND write_5m = 0 AND write_1h = 0 AND write = 0 THEN ''
      WHEN prompt = 0 AND cache_read > 0 OR cache_read > 0 AND input = 0 AND written = 0
        THEN 'cache_read_undercount'
      WHEN prompt = 0 AND cache_read < 0 OR cache_read < 0 AND input = 0 AND written = 0
        THEN 'cache_read_overcount'
      WHEN cache_read = 0 AND input = 0 AND written = 0 THEN 'cache_write_ttl'
      WHEN cache_read = 0 AND written = 0 AND (our_cache_read > 0
        AND -input IN (our_cache_read, our_cache_read + our_written) OR is_double)
        THEN 'cache_double_count'
      WHEN cache_read = 0 AND written = 0 AND (our_written > 0 AND -input = our_written
        OR is_write_double) THEN 'cache_write_double_count'
      WHEN cache_read = 0 AND written = 0 AND (our_cache_read > 0 AND input = our_cache_read
        OR is_taken_twice) THEN 'cache_taken_twice'
      WHEN cache_read = 0 AND written > 0 AND (prompt = 0 OR input = 0)
        THEN 'cache_write_undercount'
      WHEN cache_read = 0 AND written < 0 AND (prompt = 0 OR input = 0)
        THEN 'cache_write_overcount'
    END AS prompt_cause,
    CASE
      WHEN output = 0 THEN ''
      -- All that is more is reasoning, or all that may be is.
      WHEN output > 0 AND (of_reasoning = output
        OR reasoning = 0 AND of_reasoning IS NULL AND is_reasoning_model)
      -- A count that holds the reasoning does not tell it from the rest of an answer.
      THEN CASE WHEN is_apart THEN 'reasoning_dropped' ELSE 'reasoning_dropped|usage_partial' END
      WHEN output > 0 THEN 'usage_partial'
      WHEN (-output = reasoning OR is_reasoning_double)
        AND COALESCE(of_reasoning = output, TRUE) THEN 'reasoning_double_count'
      WHEN requests_provider = requests THEN 'usage_differs'
    END AS output_cause
  FROM summed
)
SELECT provider, account_id, key_id, day, model, volume_usd, tokens, moved, requests,
  requests_provider, requests_failed, shift, first_cause, label, first_evidence, calls, input,
  cache_read, write_5m, write_1h, write, output, web_search, other, prompt_usd, output_usd,
  prompt_cause, output_cause, has_estimates, cache_read_usd,
  input = 0 AND cache_read = 0 AND write_5m = 0 AND write_1h = 0 AND write = 0 AND output = 0
    AND web_search = 0 AND other = 0 AS is_nothing,
  CASE
    WHEN is_modality AND NOT is_nothing THEN 'modality_rate'
    WHEN web_search <> 0 AND prompt_cause = '' AND output = 0 AND other = 0 THEN 'tool_fee'
    WHEN web_search <> 0 OR other <> 0 THEN NULL
    WHEN output_cause = '' THEN prompt_cause
    WHEN prompt_cause = '' THEN output_cause
  END AS shape_cause,
  CASE WHEN web_search = 0 OR other <> 0 OR is_modality THEN NULL
    WHEN output_cause = '' THEN prompt_cause
    WHEN prompt_cause = '' THEN output_cause
  END AS beside_tool,
  -- No call has cached tokens alone.
  CASE WHEN shift IS NULL AND input = 0 AND output = 0 AND web_search = 0 AND other = 0
      AND requests > 0 AND COALESCE(requests_provider = requests, requests_failed = 0)
    THEN CASE WHEN cache_read > 0 AND written > 0 THEN 'undercount'
      WHEN cache_read < 0 AND written < 0 THEN 'overcount' END END AS cache_shape,
  CASE
    WHEN is_more AND shift IS NULL AND is_known THEN 'usage_differs'
    WHEN is_more THEN 'row_missing_gateway'
    WHEN is_less AND shift IS NULL AND requests_provider >= requests THEN 'usage_differs'
    WHEN is_less THEN 'row_missing_provider'
  END AS sign_cause
FROM shaped
