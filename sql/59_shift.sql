-- reads:  book.volume, book.shift_line, book.overnight, book.turn_hour
-- writes: book.shift
-- grain:  one row a day and model of book.volume and thing that is known to make a provider count
--         more, or less: by how much of each type it would; label tells things of one cause apart,
--         and is the other day, or the other model, where the provider counted what is known of it,
--         or all of these that it may be, or that may have it, days and models; calls: of a
--         key, or how many more begin, or end, on its day by the provider's count of days
WITH one_write AS (
  SELECT DISTINCT provider, model FROM book.volume WHERE is_one_write
),
line AS (
  SELECT l.* REPLACE (CASE WHEN w.model IS NOT NULL AND contains(l.token_type, 'write_')
    THEN 'cache_write' ELSE l.token_type END AS token_type)
  FROM book.shift_line AS l
  LEFT JOIN one_write AS w ON l.provider = w.provider AND l.model = w.model
),
pivoted AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, cause, label, evidence,
    COALESCE(SUM(quantity) FILTER (token_type = 'input'), 0) AS input,
    COALESCE(SUM(quantity) FILTER (token_type = 'cache_read'), 0) AS cache_read,
    COALESCE(SUM(quantity) FILTER (token_type IN ('cache_write_5m', 'write_5m')), 0) AS write_5m,
    COALESCE(SUM(quantity) FILTER (token_type IN ('cache_write_1h', 'write_1h')), 0) AS write_1h,
    COALESCE(SUM(quantity) FILTER (token_type IN ('cache_write', 'write')), 0) AS write,
    COALESCE(SUM(quantity) FILTER (token_type IN ('output', 'reasoning')), 0) AS output,
    COALESCE(SUM(quantity) FILTER (token_type = 'web_search'), 0) AS web_search,
    COALESCE(SUM(quantity) FILTER (token_type NOT IN ('input', 'cache_read', 'cache_write_5m',
      'cache_write_1h', 'cache_write', 'write_5m', 'write_1h', 'write', 'output', 'reasoning',
      'web_search', 'requests')), 0) AS other,
    SUM(quantity) FILTER (token_type = 'requests') AS calls
  FROM line
  GROUP BY provider, account_id, key_id, day, model, cause, label, evidence
),
-- What one day lacks and the next one or the one before has too much of, whole calls of it, as many
-- of both, but for those without counts, which a provider may not count; and what one model lacks
-- and another one of the same day has too much of.
paired AS MATERIALIZED (
  SELECT a.*, 'window_boundary' AS cause, a.is_less AS is_lacking, a.day AS own, b.day AS partner,
    b.day AS partner_day, b.model AS partner_model
  FROM book.volume AS a
  INNER JOIN book.volume AS b
    ON a.provider = b.provider AND a.account_id = b.account_id AND a.key_id = b.key_id
    AND a.model = b.model AND a.is_less = b.is_more AND a.is_more = b.is_less
    AND a.input = -b.input AND a.cache_read = -b.cache_read AND a.write_5m = -b.write_5m
    AND a.write_1h = -b.write_1h AND a.write = -b.write AND a.output = -b.output
    AND a.other = -b.other AND a.web_search = -b.web_search
    AND COALESCE(a.requests - a.requests_provider + b.requests - b.requests_provider
      BETWEEN 0 AND a.uncounted + b.uncounted, TRUE)
  ANTI JOIN pivoted AS i
    ON i.label = 'id' AND i.provider = a.provider AND i.account_id = a.account_id
    AND i.key_id = a.key_id AND i.model = a.model AND i.day IN (a.day, b.day)
  WHERE abs(date_diff('day', strptime(a.day, '%Y-%m-%d'), strptime(b.day, '%Y-%m-%d'))) = 1
    AND a.input <> 0 AND a.output <> 0
    AND COALESCE(CASE WHEN a.is_less THEN a.requests - a.requests_provider
      ELSE b.requests - b.requests_provider END > 0, TRUE)
    AND COALESCE(CASE WHEN a.is_more THEN a.requests_provider - a.requests + a.uncounted
      ELSE b.requests_provider - b.requests + b.uncounted END > 0, TRUE)
  UNION ALL
  SELECT a.*, 'model_alias_unresolved', a.tokens < 0, a.model, b.model, b.day, b.model
  FROM book.volume AS a
  INNER JOIN book.volume AS b
    ON a.provider = b.provider AND a.account_id = b.account_id AND a.key_id = b.key_id
    AND a.day = b.day AND a.model <> b.model AND a.input = -b.input
    AND a.cache_read = -b.cache_read AND a.write_5m = -b.write_5m AND a.write_1h = -b.write_1h
    AND a.write = -b.write AND a.output = -b.output AND a.other = -b.other
    AND a.web_search = -b.web_search
),
-- Rivals are those that lack the same, or have the same too much: the partner's call is of one, of
-- another day or of another model.
contested AS MATERIALIZED (
  SELECT *, list_sort(list(own) OVER (
      PARTITION BY provider, account_id, key_id, partner_day, partner_model)) AS rivals,
    list_sort(list(partner) OVER (
      PARTITION BY provider, account_id, key_id, day, model)) AS partners_all
  FROM paired
),
met AS MATERIALIZED (
  SELECT provider, account_id, key_id, day, model, cause, is_lacking, input, cache_read, write_5m,
    write_1h, write, output, web_search, other,
    array_to_string(MAX(partners_all), ' or ') AS partners, MAX(rivals) AS rivals
  FROM contested GROUP BY ALL
),
told AS MATERIALIZED (
  SELECT * FROM pivoted
  UNION ALL
  SELECT provider, account_id, key_id, day, model, 'window_boundary', '', evidence, input,
    cache_read, write_5m, write_1h, write, output, web_search, other, calls
  FROM book.overnight AS o
  ANTI JOIN book.turn_hour AS t
    ON o.provider = t.provider AND o.account_id = t.account_id AND o.key_id = t.key_id
    AND o.day = t.day AND o.model = t.model
  UNION ALL
  SELECT provider, account_id, key_id, day, model, 'window_boundary', 'hour', evidence, input,
    cache_read, write_5m, write_1h, write, output, web_search, other, calls
  FROM book.turn_hour
  UNION ALL
  SELECT provider, account_id, key_id, day, model, cause,
    CASE WHEN is_lacking OR len(rivals) = 1 THEN partners ELSE array_to_string(rivals, ' or ') END
      AS label,
    CASE WHEN cause = 'window_boundary'
      THEN 'what gateway and traces know of '
        || CASE WHEN is_lacking THEN array_to_string(rivals, ' or ') ELSE partners END
        || ' the provider counted on ' || CASE WHEN is_lacking THEN partners
          WHEN label = partners THEN day ELSE label END
        || ', to the token; no time of a call proves it'
      ELSE 'the provider counted under ' || CASE WHEN is_lacking THEN partners
          WHEN label = partners THEN model ELSE label END
        || ' what gateway and traces know as '
        || CASE WHEN is_lacking THEN array_to_string(rivals, ' or ') ELSE partners END END,
    input, cache_read, write_5m, write_1h, write, output, web_search, other, NULL
  FROM met
),
-- A call of ours that the provider counted on the next day, or under another model, explains what
-- stands there under one key better than the key does.
of_known AS (
  SELECT t.provider, t.account_id, t.key_id, t.day, t.model, t.label
  FROM told AS t
  INNER JOIN told AS o
    ON o.cause IN ('window_boundary', 'model_alias_unresolved')
    AND (o.label = '' OR t.label <> 'id')
    AND t.provider = o.provider AND t.account_id = o.account_id AND t.key_id = o.key_id
    AND t.day = o.day AND t.model = o.model AND t.input = o.input
    AND t.cache_read = o.cache_read AND t.write_5m = o.write_5m AND t.write_1h = o.write_1h
    AND t.write = o.write AND t.output = o.output AND t.web_search = o.web_search
    AND t.other = o.other
  WHERE t.cause = 'row_missing_gateway'
)
SELECT t.provider, t.account_id, t.key_id, t.day, t.model, t.cause, t.label, t.evidence,
  CAST(t.input AS BIGINT) AS input, CAST(t.cache_read AS BIGINT) AS cache_read,
  CAST(t.write_5m AS BIGINT) AS write_5m, CAST(t.write_1h AS BIGINT) AS write_1h,
  CAST(t.write AS BIGINT) AS write, CAST(t.output AS BIGINT) AS output,
  CAST(t.web_search AS BIGINT) AS web_search, CAST(t.other AS BIGINT) AS other,
  CAST(t.calls AS BIGINT) AS calls,
  row_number() OVER (ORDER BY t.provider, t.account_id, t.key_id, t.day, t.model, t.cause, t.label)
    AS shift
FROM told AS t
LEFT JOIN of_known AS k
  ON t.cause = 'row_missing_gateway' AND t.provider = k.provider AND t.account_id = k.account_id
  AND t.key_id = k.key_id AND t.day = k.day AND t.model = k.model AND t.label = k.label
INNER JOIN book.volume AS v
  ON t.provider = v.provider AND t.account_id = v.account_id AND t.key_id = v.key_id
  AND t.day = v.day AND t.model = v.model
WHERE k.provider IS NULL AND (t.input <> 0 OR t.cache_read <> 0 OR t.write_5m <> 0
  OR t.write_1h <> 0 OR t.write <> 0 OR t.output <> 0 OR t.web_search <> 0 OR t.other <> 0)
