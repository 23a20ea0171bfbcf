-- reads:  book.tally, book.cache_mistake, book.miscount, book.sheet, book.drifting,
--         book.other_charge
-- writes: book.mistake
-- grain:  one row a drifting request, basis and mistake in counting: how many tokens of each type
--         more the gateway would have priced by it, and what that is at the request's own prices
WITH other AS (
  SELECT request_row, basis, 'reasoning' AS family, 'reasoning_dropped' AS cause,
    reasoning || ' reasoning tokens left out of the output' AS evidence,
    -reasoning AS reasoning
  FROM book.tally WHERE reasoning > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'reasoning' AS family, 'reasoning_double_count' AS cause,
    reasoning || ' reasoning tokens charged twice' AS evidence, reasoning
  FROM book.tally WHERE reasoning > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'reasoning' AS family, 'output_unpriced' AS cause,
    'the answer charged at nothing' AS evidence, -output AS output, -reasoning AS reasoning
  FROM book.tally WHERE output > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'prompt' AS family, 'input_unpriced' AS cause,
    'the uncached prompt charged at nothing' AS evidence, -input AS input
  FROM book.tally WHERE input > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'cache' AS family, 'input_unpriced' AS cause,
    'the whole prompt charged at nothing' AS evidence, -input AS input,
    -cache_read AS cache_read, -cache_write_5m AS cache_write_5m,
    -cache_write_1h AS cache_write_1h, -cache_write AS cache_write
  FROM book.tally WHERE input > 0 AND COALESCE(cache_read, 0) + written > 0
  UNION ALL BY NAME
  SELECT t.request_row, t.basis, 'modality' AS family, m.cause, m.evidence,
    CASE WHEN m.cause = 'modality_rate' THEN
      m.audio_in * COALESCE(t.audio_in, 0) + m.image_in * COALESCE(t.image_in, 0) END AS input,
    CASE WHEN m.cause = 'modality_rate' THEN
      m.audio_out * COALESCE(t.audio_out, 0) + m.image_out * COALESCE(t.image_out, 0) END
      AS output,
    -m.audio_in * t.audio_in AS audio_in, -m.audio_out * t.audio_out AS audio_out,
    -m.image_in * t.image_in AS image_in, -m.image_out * t.image_out AS image_out
  FROM book.tally AS t, (VALUES
    ('modality_rate', 1, 1, 0, 0, 'audio tokens charged at the text price'),
    ('modality_rate', 1, 0, 0, 0, 'audio tokens of the prompt charged at the text price'),
    ('modality_rate', 0, 1, 0, 0, 'audio tokens of the answer charged at the text price'),
    ('modality_rate', 0, 0, 1, 1, 'image tokens charged at the text price'),
    ('modality_rate', 0, 0, 1, 0, 'image tokens of the prompt charged at the text price'),
    ('modality_rate', 0, 0, 0, 1, 'image tokens of the answer charged at the text price'),
    ('modality_rate', 1, 1, 1, 1, 'audio and image tokens charged at the text price'),
    ('modality_unpriced', 1, 1, 0, 0, 'audio tokens charged at nothing'),
    ('modality_unpriced', 1, 0, 0, 0, 'audio tokens of the prompt charged at nothing'),
    ('modality_unpriced', 0, 1, 0, 0, 'audio tokens of the answer charged at nothing'),
    ('modality_unpriced', 0, 0, 1, 1, 'image tokens charged at nothing'),
    ('modality_unpriced', 0, 0, 1, 0, 'image tokens of the prompt charged at nothing'),
    ('modality_unpriced', 0, 0, 0, 1, 'image tokens of the answer charged at nothing'),
    ('modality_unpriced', 1, 1, 1, 1, 'audio and image tokens charged at nothing')
  ) AS m(cause, audio_in, audio_out, image_in, image_out, evidence)
  WHERE COALESCE(t.audio_in, t.audio_out, t.image_in, t.image_out) IS NOT NULL
    AND (m.audio_in = 0 OR t.audio_in > 0 OR m.audio_out = 1 AND t.audio_out > 0)
    AND (m.audio_out = 0 OR t.audio_out > 0 OR m.audio_in = 1 AND t.audio_in > 0)
    AND (m.image_in = 0 OR t.image_in > 0 OR m.image_out = 1 AND t.image_out > 0)
    AND (m.image_out = 0 OR t.image_out > 0 OR m.image_in = 1 AND t.image_in > 0)
  UNION ALL BY NAME
  -- Where the list has the price of images for all that a model of OpenAI's answers: text would
  -- cost twice what it does in the prompt.
  SELECT t.request_row, t.basis, 'modality' AS family, 'modality_rate' AS cause,
    'image tokens of the answer charged at the text price, twice that of the prompt' AS evidence,
    TRUE AS is_rare, 2 * (COALESCE(t.output, 0) + COALESCE(t.image_out, 0)) AS input,
    -t.output AS output, -t.image_out AS image_out
  FROM book.tally AS t INNER JOIN book.sheet AS s ON t.sheet_id = s.sheet_id
  WHERE s.provider = 'openai' AND s.output = s.image_out AND s.output > 2 * s.input
    AND COALESCE(t.output, 0) + COALESCE(t.image_out, 0) > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'modality' AS family, 'cache_at_full_price' AS cause,
    'cached audio and image tokens charged at their full price' AS evidence,
    audio_cached_in AS audio_in, -audio_cached_in AS audio_cached_in,
    image_cached_in AS image_in, -image_cached_in AS image_cached_in
  FROM book.tally WHERE audio_cached_in > 0 OR image_cached_in > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'modality' AS family, 'cache_double_count' AS cause,
    'cached audio and image tokens charged at their full price too' AS evidence,
    audio_cached_in AS audio_in, image_cached_in AS image_in
  FROM book.tally WHERE audio_cached_in > 0 OR image_cached_in > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'tool' AS family, 'tool_fee' AS cause,
    web_search || ' web searches left out' AS evidence, -web_search AS web_search
  FROM book.tally WHERE web_search > 0
  UNION ALL BY NAME
  SELECT request_row, basis, 'tool' AS family, 'tool_fee' AS cause,
    'a web search charged that the response does not count' AS evidence, 1 AS web_search
  FROM book.tally
  WHERE request_row NOT IN (SELECT request_row FROM book.drifting WHERE tool_cost = 'none')
    AND (web_search > 0 OR request_row NOT IN (SELECT call_row FROM book.other_charge
      WHERE ends_with(charge, '_call')))
),
told AS (
  SELECT * FROM book.cache_mistake
  UNION ALL BY NAME
  SELECT * FROM other
  UNION ALL BY NAME
  SELECT *, 'own' AS basis, 'count' AS family FROM book.miscount
)
SELECT t.*, CAST(
    book.at_price(t.input, s.input) + book.at_price(t.cache_read, s.cache_read)
    + book.at_price(t.cache_write_5m, s.cache_write_5m)
    + book.at_price(t.cache_write_1h, s.cache_write_1h)
    + book.at_price(t.cache_write, s.cache_write) + book.at_price(t.output, s.output)
    + book.at_price(t.reasoning, s.reasoning) + book.at_price(t.audio_in, s.audio_in)
    + book.at_price(t.audio_cached_in, s.audio_cached_in)
    + book.at_price(t.audio_out, s.audio_out) + book.at_price(t.image_in, s.image_in)
    + book.at_price(t.image_cached_in, s.image_cached_in)
    + book.at_price(t.image_out, s.image_out) + book.at_price(t.web_search, s.web_search)
    AS DECIMAL(38,15)) AS change_usd
FROM told AS t
INNER JOIN book.drifting AS d ON t.request_row = d.request_row
INNER JOIN book.sheet AS s ON d.sheet_id = s.sheet_id
