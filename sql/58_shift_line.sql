-- reads:  book.volume, book.key_line, book.repeat, book.effect, book.usage, book.provider_key,
--         book.provider_call, book.dated, book.long_day, book.request_key
-- writes: book.shift_line
-- grain:  one row a day and model of book.volume, thing that may make a provider count otherwise,
--         and token type: by how much; of a key 'requests', its calls where these are counted
WITH id_row AS MATERIALIZED (
  SELECT v.provider, v.account_id, v.key_id, v.day, v.model, u.token_type, u.quantity,
    u.request_id
  FROM book.usage AS u
  LEFT JOIN book.provider_key AS k ON k.leg = 'usage' AND u.row_id = k.row_id
  INNER JOIN book.volume AS v
    ON u.provider = v.provider AND u.day = v.day AND u.model = v.model
    AND COALESCE(k.account_id, '') = v.account_id AND COALESCE(k.key_id, '') = v.key_id
  WHERE u.is_counted AND u.is_in_period AND u.request_id IS NOT NULL
),
-- Days of calls that are compared where an attempt failed, or where the sides differ.
compared AS (
  SELECT 'failed_attempt' AS charge_status, provider, model, day FROM book.effect
  WHERE requests_failed > 0
  UNION
  SELECT 'rated', provider, model, day FROM book.volume
),
call_day AS (
  SELECT charge_status, day FROM compared
  UNION
  SELECT c.charge_status, l.started_day
  FROM compared AS c
  INNER JOIN book.long_day AS l
    ON c.provider = l.provider AND c.model = l.model AND c.day = l.day
),
-- Of a provider's ids mostly none is told, and then no request is looked up for the lack of one.
looked_at AS (
  SELECT * FROM book.dated
  WHERE charge_status = 'failed_attempt' AND prompt_tokens > 0
    AND started_day IN (SELECT day FROM call_day WHERE charge_status = 'failed_attempt')
  UNION ALL
  SELECT r.*
  FROM book.dated AS r
  INNER JOIN (
    SELECT 'rated' AS charge_status FROM id_row LIMIT 1
  ) AS known ON r.charge_status = known.charge_status
  WHERE r.started_day IN (SELECT day FROM call_day WHERE charge_status = 'rated')
),
request_row AS MATERIALIZED (
  SELECT v.provider, v.account_id, v.key_id, v.day, v.model, r.request_row, r.span_row,
    r.charge_status, c.request_id AS provider_id, book.counts_of(r.input, r.cache_read,
      r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.web_search)
      AS counts, r.prompt_tokens, r.input, r.cache_read,
    r.cache_write_5m, r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.web_search
  FROM looked_at AS r
  LEFT JOIN book.request_key AS k
    ON r.provider = k.provider AND r.request_kind = k.request_kind
    AND r.span_kind = k.span_kind
  INNER JOIN book.volume AS v
    ON r.provider = v.provider AND r.day = v.day AND r.model = v.model
    AND COALESCE(k.account_id, '') = v.account_id AND COALESCE(k.key_id, '') = v.key_id
  LEFT JOIN book.provider_call AS c
    ON COALESCE(r.request_row, -r.span_row) = COALESCE(c.request_row, -c.span_row)
  WHERE r.charge_status = 'failed_attempt' OR c.request_id IS NULL
),
request_line AS (
  UNPIVOT request_row ON input, cache_read, cache_write_5m, cache_write_1h, cache_write, output,
    reasoning, web_search
  INTO NAME token_type VALUE quantity
)
SELECT provider, account_id, key_id, day, model, cause, label, evidence, token_type,
  CAST(quantity AS BIGINT) AS quantity
FROM (
  SELECT provider, account_id, key_id, day, model, 'failed_but_billed' AS cause, '' AS label,
    replace('the tokens of all ' || MAX(requests_failed) OVER (PARTITION BY provider, account_id,
      key_id, day, model) || ' failed attempts', 'all 1 failed attempts', 'one failed attempt')
      AS evidence,
    token_type, quantity_failed AS quantity
  FROM book.effect WHERE quantity_failed > 0 OR requests_failed > 0
  UNION ALL
  SELECT DISTINCT provider, account_id, key_id, day, model, 'failed_but_billed', counts,
    'the tokens of one failed attempt', token_type, quantity
  FROM request_line WHERE charge_status = 'failed_attempt'
  UNION ALL
  SELECT provider, account_id, key_id, day, model, 'cache_hit_billed', '',
    'the tokens that the gateway answered from its own cache', token_type, quantity_cached
  FROM book.effect WHERE quantity_cached > 0
  UNION ALL
  SELECT provider, account_id, key_id, day, model, 'row_missing_gateway', label, evidence,
    token_type, quantity
  FROM book.key_line
  UNION ALL
  SELECT u.provider, u.account_id, u.key_id, u.day, u.model, 'row_missing_gateway', 'id',
    'calls with an id that no gateway row has', u.token_type, u.quantity
  FROM id_row AS u INNER JOIN book.provider_call AS c ON u.request_id = c.request_id
  WHERE c.request_row IS NULL AND c.span_row IS NULL
  UNION ALL
  SELECT provider, account_id, key_id, day, model, 'row_missing_provider', 'id',
    'calls with an id that the provider does not know', token_type, -quantity
  FROM request_line WHERE charge_status = 'rated' AND provider_id IS NULL
  UNION ALL
  SELECT provider, account_id, key_id, day, model, 'row_duplicated',
    CASE WHEN is_unseen THEN 'no span' ELSE '' END, evidence, token_type, -quantity
  FROM (
    UNPIVOT book.repeat ON input, cache_read, write_5m, write_1h, write, output, web_search
    INTO NAME token_type VALUE quantity
  )
)
