-- A row is not both kept and dropped, and is dropped once.
SELECT 'dropped twice' AS broken, file_id, line FROM book.duplicate
GROUP BY file_id, line HAVING COUNT(*) > 1
UNION ALL
SELECT 'kept and dropped', d.file_id, d.line
FROM book.duplicate AS d
INNER JOIN book.duplicate AS k ON d.file_id = k.kept_file_id AND d.line = k.kept_line
