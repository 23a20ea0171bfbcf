-- reads:  book.drifting, book.tally, book.call_group, book.day_sum, book.what_if, book.margin,
--         book.marked_up
-- writes: book.own_price
-- grain:  one row a request that drifts by prices of the gateway's own: what nothing else explains
--         is one and the same amount a token on calls of at least three sizes of a gateway, model
--         and sheet, four where both the prompt's and the answer's price are its own; and on cached
--         tokens beside these, of three sizes too. A price of prompt or answer is that of three in
--         four calls of its days. The fewest prices stand, of these the ones that most calls have.
--         Amounts are whole picodollars a token: a price a million tokens has six decimals at most
WITH open AS MATERIALIZED (
  SELECT d.request_row, [d.gateway, CAST(d.sheet_id AS VARCHAR), m.of] AS of, m.name, m.day,
    COALESCE(t.input, 0) AS input, COALESCE(t.output, 0) + COALESCE(t.reasoning, 0) AS output,
    COALESCE(t.cache_read, 0) AS cache_read, t.written AS cache_write,
    CAST((d.target_usd - d.charge_usd) * 1000000000000 AS HUGEINT) AS gap
  FROM book.drifting AS d
  INNER JOIN book.tally AS t ON d.request_row = t.request_row AND t.basis = 'own'
  INNER JOIN book.call_group AS m ON d.request_row = m.request_row AND m.place = 3 AND m.is_open
  WHERE NOT d.is_rounded AND NOT d.has_stated_rates AND ABS(d.target_usd) < 1000000
    AND COALESCE(t.audio_in, 0) + COALESCE(t.audio_cached_in, 0) + COALESCE(t.audio_out, 0)
      + COALESCE(t.image_in, 0) + COALESCE(t.image_cached_in, 0) + COALESCE(t.image_out, 0)
      + COALESCE(t.web_search, 0) = 0
    -- No call has so many tokens; what is multiplied below fits its types.
    AND GREATEST(COALESCE(t.input, 0), COALESCE(t.output, 0) + COALESCE(t.reasoning, 0),
      COALESCE(t.cache_read, 0), t.written) <= 100000000
    AND d.request_row NOT IN (SELECT request_row FROM book.what_if)
    AND d.request_row NOT IN (SELECT request_row FROM book.margin)
    AND d.request_row NOT IN (SELECT request_row FROM book.marked_up)
),
-- Both prices are what two calls without cached tokens say that follow each other.
pair AS (
  SELECT of, gap, input, output, lag(gap) OVER w AS gap_0, lag(input) OVER w AS input_0,
    lag(output) OVER w AS output_0
  FROM open WHERE cache_read + cache_write = 0
  WINDOW w AS (PARTITION BY of ORDER BY day, request_row)
),
solved AS (
  SELECT of, CAST(input AS HUGEINT) * output_0 - CAST(input_0 AS HUGEINT) * output AS part,
    gap * output_0 - gap_0 * output AS input_part, input * gap_0 - input_0 * gap AS output_part
  FROM pair WHERE gap_0 IS NOT NULL
),
base AS (
  SELECT of, input_part // part AS on_input, output_part // part AS on_output
  FROM solved WHERE part <> 0
    AND input_part % part = 0 AND output_part % part = 0 AND input_part <> 0 AND output_part <> 0
  GROUP BY ALL HAVING COUNT(*) >= 2
  UNION ALL
  SELECT of, gap // input, 0 FROM open WHERE input > 0 AND gap % input = 0
  GROUP BY ALL HAVING COUNT(DISTINCT input) >= 3
  UNION ALL
  SELECT of, 0, gap // output FROM open WHERE output > 0 AND gap % output = 0
  GROUP BY ALL HAVING COUNT(DISTINCT output) >= 3
  UNION ALL
  SELECT DISTINCT of, 0, 0 FROM open
),
left_over AS (
  SELECT o.*, b.on_input, b.on_output,
    o.gap - b.on_input * o.input - b.on_output * o.output AS rest
  FROM open AS o INNER JOIN base AS b ON o.of = b.of
),
fit AS (
  SELECT *, CASE WHEN rest <> 0 AND cache_write = 0 THEN rest // cache_read ELSE 0 END AS on_read,
    CASE WHEN rest <> 0 AND cache_read = 0 THEN rest // cache_write ELSE 0 END AS on_write
  FROM left_over
  WHERE rest = 0 AND (on_input <> 0 OR on_output <> 0)
    OR rest <> 0 AND cache_write = 0 AND cache_read > 0 AND rest % GREATEST(cache_read, 1) = 0
    OR rest <> 0 AND cache_read = 0 AND cache_write > 0 AND rest % GREATEST(cache_write, 1) = 0
),
price AS (
  SELECT of, on_input, on_output, on_read, on_write, COUNT(*) AS rows,
    CAST(MIN(day) AS VARCHAR) AS from_day, CAST(MAX(day) AS VARCHAR) AS to_day,
    [CAST(on_input AS BIGINT), CAST(on_output AS BIGINT), CAST(on_read AS BIGINT),
      CAST(on_write AS BIGINT)] AS amounts
  FROM fit
  -- Nothing costs a thousand USD a million tokens.
  WHERE GREATEST(ABS(on_input), ABS(on_output), ABS(on_read), ABS(on_write)) < 1000000000
  GROUP BY of, on_input, on_output, on_read, on_write
  HAVING COUNT(DISTINCT CASE WHEN on_read + on_write <> 0 THEN cache_read + cache_write
      ELSE input * 1000000000 + output END) >= CASE WHEN on_input <> 0 AND on_output <> 0
    AND on_read + on_write = 0 THEN 4 ELSE 3 END
),
based AS (
  SELECT of, on_input, on_output, SUM(rows) AS rows, MIN(from_day) AS from_day,
    MAX(to_day) AS to_day
  FROM price GROUP BY of, on_input, on_output
),
shared AS (
  SELECT b.of, b.on_input, b.on_output
  FROM based AS b
  INNER JOIN book.day_sum AS d
    ON b.of = [d.gateway, CAST(d.sheet_id AS VARCHAR), d.provider || ' ' || d.model]
    AND d.started_day BETWEEN b.from_day AND b.to_day
  WHERE d.request_state <> 'only_trace'
  GROUP BY b.of, b.on_input, b.on_output, b.rows
  HAVING b.rows * 4 >= SUM(d.charged_rows) * 3 OR b.on_input = 0 AND b.on_output = 0
),
ranked AS (
  SELECT f.request_row, f.name, p.*, row_number() OVER (PARTITION BY f.request_row
      ORDER BY len(list_filter(p.amounts, a -> a <> 0)), p.rows DESC, p.amounts) AS nth
  FROM fit AS f
  INNER JOIN price AS p USING (of, on_input, on_output, on_read, on_write)
  INNER JOIN shared AS b USING (of, on_input, on_output)
),
said AS (
  SELECT *, unnest(['input', 'output', 'cache_read', 'cache_write']) AS token_type,
    unnest(amounts) AS amount
  FROM ranked WHERE nth = 1
)
SELECT request_row, 'internal_margin' AS cause,
  'at prices of the gateway''s own: ' || string_agg(token_type || ' '
      || rtrim(rtrim(printf('%d.%06d', ABS(amount) // 1000000, ABS(amount) % 1000000), '0'), '.')
      || ' USD a million ' || CASE WHEN amount > 0 THEN 'above' ELSE 'below' END
      || ' the list''s', ' and ' ORDER BY token_type DESC)
    || ' on ' || MIN(rows) || ' calls of the model ' || MIN(name) || ' from ' || MIN(from_day)
    || ' to ' || MIN(to_day) AS evidence
FROM said WHERE amount <> 0 GROUP BY request_row
