-- Each request of the ledger is rated once, and an amount stands just where the status says so.
SELECT 'requests lost or doubled' AS broken, CAST(a.n AS VARCHAR) AS found,
  CAST(b.n AS VARCHAR) AS wanted
FROM (SELECT COUNT(*) AS n FROM book.rated) AS a, (SELECT COUNT(*) AS n FROM book.ledger) AS b
WHERE a.n <> b.n
UNION ALL
SELECT 'charge without price, or price without charge', CAST(request_row AS VARCHAR),
  charge_status
FROM book.rated
WHERE (charge_usd IS NULL) <> (charge_status IN ('unpriced', 'impossible', 'no_usage'))
UNION ALL
SELECT 'name without resolution', CAST(request_row AS VARCHAR), model_raw
FROM book.rated WHERE price_status IS NULL
