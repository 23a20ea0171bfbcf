-- reads:  book.price_case, book.sheet, book.price, book.effect
-- writes: book.price_crossed
-- grain:  one row a row of book.price_case of a model and way in which a bill may take one type of
--         token for another of the same prices: what the line is then. Where the bill names types
--         each line is taken as what it is billed at, if that is the price of a type; where it
--         names none one type is taken so, of the mistakes that providers are known to make
WITH known AS (
  SELECT token_type, taken_for, cause
  FROM (VALUES
    ('cache_write_1h', 'cache_write_5m', 'cache_write_ttl'),
    ('cache_write_5m', 'cache_write_1h', 'cache_write_ttl'),
    ('cache_write', 'cache_write_1h', 'cache_write_ttl'),
    ('cache_write_5m', 'input', 'cache_write_at_input_price'),
    ('cache_write_1h', 'input', 'cache_write_at_input_price'),
    ('cache_write', 'input', 'cache_write_at_input_price'),
    ('cache_read', 'input', 'cache_at_full_price'),
    ('audio_cached_in', 'audio_in', 'cache_at_full_price'),
    ('image_cached_in', 'image_in', 'cache_at_full_price'),
    ('audio_in', 'input', 'modality_rate'), ('image_in', 'input', 'modality_rate'),
    ('audio_cached_in', 'cache_read', 'modality_rate'),
    ('image_cached_in', 'cache_read', 'modality_rate'),
    ('audio_out', 'output', 'modality_rate'), ('image_out', 'output', 'modality_rate')
  ) AS mistake(token_type, taken_for, cause)
),
-- Of calls of several sheets nothing says what a type costs.
line AS (
  SELECT * FROM (
    SELECT *, MIN(sheet_id) OVER thing AS own_sheet, MAX(other_sheet_id) OVER thing AS last_sheet
    FROM book.price_case WHERE billed NOT IN ('*', '(web search)') AND NOT is_changed
    WINDOW thing AS (PARTITION BY provider, account_id, key_id, day, billed)
  ) WHERE own_sheet = last_sheet
),
counted AS (
  SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, l.own_sheet,
    l.base_usd, l.bill_usd, l.room_usd, e.token_type AS counted_as,
    CAST(COALESCE(e.quantity_provider, e.quantity_charged) AS DECIMAL(18,0)) AS quantity
  FROM line AS l
  INNER JOIN book.effect AS e
    ON l.provider = e.provider AND l.account_id = e.account_id AND l.key_id = e.key_id
    AND l.day = e.day AND l.billed = e.model AND l.token_type IN ('*', e.token_type)
  WHERE NOT e.is_beside AND NOT e.is_apart
    AND COALESCE(e.quantity_provider, e.quantity_charged) > 0
),
taken AS (
  SELECT c.*, o.token_type AS taken_for, k.cause,
    CAST(c.base_usd + c.quantity * (o.usd_per_token - p.usd_per_token) AS DECIMAL(38,15)) AS usd
  FROM counted AS c
  INNER JOIN book.price AS p ON c.own_sheet = p.sheet_id AND c.counted_as = p.token_type
  INNER JOIN book.price AS o
    ON c.own_sheet = o.sheet_id AND p.usd_per_token <> o.usd_per_token
    AND o.token_type NOT IN ('web_search')
  LEFT JOIN known AS k ON c.counted_as = k.token_type AND o.token_type = k.taken_for
  WHERE k.cause IS NOT NULL OR c.token_type <> '*'
),
-- Each line as the type whose price it has, of several one that is known to be taken for it.
as_billed AS (
  SELECT * FROM taken
  WHERE token_type <> '*' AND ABS(bill_usd - base_usd) > room_usd
    AND ABS(bill_usd - usd) <= room_usd
  QUALIFY row_number() OVER (PARTITION BY provider, account_id, key_id, day, billed, token_type
    ORDER BY cause NULLS LAST, taken_for NOT IN ('input', 'cache_read', 'output'), taken_for) = 1
),
thing AS (
  SELECT provider, account_id, key_id, day, billed, CASE WHEN COUNT(DISTINCT cause) = 1
      AND COUNT(cause) = COUNT(*) THEN MIN(cause) ELSE 'bill_price_differs' END AS cause,
    string_agg(counted_as || ' billed at the price of ' || taken_for, ', ' ORDER BY counted_as)
      AS evidence
  FROM as_billed GROUP BY provider, account_id, key_id, day, billed
)
SELECT l.provider, l.account_id, l.key_id, l.day, l.billed, l.token_type, t.cause, t.evidence,
  COALESCE(a.usd, l.base_usd) AS usd
FROM line AS l
INNER JOIN thing AS t USING (provider, account_id, key_id, day, billed)
LEFT JOIN as_billed AS a USING (provider, account_id, key_id, day, billed, token_type)
UNION ALL
SELECT provider, account_id, key_id, day, billed, token_type, cause,
  counted_as || ' billed at the price of ' || taken_for, usd
FROM taken WHERE token_type = '*'
