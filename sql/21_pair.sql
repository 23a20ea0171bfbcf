-- heavy
-- reads:  book.candidate, book.contested, book.first_choice, raw.request_row, raw.span_row
-- writes: book.pair
-- drops: book.candidate, book.contested, book.first_choice
-- grain:  one row a gateway row and the traced call that it is, with the rule that says so; each
--         side is in one pair at most
WITH clear AS (
  SELECT c.*
  FROM book.candidate AS c
  LEFT JOIN (
    SELECT request_row, span_row FROM book.contested GROUP BY request_row, span_row
  ) AS x ON c.request_row = x.request_row AND c.span_row = x.span_row
  WHERE x.request_row IS NULL
),
-- What neither side of a first choice took still meets, where both ended alike.
ranked AS (
  SELECT c.*,
    ROW_NUMBER() OVER (
      PARTITION BY c.request_row
      ORDER BY c.rule, c.apart_us, s.file_id, s.line, s.item) AS call_place,
    ROW_NUMBER() OVER (
      PARTITION BY c.span_row
      ORDER BY c.rule, c.apart_us, r.file_id, r.line, r.request_id) AS request_place
  FROM book.contested AS c
  INNER JOIN raw.request_row AS r ON c.request_row = r.row_id
  INNER JOIN raw.span_row AS s ON c.span_row = s.row_id
  LEFT JOIN book.first_choice AS f ON c.request_row = f.request_row
  LEFT JOIN book.first_choice AS g ON c.span_row = g.span_row
  WHERE c.outcomes_apart = 0 AND f.request_row IS NULL AND g.span_row IS NULL
),
decided AS (
  SELECT rule, request_row, span_row, request_kind, span_kind, is_trace_usage, prompt_tokens,
    call_prompt_tokens, answered, call_answered, cache_read, call_cache_read
  FROM clear
  UNION ALL
  SELECT rule, request_row, span_row, request_kind, span_kind, is_trace_usage, prompt_tokens,
    call_prompt_tokens, answered, call_answered, cache_read, call_cache_read
  FROM book.first_choice
  UNION ALL
  SELECT rule, request_row, span_row, request_kind, span_kind, is_trace_usage, prompt_tokens,
    call_prompt_tokens, answered, call_answered, cache_read, call_cache_read
  FROM ranked
  WHERE call_place = 1 AND request_place = 1
)
SELECT request_row, span_row, request_kind, span_kind, is_trace_usage, prompt_tokens,
  call_prompt_tokens, answered, call_answered, cache_read, call_cache_read,
  CASE rule WHEN 1 THEN 'request_id' WHEN 2 THEN 'response_id'
    WHEN 3 THEN 'provider_request_id' WHEN 4 THEN 'trace_span_id' ELSE 'trace_id' END
    AS match_rule
FROM decided
