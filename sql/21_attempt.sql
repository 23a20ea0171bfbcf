-- reads:  raw.request_row, raw.request_kind
-- writes: book.attempt
-- about: raw.request_row.other_charges
-- grain:  one row a provider and model that it tried within calls that another model answered:
--         what such an attempt counts stands among the other charges of the call, as
--         TYPE@MODEL=COUNT
SELECT DISTINCT provider AS provider_raw, substr(name, strpos(name, '@') + 1) AS model_raw
FROM (
  SELECT k.provider, split_part(unnest(string_split(r.other_charges, ' ')), '=', 1) AS name
  FROM raw.request_row AS r
  INNER JOIN raw.request_kind AS k ON r.kind_id = k.kind_id
  WHERE contains(r.other_charges, '@') AND k.provider IS NOT NULL
) AS told
WHERE contains(name, '@')
