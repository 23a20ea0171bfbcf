-- reads:  raw.request_kind, raw.span_kind
-- writes: book.sold_as
-- grain:  one row a reseller, a name that it sells a model by, and a name that responses have of
--         that model: the maker's own, with no maker in front, or its first word in one of them
--         (Meta-Llama-3.1 of meta-llama/llama-3.1), no variant (:free), maybe with a date, and
--         with hyphens for dots. A name of another model is of what answered instead
WITH sold AS (
  SELECT DISTINCT provider, response_model AS sold_model,
    regexp_extract(lower(response_model), '^[a-z0-9]+') AS maker,
    split_part(replace(lower(regexp_extract(response_model, '[^/]*$')), '.', '-'), ':', 1) AS name
  FROM raw.request_kind
  WHERE provider IN ('openrouter', 'together', 'together_ai', 'fireworks', 'fireworks_ai')
    AND response_model LIKE '%/%'
    AND response_model NOT LIKE '@%' -- a preset, which chooses among models
),
told AS (
  SELECT DISTINCT response_model AS told_model, replace(lower(response_model), '.', '-') AS name
  FROM raw.span_kind
  WHERE response_model_evidence = 'reported' AND response_model NOT LIKE '%/%'
),
-- Dates as makers write them: -2026-10-01, -20261001, -0709, -2411, -08-2024, -preview-06-05, -001,
-- -latest. A preview without one may be another model.
undated AS (
  SELECT name, regexp_replace(name, '-(20[0-9]{2}-?[0-9]{2}-?[0-9]{2}|'
    || '(preview-)?(0[1-9]|1[0-2])-20[0-9]{2}|[0-9]{4}|(preview-)?[0-9]{2}-[0-9]{2}|'
    || '00[0-9]|latest)$', '') AS undated
  FROM (SELECT name FROM sold UNION SELECT name FROM told)
)
SELECT s.provider, s.sold_model, t.told_model
FROM sold AS s
INNER JOIN undated AS o ON s.name = o.name
INNER JOIN undated AS u
  ON u.undated IN (o.undated, s.maker || '-' || o.undated)
  OR s.maker || '-' || u.undated = o.undated
INNER JOIN told AS t ON u.name = t.name
WHERE s.name = o.undated OR t.name = u.undated OR t.name IN (s.name, s.maker || '-' || s.name)
  OR s.name = s.maker || '-' || t.name
