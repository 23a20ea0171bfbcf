-- Control totals: what a file held was loaded, rejected or a duplicate; the ledger is whole.
SELECT 'rows read' AS broken, path AS name, rows_read AS found,
  rows_loaded + rows_rejected + rows_duplicate AS wanted
FROM report.sources WHERE rows_read <> rows_loaded + rows_rejected + rows_duplicate
UNION ALL
SELECT 'requests', 'report.requests', a.n, b.n
FROM (SELECT COUNT(*) AS n FROM report.requests) AS a, (SELECT COUNT(*) AS n FROM book.rated) AS b
WHERE a.n <> b.n
