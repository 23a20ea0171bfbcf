-- reads:  book.tally
-- writes: book.cache_mistake
-- grain:  one row a drifting request, basis and mistake about its cached tokens: how many tokens
--         of each type more the gateway would have priced by it. The family keeps two mistakes on
--         the same tokens from being assumed together; rare ones stand back in pairs
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_ttl' AS cause,
  cache_write_1h || ' tokens of 1 h cache write charged at the 5 m price' AS evidence,
  cache_write_1h AS cache_write_5m, -cache_write_1h AS cache_write_1h
FROM book.tally WHERE cache_write_1h > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_ttl' AS cause,
  cache_write_5m || ' tokens of 5 m cache write charged at the 1 h price' AS evidence,
  -cache_write_5m AS cache_write_5m, cache_write_5m AS cache_write_1h
FROM book.tally WHERE cache_write_5m > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_ttl' AS cause,
  cache_write || ' tokens of cache write charged at the 1 h price' AS evidence,
  -cache_write AS cache_write, cache_write AS cache_write_1h
FROM book.tally WHERE cache_write > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_unpriced' AS cause,
  written || ' tokens of cache write left out' AS evidence, -cache_write_5m AS cache_write_5m,
  -cache_write_1h AS cache_write_1h, -cache_write AS cache_write
FROM book.tally WHERE written > 0
UNION ALL BY NAME
-- Where one lifetime has a price and the other none.
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_unpriced' AS cause,
  cache_write_1h || ' tokens of 1 h cache write left out' AS evidence, TRUE AS is_rare,
  -cache_write_1h AS cache_write_1h
FROM book.tally WHERE cache_write_1h > 0 AND written > cache_write_1h
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_unpriced' AS cause,
  cache_write_5m || ' tokens of 5 m cache write left out' AS evidence, TRUE AS is_rare,
  -cache_write_5m AS cache_write_5m
FROM book.tally WHERE cache_write_5m > 0 AND written > cache_write_5m
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_unpriced' AS cause,
  cache_write || ' tokens of cache write, which no lifetime is told of, left out' AS evidence,
  TRUE AS is_rare, -cache_write AS cache_write
FROM book.tally WHERE cache_write > 0 AND written > cache_write
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_at_input_price' AS cause,
  written || ' tokens of cache write charged at the input price' AS evidence, written AS input,
  -cache_write_5m AS cache_write_5m, -cache_write_1h AS cache_write_1h,
  -cache_write AS cache_write
FROM book.tally WHERE written > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_at_input_price' AS cause,
  cache_write_5m || ' tokens of 5 m cache write charged at the input price' AS evidence,
  TRUE AS is_rare, cache_write_5m AS input, -cache_write_5m AS cache_write_5m
FROM book.tally WHERE cache_write_5m > 0 AND written > cache_write_5m
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_double_count' AS cause,
  written || ' tokens of cache write charged as input too' AS evidence, written AS input
FROM book.tally WHERE written > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_write' AS family, 'cache_write_double_count' AS cause,
  written || ' tokens of cache write charged twice' AS evidence, TRUE AS is_rare, cache_write_5m,
  cache_write_1h, cache_write
FROM book.tally WHERE written > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_read' AS family, 'cache_at_full_price' AS cause,
  cache_read || ' cached tokens charged at the full input price' AS evidence,
  cache_read AS input, -cache_read AS cache_read
FROM book.tally WHERE cache_read > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_read' AS family, 'cache_double_count' AS cause,
  cache_read || ' cached tokens charged on top of the full prompt' AS evidence,
  cache_read AS input
FROM book.tally WHERE cache_read > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_read' AS family, 'cache_double_count' AS cause,
  cache_read || ' cached tokens charged twice' AS evidence, TRUE AS is_rare, cache_read
FROM book.tally WHERE cache_read > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache_read' AS family, 'cache_unpriced' AS cause,
  cache_read || ' cached tokens charged at nothing' AS evidence, -cache_read AS cache_read
FROM book.tally WHERE cache_read > 0
UNION ALL BY NAME
-- What is read from and written to the cache, taken alike.
SELECT request_row, basis, 'cache' AS family, 'cache_at_full_price' AS cause,
  cache_read + written || ' cached and written tokens charged at the full input price'
    AS evidence, cache_read + written AS input, -cache_read AS cache_read,
  -cache_write_5m AS cache_write_5m, -cache_write_1h AS cache_write_1h,
  -cache_write AS cache_write
FROM book.tally WHERE cache_read > 0 AND written > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache' AS family, 'cache_double_count' AS cause,
  cache_read + written || ' cached and written tokens charged on top of the full prompt'
    AS evidence, cache_read + written AS input
FROM book.tally WHERE cache_read > 0 AND written > 0
UNION ALL BY NAME
-- Where the cache has no price of its own, and its tokens are added to a prompt that holds them.
SELECT request_row, basis, 'cache' AS family, 'cache_double_count' AS cause,
  cache_read + written || ' cached tokens charged at the full input price, and once more at it'
    AS evidence, TRUE AS is_rare, 2 * (cache_read + written) AS input,
  -cache_read AS cache_read, -cache_write_5m AS cache_write_5m,
  -cache_write_1h AS cache_write_1h, -cache_write AS cache_write
FROM book.tally WHERE cache_read > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache' AS family, 'cache_unpriced' AS cause,
  cache_read + written || ' cached and written tokens charged at nothing' AS evidence,
  -cache_read AS cache_read, -cache_write_5m AS cache_write_5m,
  -cache_write_1h AS cache_write_1h, -cache_write AS cache_write
FROM book.tally WHERE cache_read > 0 AND written > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache' AS family, 'cache_taken_twice' AS cause,
  'cached tokens taken out of a prompt that does not hold them' AS evidence, TRUE AS is_rare,
  -LEAST(cache_read, input) AS input
FROM book.tally WHERE cache_read > 0 AND input > 0
UNION ALL BY NAME
SELECT request_row, basis, 'cache' AS family, 'cache_taken_twice' AS cause,
  CASE WHEN cache_read > 0 THEN 'cached and written' ELSE 'written' END
    || ' tokens taken out of a prompt that does not hold them' AS evidence, TRUE AS is_rare,
  -LEAST(COALESCE(cache_read, 0) + written, input) AS input
FROM book.tally WHERE written > 0 AND input > 0
