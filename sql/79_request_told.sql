-- reads:  book.rated, book.day_sum, book.request_cause, book.uncertain, book.provider_call,
--         book.at_provider, book.split
-- writes: book.request_told
-- grain:  one row a UTC day, and one a minute of whose requests there is something to tell: what
--         is published of them beside what they are rated as, as a hash of many texts in no order.
--         A minute that has it, of a day that has it, and whose requests are not touched, is
--         published already
WITH placed AS (
  SELECT COALESCE(request_row, -span_row) AS call_row,
    concat_ws(' ', is_break, length(explanation), explanation, evidence) AS text
  FROM book.request_cause WHERE place = 1
  UNION ALL
  SELECT COALESCE(request_row, -span_row), 'from ' || low_usd || ' to ' || high_usd
  FROM book.uncertain
  UNION ALL
  SELECT COALESCE(request_row, -span_row), 'named by the provider'
  FROM book.provider_call
  WHERE request_row IS NOT NULL OR span_row IS NOT NULL
),
told AS (
  SELECT r.started_us // 60000000 * 60000000 AS from_us, 60000000 AS takes_us, p.call_row, p.text
  FROM placed AS p
  INNER JOIN book.rated AS r ON p.call_row = COALESCE(r.request_row, -r.span_row)
  UNION ALL
  SELECT epoch_us(CAST(CAST(day AS DATE) AS TIMESTAMP)), 86400000000, 0,
    CAST(to_json([provider, account_id, key_id, model]) AS VARCHAR)
  FROM book.at_provider WHERE day <> ''
  UNION ALL
  SELECT d.day_us, 86400000000, 0, s.text
  FROM (SELECT DISTINCT epoch_us(CAST(CAST(started_day AS DATE) AS TIMESTAMP)) AS day_us
      FROM book.day_sum) AS d,
    (SELECT COALESCE(string_agg(CAST(to_json([provider, CAST(by_account AS VARCHAR),
        CAST(by_project AS VARCHAR), CAST(by_key AS VARCHAR), CAST(by_key_name AS VARCHAR)])
        AS VARCHAR), chr(10) ORDER BY provider), '') AS text
      FROM book.split) AS s
)
SELECT from_us, from_us + takes_us AS to_us,
  concat_ws(' ', COUNT(*), SUM(CAST(md5_number_lower(call_row || ' ' || text) AS HUGEINT)),
    SUM(CAST(md5_number_upper(call_row || ' ' || text) AS HUGEINT))) AS told
FROM told
GROUP BY from_us, takes_us
