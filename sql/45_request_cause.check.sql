-- A request that drifts beyond tolerance has a cause, and its drift is told once.
SELECT 'drift without a cause' AS broken, CAST(a.request_row AS VARCHAR) AS row, a.drift_usd
FROM book.above AS a
LEFT JOIN book.request_cause AS c ON a.request_row = c.request_row
WHERE a.request_row IS NOT NULL AND c.cause IS NULL
UNION ALL
SELECT 'causes do not add up to the drift', MIN(request_id), SUM(drift_usd)
FROM book.request_cause
WHERE charge_usd IS NOT NULL
GROUP BY request_row, span_row
HAVING SUM(drift_usd) <> 0 AND ABS(SUM(drift_usd)
  - (MIN(COALESCE(spend_usd, 0)) - MIN(charge_usd))) > 0
