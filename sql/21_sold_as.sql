-- reads:  raw.request_kind, raw.span_kind
-- writes: book.sold_as
-- grain:  one row a reseller, a name that it sells a model by, and a name that responses have of
--         that model: the maker's own, with no maker in front and no variant (:free), maybe with a
--         date, and with hyphens for dots. A name of another model is of what answered instead
WITH sold AS (
  SELECT DISTINCT provider, response_model AS sold_model,
    split_part(replace(lower(regexp_extract(response_model, '[^/]*$')), '.', '-'), ':', 1) AS name
  FROM raw.request_kind
  WHERE provider IN ('openrouter', 'together', 'fireworks') AND response_model LIKE '%/%'
    AND response_model NOT LIKE '@%' -- a preset, which chooses among models
),
told AS (
  SELECT DISTINCT response_model AS told_model, replace(lower(response_model), '.', '-') AS name
  FROM raw.span_kind
  WHERE response_model_evidence = 'reported' AND response_model NOT LIKE '%/%'
),
sold_undated AS (
  SELECT *, regexp_replace(name, '-20[0-9]{2}-?[0-9]{2}-?[0-9]{2}$', '') AS undated FROM sold
),
told_undated AS (
  SELECT *, regexp_replace(name, '-20[0-9]{2}-?[0-9]{2}-?[0-9]{2}$', '') AS undated FROM told
)
SELECT s.provider, s.sold_model, t.told_model
FROM sold_undated AS s
INNER JOIN told_undated AS t ON s.undated = t.undated
WHERE s.name = t.name OR s.name = s.undated OR t.name = t.undated
