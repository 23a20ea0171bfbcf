-- reads:  book.volume_case, book.shift, book.uncounted
-- writes: book.volume_part
-- grain:  one row a day and model of book.volume, explanation that fits and part of it; rank says
--         how good its evidence is: what is known gives the difference exactly (1; 0 where as many
--         calls say so too), it has the shape of a mistake in counting (2, 3), two known things
--         give it exactly (4), the provider is known to book by end, or by days of another hour
--         (5), rows logged twice that alone have no span, and calls that are missing, or a key and
--         such a mistake, or calls of which no side counted the tokens (6), one side has more of
--         everything (7), the shape of two mistakes (8), a known thing and such a shape (9),
--         nothing (10), but for streamed answers that may be estimated; label: which known thing
WITH by_end AS (
  SELECT DISTINCT provider, label FROM book.volume_case
  WHERE is_nothing AND first_cause = 'window_boundary' AND label IN ('', 'hour')
),
whole AS (
  SELECT 1 AS rank, first_cause AS cause, first_evidence AS evidence, * FROM book.volume_case
  WHERE is_nothing AND shift IS NOT NULL
  UNION ALL
  -- Types that are one in the end: an answer of which one side counts the reasoning apart.
  SELECT 2, 'usage_differs', 'the same tokens, split otherwise by the provider: ' || moved, *
  FROM book.volume_case WHERE is_nothing AND shift IS NULL
  UNION ALL
  SELECT 2, shape_cause, book.counted_otherwise(moved), *
  FROM book.volume_case
  WHERE shift IS NULL AND shape_cause <> '' AND COALESCE(requests_provider = requests, TRUE)
  UNION ALL
  SELECT 3, 'failed_but_billed', 'the provider counted prompts without an answer, and '
    || requests_failed || CASE requests_failed WHEN 1 THEN ' attempt' ELSE ' attempts' END
    || ' failed, whose counts do not give it: ' || moved, *
  FROM book.volume_case
  WHERE shift IS NULL AND requests_failed > 0 AND output = 0 AND sign_cause IS NOT NULL
    AND tokens > 0 AND COALESCE(requests_provider BETWEEN requests + 1
      AND requests + requests_failed, TRUE)
  UNION ALL
  SELECT 7, sign_cause, CASE sign_cause
      WHEN 'row_missing_gateway' THEN 'the provider counted more than gateway and traces: '
      WHEN 'row_missing_provider' THEN 'the provider counted less than gateway and traces: '
      ELSE 'as many calls, other tokens: ' END || moved || CASE
      WHEN sign_cause = 'row_missing_gateway' AND requests_provider > requests
        AND requests_provider <= requests + requests_failed
      THEN '; an answer of ' || requests_failed || CASE requests_failed WHEN 1 THEN ' attempt'
        ELSE ' attempts' END || ' that failed may have begun'
      ELSE '' END, *
  FROM book.volume_case
  WHERE shift IS NULL AND sign_cause IS NOT NULL
    AND NOT (sign_cause = 'usage_differs' AND has_estimates)
  UNION ALL
  SELECT CASE WHEN u.rank = 7 AND c.has_estimates AND c.sign_cause = 'usage_differs' THEN 10
      ELSE u.rank END, 'usage_missing', u.evidence || c.moved, c.*
  FROM book.volume_case AS c
  INNER JOIN book.uncounted AS u
    ON c.provider = u.provider AND c.account_id = u.account_id AND c.key_id = u.key_id
    AND c.day = u.day AND c.model = u.model AND u.shift IS NULL
  WHERE c.shift IS NULL
  UNION ALL
  SELECT 10, CASE WHEN has_estimates THEN 'usage_estimated' ELSE 'unexplained' END,
    CASE WHEN has_estimates THEN CASE WHEN requests_provider IS NULL THEN 'some calls'
        ELSE 'as many calls, of which some' END || ' were streamed and came without '
      || 'the details of a provider''s count: ' ELSE 'the provider counted otherwise: ' END
      || moved, *
  FROM book.volume_case WHERE shift IS NULL
),
-- Two parts: what the first is worth is known, the second is what is left of the difference.
two AS MATERIALIZED (
  SELECT 4 AS rank, a.first_cause AS cause, a.first_evidence AS evidence,
    b.cause AS second_cause, b.label AS second_label, b.evidence AS second_evidence,
    a.volume_usd - a.prompt_usd - a.output_usd AS first_usd, a.*
  FROM book.volume_case AS a
  INNER JOIN book.shift AS b
    ON a.provider = b.provider AND a.account_id = b.account_id AND a.key_id = b.key_id
    AND a.day = b.day AND a.model = b.model AND a.shift < b.shift AND a.first_cause <> b.cause
    AND a.input = b.input AND a.cache_read = b.cache_read AND a.write_5m = b.write_5m
    AND a.write_1h = b.write_1h AND a.write = b.write AND a.output = b.output
    AND a.web_search = b.web_search AND a.other = b.other
  UNION ALL
  SELECT 2, 'cache_read_' || cache_shape, book.counted_otherwise(moved),
    'cache_write_' || cache_shape, NULL, book.counted_otherwise(moved), cache_read_usd, *
  FROM book.volume_case WHERE cache_shape IS NOT NULL
  UNION ALL
  SELECT CASE WHEN e.provider IS NOT NULL THEN 5
      -- Twins that make up for no more calls than these.
      WHEN c.first_cause <> 'row_duplicated' OR c.requests_provider < c.requests
        OR c.sign_cause IS DISTINCT FROM 'row_missing_gateway' THEN 9
      WHEN c.label = 'no span' THEN 6
      -- Alike calls may well be two, where estimates of as many calls say it all.
      WHEN c.has_estimates THEN CASE WHEN c.requests_provider = c.requests THEN 11 ELSE 10 END
      WHEN c.requests_provider = c.requests THEN 7 ELSE 9 END,
    c.first_cause, c.first_evidence,
    COALESCE(NULLIF(c.shape_cause, ''), CASE WHEN u.rank = 6 THEN 'usage_missing'
      WHEN u.rank > 0 THEN 'row_missing_gateway|usage_missing' END, c.sign_cause, 'unexplained'),
    NULL, CASE WHEN u.rank > 0 AND COALESCE(c.shape_cause, '') = '' THEN u.evidence ELSE '' END
      || 'what is left of: ' || c.moved, c.volume_usd - c.prompt_usd - c.output_usd, c.*
  FROM book.volume_case AS c
  LEFT JOIN by_end AS e
    ON c.provider = e.provider AND c.label = e.label AND c.first_cause = 'window_boundary'
  LEFT JOIN book.uncounted AS u
    ON c.provider = u.provider AND c.account_id = u.account_id AND c.key_id = u.key_id
    AND c.day = u.day AND c.model = u.model AND c.shift = u.shift
  WHERE c.shift IS NOT NULL AND NOT c.is_nothing AND c.label IN ('', 'hour', 'no span')
    AND (e.provider IS NOT NULL OR c.shape_cause <> '' OR c.sign_cause IS NOT NULL)
  UNION ALL
  -- Of all keys only one that passes the gateway leaves a rest of so strict a shape.
  SELECT 6, first_cause, first_evidence,
    COALESCE(NULLIF(shape_cause, ''), 'failed_but_billed'), NULL, 'what is left of: ' || moved,
    volume_usd - prompt_usd - output_usd, *
  FROM book.volume_case
  WHERE first_cause = 'row_missing_gateway' AND label <> 'id' AND NOT is_nothing
    AND web_search = 0 AND CASE WHEN shape_cause <> ''
      THEN COALESCE(requests_provider - requests = calls, TRUE)
      ELSE output = 0 AND sign_cause = first_cause AND COALESCE(requests_provider - requests - calls
        BETWEEN 1 AND requests_failed, requests_failed > 0 AND moved LIKE '%output%') END
  QUALIFY COUNT(DISTINCT (input, cache_read, write_5m, write_1h, write, output)) OVER (
    PARTITION BY provider, account_id, key_id, day, model) = 1
  UNION ALL
  -- Calls of a tool have a price of their own, whatever the tokens beside them are.
  SELECT 2, 'tool_fee', book.counted_otherwise(moved), beside_tool, NULL,
    book.counted_otherwise(moved), volume_usd - prompt_usd - output_usd, *
  FROM book.volume_case
  WHERE shift IS NULL AND beside_tool <> '' AND COALESCE(requests_provider = requests, TRUE)
  UNION ALL
  SELECT 8, prompt_cause, book.counted_otherwise(moved), output_cause, NULL,
    book.counted_otherwise(moved), prompt_usd, *
  FROM book.volume_case
  WHERE shift IS NULL AND prompt_cause <> '' AND output_cause <> '' AND web_search = 0
    AND other = 0
)
SELECT provider, account_id, key_id, day, model, rank, cause AS explanation, 1 AS part, cause,
  label, evidence, volume_usd AS usd, tokens, shift FROM whole
UNION ALL
SELECT provider, account_id, key_id, day, model, rank, cause || '+' || second_cause, 1, cause,
  label, evidence, first_usd, tokens, shift FROM two
UNION ALL
SELECT provider, account_id, key_id, day, model, rank, cause || '+' || second_cause, 2,
  second_cause, second_label, second_evidence, volume_usd - first_usd, tokens, shift FROM two
