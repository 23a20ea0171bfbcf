-- heavy
-- reads:  book.candidate, book.contested, raw.request_row, raw.span_row
-- writes: book.pair
-- drops: book.candidate, book.contested
-- grain:  one row a gateway row and the traced call that it is, with the rule that says so; the
--         most precise rule wins, then the same outcome (a failed attempt shares its ids with the
--         retry that succeeds), then the nearest start; each side is in one pair at most
WITH clear AS (
  SELECT c.*
  FROM book.candidate AS c
  LEFT JOIN (
    SELECT request_row, span_row FROM book.contested GROUP BY request_row, span_row
  ) AS x ON c.request_row = x.request_row AND c.span_row = x.span_row
  WHERE x.request_row IS NULL
),
ranked AS (
  SELECT c.*,
    ROW_NUMBER() OVER (
      PARTITION BY c.request_row
      ORDER BY c.rule, c.outcomes_apart, c.apart_us, s.file_id, s.line, s.item) AS call_place,
    ROW_NUMBER() OVER (
      PARTITION BY c.span_row
      ORDER BY c.rule, c.outcomes_apart, c.apart_us, r.file_id, r.line, r.request_id
    ) AS request_place
  FROM book.contested AS c
  INNER JOIN raw.request_row AS r ON c.request_row = r.row_id
  INNER JOIN raw.span_row AS s ON c.span_row = s.row_id
),
decided AS (
  SELECT rule, request_row, span_row, request_kind, span_kind, is_trace_usage, prompt_tokens,
    call_prompt_tokens, answered, call_answered, cache_read, call_cache_read
  FROM clear
  UNION ALL
  SELECT rule, request_row, span_row, request_kind, span_kind, is_trace_usage, prompt_tokens,
    call_prompt_tokens, answered, call_answered, cache_read, call_cache_read
  FROM ranked
  WHERE call_place = 1 AND request_place = 1
)
SELECT request_row, span_row, request_kind, span_kind, is_trace_usage, prompt_tokens,
  call_prompt_tokens, answered, call_answered, cache_read, call_cache_read,
  CASE rule WHEN 1 THEN 'request_id' WHEN 2 THEN 'response_id'
    WHEN 3 THEN 'provider_request_id' ELSE 'trace_span_id' END AS match_rule
FROM decided
