-- The lines add up to the sums of days, to the last digit (and these, by the check of 55_drift, to
-- the requests); no priced line lacks its price.
SELECT 'lines and requests differ' AS broken, CAST(a.usd AS VARCHAR) AS lines,
  CAST(b.usd AS VARCHAR) AS requests
FROM (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.charge_line) AS a,
  (SELECT COALESCE(SUM(charge_usd), 0) AS usd FROM book.day_sum) AS b
WHERE a.usd <> b.usd
UNION ALL
SELECT 'line without price', model || ' ' || token_type, CAST(quantity AS VARCHAR)
FROM book.charge_line WHERE charge_status = 'rated' AND charge_usd IS NULL
