-- reads:  book.volume_part
-- writes: book.volume_fit
-- grain:  one row a day and model of book.volume, explanation and part of it, the explanations with
--         the best evidence only, which are those of the least rank
WITH placed AS (
  SELECT *,
    rank() OVER (PARTITION BY provider, account_id, key_id, day, model ORDER BY rank) AS best,
    row_number() OVER (
      PARTITION BY provider, account_id, key_id, day, model, rank, explanation, part
      ORDER BY shift, evidence) AS nth
  FROM book.volume_part
),
kept AS MATERIALIZED (
  SELECT * EXCLUDE (best, nth, shift),
    COUNT(DISTINCT explanation) OVER (
      PARTITION BY provider, account_id, key_id, day, model) AS explanations
  FROM placed WHERE best = 1 AND nth = 1
)
SELECT provider, account_id, key_id, day, model, cause, label, evidence,
  CAST(usd AS DECIMAL(38,15)) AS usd, CAST(tokens AS BIGINT) AS tokens
FROM kept WHERE explanations = 1
UNION ALL
-- Of several that fit as well all are named in one.
SELECT provider, account_id, key_id, day, model,
  string_agg(DISTINCT explanation, '|' ORDER BY explanation), NULL,
  string_agg(DISTINCT evidence, '; or ' ORDER BY evidence),
  CAST(SUM(usd) FILTER (explanation = first_explanation) AS DECIMAL(38,15)),
  CAST(MAX(tokens) AS BIGINT)
FROM (
  SELECT *, MIN(explanation) OVER (PARTITION BY provider, account_id, key_id, day, model)
    AS first_explanation
  FROM kept WHERE explanations > 1
)
GROUP BY provider, account_id, key_id, day, model
