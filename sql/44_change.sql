-- reads:  book.drifting, book.own_fit, book.sheet_trial, book.mistake, book.sheet,
--         book.above
-- writes: book.change
-- grain:  one row a drifting request that no single changed assumption explains, price sheet (its
--         own, or another one by which it may have been priced) and mistake in counting: what the
--         mistake changes at that sheet's prices. Of the requests of one sheet and gateway the
--         first 20,000 are looked at; what they lack is told as it is
WITH noise AS (SELECT CAST('0.000000000001' AS DECIMAL(38,15)) AS usd),
closed AS (
  SELECT request_row FROM book.own_fit WHERE rank < 8
  UNION
  SELECT t.request_row FROM book.sheet_trial AS t, noise AS n
  WHERE t.second_cause IS NULL AND ABS(t.charge_usd + t.change_usd - t.target_usd) <= n.usd
),
open AS (
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
    CASE WHEN m.input <> 0 THEN CAST(m.input AS DECIMAL(18,0)) * s.input ELSE 0 END
    + CASE WHEN m.cache_read <> 0 THEN CAST(m.cache_read AS DECIMAL(18,0)) * s.cache_read
      ELSE 0 END
    + CASE WHEN m.cache_write_5m <> 0
      THEN CAST(m.cache_write_5m AS DECIMAL(18,0)) * s.cache_write_5m ELSE 0 END
    + CASE WHEN m.cache_write_1h <> 0
      THEN CAST(m.cache_write_1h AS DECIMAL(18,0)) * s.cache_write_1h ELSE 0 END
    + CASE WHEN m.cache_write <> 0 THEN CAST(m.cache_write AS DECIMAL(18,0)) * s.cache_write
      ELSE 0 END
    + CASE WHEN m.output <> 0 THEN CAST(m.output AS DECIMAL(18,0)) * s.output ELSE 0 END
    + CASE WHEN m.reasoning <> 0 THEN CAST(m.reasoning AS DECIMAL(18,0)) * s.reasoning
      ELSE 0 END
    + CASE WHEN m.audio_in <> 0 THEN CAST(m.audio_in AS DECIMAL(18,0)) * s.audio_in ELSE 0 END
    + CASE WHEN m.audio_cached_in <> 0
      THEN CAST(m.audio_cached_in AS DECIMAL(18,0)) * s.audio_cached_in ELSE 0 END
    + CASE WHEN m.audio_out <> 0 THEN CAST(m.audio_out AS DECIMAL(18,0)) * s.audio_out
      ELSE 0 END
    + CASE WHEN m.image_in <> 0 THEN CAST(m.image_in AS DECIMAL(18,0)) * s.image_in ELSE 0 END
    + CASE WHEN m.image_cached_in <> 0
      THEN CAST(m.image_cached_in AS DECIMAL(18,0)) * s.image_cached_in ELSE 0 END
    + CASE WHEN m.image_out <> 0 THEN CAST(m.image_out AS DECIMAL(18,0)) * s.image_out
      ELSE 0 END
    + CASE WHEN m.web_search <> 0 THEN CAST(m.web_search AS DECIMAL(18,0)) * s.web_search
      ELSE 0 END AS DECIMAL(38,15)), COALESCE(m.is_rare, FALSE)
FROM open AS d
INNER JOIN other_sheet AS w ON d.request_row = w.request_row
INNER JOIN book.mistake AS m ON d.request_row = m.request_row AND m.basis = 'own'
INNER JOIN book.sheet AS s ON w.sheet_id = s.sheet_id
