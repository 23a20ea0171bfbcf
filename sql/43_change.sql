-- reads:  book.variant
-- writes: book.change
-- grain:  one row a way to price a drifting request and mistake in counting: by how much the
--         mistake would change the amount. The family keeps two mistakes on the same tokens from
--         being assumed together
WITH mistake AS (
  SELECT variant, 'cache_write' AS family, 'cache_write_ttl' AS cause,
    cache_write_1h || ' tokens of 1 h cache write charged at the 5 m price' AS evidence,
    CAST(cache_write_1h AS DECIMAL(18,0)) * (usd_cache_write_5m - usd_cache_write_1h) AS change_usd
  FROM book.variant WHERE cache_write_1h > 0
  UNION ALL
  SELECT variant, 'cache_write', 'cache_write_ttl',
    cache_write_5m || ' tokens of 5 m cache write charged at the 1 h price',
    CAST(cache_write_5m AS DECIMAL(18,0)) * (usd_cache_write_1h - usd_cache_write_5m)
  FROM book.variant WHERE cache_write_5m > 0
  UNION ALL
  SELECT variant, 'cache_write', 'cache_write_unpriced',
    written || ' tokens of cache write left out',
    -written_usd
  FROM book.variant WHERE written > 0
  UNION ALL
  SELECT variant, 'cache_write', 'cache_write_at_input_price',
    written || ' tokens of cache write charged at the input price',
    CAST(written AS DECIMAL(18,0)) * usd_input - written_usd
  FROM book.variant WHERE written > 0
  UNION ALL
  SELECT variant, 'cache_write', 'cache_write_double_count',
    written || ' tokens of cache write charged as input too',
    CAST(written AS DECIMAL(18,0)) * usd_input
  FROM book.variant WHERE written > 0
  UNION ALL
  SELECT variant, 'cache_read', 'cache_at_full_price',
    cache_read || ' cached tokens charged at the full input price',
    CAST(cache_read AS DECIMAL(18,0)) * (usd_input - usd_cache_read)
  FROM book.variant WHERE cache_read > 0
  UNION ALL
  SELECT variant, 'cache_read', 'cache_double_count',
    cache_read || ' cached tokens charged on top of the full prompt',
    CAST(cache_read AS DECIMAL(18,0)) * usd_input
  FROM book.variant WHERE cache_read > 0
  UNION ALL
  SELECT variant, 'cache_read', 'cache_unpriced',
    cache_read || ' cached tokens charged at nothing',
    -(CAST(cache_read AS DECIMAL(18,0)) * usd_cache_read)
  FROM book.variant WHERE cache_read > 0
  UNION ALL
  SELECT variant, 'reasoning', 'reasoning_dropped',
    reasoning || ' reasoning tokens left out of the output',
    -(CAST(reasoning AS DECIMAL(18,0)) * usd_reasoning)
  FROM book.variant WHERE reasoning > 0
  UNION ALL
  SELECT variant, 'reasoning', 'reasoning_double_count',
    reasoning || ' reasoning tokens charged twice',
    CAST(reasoning AS DECIMAL(18,0)) * usd_reasoning
  FROM book.variant WHERE reasoning > 0
  UNION ALL
  SELECT variant, 'modality', 'modality_rate',
    'audio tokens charged at the text price',
    COALESCE(CAST(audio_in AS DECIMAL(18,0)) * (usd_input - usd_audio_in), 0)
      + COALESCE(CAST(audio_out AS DECIMAL(18,0)) * (usd_output - usd_audio_out), 0)
  FROM book.variant WHERE audio_in > 0 OR audio_out > 0
  UNION ALL
  SELECT variant, 'modality', 'modality_rate',
    'image tokens charged at the text price',
    COALESCE(CAST(image_in AS DECIMAL(18,0)) * (usd_input - usd_image_in), 0)
      + COALESCE(CAST(image_out AS DECIMAL(18,0)) * (usd_output - usd_image_out), 0)
  FROM book.variant WHERE image_in > 0 OR image_out > 0
  UNION ALL
  SELECT variant, 'modality', 'modality_unpriced',
    'audio and image tokens charged at nothing',
    -COALESCE(CAST(audio_in AS DECIMAL(18,0)) * usd_audio_in, 0)
      - COALESCE(CAST(audio_out AS DECIMAL(18,0)) * usd_audio_out, 0)
      - COALESCE(CAST(image_in AS DECIMAL(18,0)) * usd_image_in, 0)
      - COALESCE(CAST(image_out AS DECIMAL(18,0)) * usd_image_out, 0)
  FROM book.variant WHERE audio_in > 0 OR audio_out > 0 OR image_in > 0 OR image_out > 0
  UNION ALL
  SELECT variant, 'tool', 'tool_fee',
    web_search || ' web searches left out',
    -(CAST(web_search AS DECIMAL(18,0)) * usd_web_search)
  FROM book.variant WHERE web_search > 0
  UNION ALL
  SELECT variant, 'tool', 'tool_fee',
    'a web search charged that the response does not count',
    usd_web_search
  FROM book.variant WHERE COALESCE(web_search, 0) = 0
  UNION ALL
  SELECT variant, 'output', 'output_unpriced',
    'the answer charged at nothing',
    -COALESCE(CAST(output AS DECIMAL(18,0)) * usd_output, 0)
      - COALESCE(CAST(reasoning AS DECIMAL(18,0)) * usd_reasoning, 0)
  FROM book.variant WHERE output > 0
  UNION ALL
  SELECT variant, 'output', 'input_unpriced',
    'the prompt charged at nothing',
    -COALESCE(CAST(input AS DECIMAL(18,0)) * usd_input, 0)
  FROM book.variant WHERE input > 0
)
SELECT v.request_row, m.variant, m.family, m.cause, m.evidence,
  CAST(m.change_usd AS DECIMAL(38,15)) AS change_usd
FROM mistake AS m INNER JOIN book.variant AS v ON m.variant = v.variant
WHERE m.change_usd <> 0
