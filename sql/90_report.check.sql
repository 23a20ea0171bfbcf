-- Control totals: what a file held was loaded, rejected or a duplicate.
SELECT 'rows read' AS broken, path AS name, rows_read AS found,
  rows_loaded + rows_rejected + rows_duplicate AS wanted
FROM report.sources WHERE rows_read <> rows_loaded + rows_rejected + rows_duplicate
