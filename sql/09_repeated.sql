-- reads:  raw.request, raw.request_row, raw.source_file, book.renamed
-- writes: book.repeated
-- drops: book.renamed
-- grain:  one row a gateway row whose id others have too, with what those share that tell of one
--         request: gateway, id and moment, or, of a batch that is asked after again, the batch; and
--         the last day that its file is named by, which tells the later export
WITH named AS ( -- the id of a span is one within its trace alone
  SELECT r.row_id, CASE WHEN r.request_id = r.span_id AND r.trace_id IS NOT NULL
      THEN r.trace_id || '/' || r.span_id ELSE r.request_id END AS same_id
  FROM raw.request_row AS r
  INNER JOIN (
    SELECT request_id FROM raw.request_row GROUP BY request_id HAVING COUNT(*) > 1
  ) AS d ON r.request_id = d.request_id
  WHERE r.row_id NOT IN (SELECT row_id FROM book.renamed)
  UNION ALL
  SELECT row_id, same_id FROM book.renamed
),
poll AS MATERIALIZED (
  SELECT row_id, gateway, COALESCE(response_id, request_id) AS same_id,
    CASE WHEN response_id IS NULL THEN started_us ELSE -1 END AS same_us
  FROM raw.request WHERE operation IN ('aretrieve_batch', 'retrieve_batch')
),
-- How finely a file tells times is seen by the row and by the file's first and last: of a file in
-- milliseconds each thousandth row is at a whole second.
counted AS (
  SELECT r.row_id, r.file_id, r.gateway, n.same_id, r.started_us, r.prompt_tokens,
    CASE WHEN r.started_us % 1000000 = 0 AND COALESCE(f.first_us, 0) % 1000000 = 0
        AND COALESCE(f.last_us, 0) % 1000000 = 0 THEN 1000000
      WHEN r.started_us % 1000 = 0 AND COALESCE(f.first_us, 0) % 1000 = 0
        AND COALESCE(f.last_us, 0) % 1000 = 0 THEN 1000
      ELSE 1 END AS unit_us,
    COALESCE(r.output, 0) + COALESCE(r.reasoning, 0) AS answered, r.spend_usd, r.status
  FROM raw.request AS r
  INNER JOIN named AS n ON r.row_id = n.row_id
  LEFT JOIN raw.source_file AS f ON r.file_id = f.file_id
  WHERE r.row_id NOT IN (SELECT row_id FROM poll)
),
-- The id may be the caller's, who may give it to several calls. Lines of access logs, which nobody
-- writes anew, are then one when they count the same.
told AS MATERIALIZED (
  SELECT *,
    CASE WHEN gateway IN ('apisix', 'envoy', 'higress')
      THEN concat_ws('/', COALESCE(prompt_tokens, -1), answered) ELSE '' END AS counts,
    CASE WHEN gateway IN ('apisix', 'envoy', 'higress', 'litellm')
      THEN concat_ws('/', COALESCE(prompt_tokens, -1), answered, COALESCE(spend_usd, -1), status)
      ELSE '' END AS all_told
  FROM counted
),
moment AS (
  SELECT DISTINCT file_id, gateway, same_id, all_told, started_us, unit_us, prompt_tokens,
    answered
  FROM told
),
-- One export writes seconds where another writes milliseconds: it cuts them, or rounds to the next.
-- In one file two moments are two calls.
finer AS (
  SELECT *, started_us // 1000000 AS second FROM moment WHERE unit_us < 1000000
  UNION ALL
  SELECT *, started_us // 1000000 + 1 FROM moment WHERE started_us % 1000000 >= 500000
),
meant AS (
  SELECT c.file_id, c.gateway, c.same_id, c.all_told, c.started_us, c.prompt_tokens, c.answered,
    -- One of the same counts goes before one without any.
    arg_min(f.started_us, f.unit_us * 1000000 + f.started_us - c.started_us
      + CASE WHEN c.prompt_tokens = f.prompt_tokens AND c.answered = f.answered THEN 0
        ELSE 10000000000000 END) AS same_us
  FROM moment AS c
  INNER JOIN finer AS f
    ON c.gateway = f.gateway AND c.same_id = f.same_id AND c.all_told = f.all_told
    AND c.started_us // 1000000 = f.second AND c.file_id <> f.file_id
  WHERE (c.prompt_tokens = f.prompt_tokens AND c.answered = f.answered
      OR c.prompt_tokens IS NULL OR f.prompt_tokens IS NULL)
    AND (f.unit_us < c.unit_us AND f.started_us >= c.started_us - c.unit_us // 2
        AND f.started_us < c.started_us + c.unit_us
      OR c.unit_us = 1 AND f.unit_us = 1 AND f.started_us = c.started_us - 1)
  GROUP BY c.file_id, c.gateway, c.same_id, c.all_told, c.started_us, c.prompt_tokens, c.answered
),
asked AS (
  SELECT row_id, gateway, same_id, same_us, '' AS counts, TRUE AS is_poll
  FROM poll
  WHERE same_id IN (SELECT same_id FROM poll GROUP BY same_id HAVING COUNT(*) > 1)
  UNION ALL
  SELECT t.row_id, t.gateway, t.same_id, COALESCE(m.same_us, t.started_us), t.counts, FALSE
  FROM told AS t
  LEFT JOIN meant AS m
    ON t.file_id = m.file_id AND t.gateway = m.gateway AND t.same_id = m.same_id
    AND t.all_told = m.all_told AND t.started_us = m.started_us AND t.answered = m.answered
    AND COALESCE(t.prompt_tokens, -1) = COALESCE(m.prompt_tokens, -1)
),
dated AS (
  SELECT file_id, replace(regexp_extract(path, '^(?:.*[^0-9])?(20[0-9]{2}-?(?:0[1-9]|1[0-2])'
    || '-?(?:0[1-9]|[12][0-9]|3[01]))(?:[^0-9].*)?$', 1), '-', '') AS file_day
  FROM raw.source_file
)
SELECT a.row_id, a.gateway, a.same_id, a.same_us, a.counts, a.is_poll,
  COALESCE(f.file_day, '') AS file_day
FROM asked AS a
INNER JOIN raw.request_row AS r ON a.row_id = r.row_id
LEFT JOIN dated AS f ON r.file_id = f.file_id
