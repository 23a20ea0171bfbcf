-- Each request is judged once for each of the five signals.
SELECT 'requests judged' AS broken, s.signal, s.n AS found, r.n AS wanted
FROM (SELECT signal, SUM(requests) AS n FROM book.signal GROUP BY signal) AS s,
  (SELECT COUNT(*) AS n FROM book.rated) AS r
WHERE s.n <> r.n
