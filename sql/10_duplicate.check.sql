-- A row is not both kept and dropped, and is dropped once. Many rows may stand on one line.
SELECT 'dropped twice' AS broken, row_id, MIN(file_id) AS file_id, MIN(line) AS line
FROM book.duplicate
GROUP BY row_id HAVING COUNT(*) > 1
UNION ALL
SELECT 'kept and dropped', d.row_id, d.file_id, d.line
FROM book.duplicate AS d
INNER JOIN book.duplicate AS k ON d.row_id = k.kept_row_id
