-- reads:  book.drifting, book.own_fit, book.sheet_trial, book.mistake, book.sheet,
--         book.above
-- writes: book.change
-- grain:  one row a drifting request that no single changed assumption explains, price sheet (its
--         own, or another one by which it may have been priced) and mistake in counting: what the
--         mistake changes at that sheet's prices. Of the requests of one sheet and gateway the
--         first 20,000 are looked at; what they lack is told as it is
WITH noise AS (SELECT CAST('0.000000000001' AS DECIMAL(38,15)) AS usd),
closed AS MATERIALIZED (
  SELECT request_row FROM book.own_fit WHERE rank < 8
  UNION
  SELECT t.request_row FROM book.sheet_trial AS t, noise AS n
  WHERE t.second_cause IS NULL AND ABS(t.charge_usd + t.change_usd - t.target_usd) <= n.usd
),
open AS MATERIALIZED (
  SELECT *
  FROM (
    SELECT d.request_row, d.sheet_id,
      row_number() OVER (PARTITION BY d.gateway, d.sheet_id
        ORDER BY g.started_us, g.file_id, g.line, g.request_id) AS nth
    FROM book.drifting AS d INNER JOIN book.above AS g ON d.request_row = g.request_row
    WHERE NOT d.is_rounded AND d.request_row NOT IN (SELECT request_row FROM closed)
  )
  WHERE nth <= 20000
),
other_sheet AS (
  SELECT DISTINCT request_row, sheet_id FROM book.sheet_trial
  WHERE is_whole AND second_cause IS NULL AND rank = 1
)
SELECT m.request_row, CAST(NULL AS BIGINT) AS sheet_id, m.basis, m.family, m.cause, m.evidence,
  m.change_usd, COALESCE(m.is_rare, FALSE) AS is_rare
FROM open AS d INNER JOIN book.mistake AS m ON d.request_row = m.request_row
WHERE m.change_usd <> 0
UNION ALL
SELECT m.request_row, w.sheet_id, m.basis, m.family, m.cause, m.evidence, CAST(
    book.at_price(m.input, s.input) + book.at_price(m.cache_read, s.cache_read)
    + book.at_price(m.cache_write_5m, s.cache_write_5m)
    + book.at_price(m.cache_write_1h, s.cache_write_1h)
    + book.at_price(m.cache_write, s.cache_write) + book.at_price(m.output, s.output)
    + book.at_price(m.reasoning, s.reasoning) + book.at_price(m.audio_in, s.audio_in)
    + book.at_price(m.audio_cached_in, s.audio_cached_in)
    + book.at_price(m.audio_out, s.audio_out) + book.at_price(m.image_in, s.image_in)
    + book.at_price(m.image_cached_in, s.image_cached_in)
    + book.at_price(m.image_out, s.image_out) + book.at_price(m.web_search, s.web_search)
    AS DECIMAL(38,15)), COALESCE(m.is_rare, FALSE)
FROM open AS d
INNER JOIN other_sheet AS w ON d.request_row = w.request_row
INNER JOIN book.mistake AS m ON d.request_row = m.request_row AND m.basis = 'own'
INNER JOIN book.sheet AS s ON w.sheet_id = s.sheet_id
