-- heavy
-- reads:  book.span_met, book.span_drop, book.span_response
-- writes: book.span_twin
-- grain:  one row a span of a call that one client and one gateway saw in different traces, with
--         the response that it told of, and the one that both are of
WITH side AS (
  SELECT call_id, client_row AS row_id, 'client' AS seen_by FROM book.span_met
  UNION
  SELECT call_id, gateway_row, 'gateway' FROM book.span_met
),
told AS (
  SELECT s.call_id, s.row_id, n.response_id,
    CASE WHEN s.seen_by = 'gateway' THEN n.response_id END AS gateway_id,
    CASE WHEN s.seen_by = 'gateway' AND d.row_id IS NULL THEN 1 ELSE 0 END AS gateways,
    CASE WHEN s.seen_by = 'client' AND d.row_id IS NULL THEN 1 ELSE 0 END AS clients
  FROM side AS s
  LEFT JOIN book.span_response AS n ON s.row_id = n.row_id
  LEFT JOIN book.span_drop AS d ON s.row_id = d.row_id
),
one_call AS (
  SELECT call_id, COALESCE(MIN(gateway_id), MIN(response_id), call_id) AS response_id
  FROM told GROUP BY call_id HAVING SUM(gateways) < 2 AND SUM(clients) < 2
)
SELECT t.row_id, t.response_id AS told_id, o.response_id
FROM told AS t INNER JOIN one_call AS o ON t.call_id = o.call_id
