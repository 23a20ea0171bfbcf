-- What was seen is a part of what is billed, and the days of a provider are the provider.
SELECT 'more seen than billed' AS broken, day, provider, billed FROM book.seen
WHERE billed_usd >= 0 AND (gateway_usd > billed_usd OR trace_usd > billed_usd)
UNION ALL
SELECT 'callers and bucket differ', s.day, s.provider, s.billed
FROM book.seen AS s
INNER JOIN (
  SELECT provider, day, billed, SUM(gateway_usd) AS gateway_usd
  FROM book.caller GROUP BY provider, day, billed
) AS c ON s.provider = c.provider AND s.day = c.day AND s.billed = c.billed
GROUP BY s.provider, s.day, s.billed, c.gateway_usd
HAVING c.gateway_usd > SUM(s.gateway_usd)
UNION ALL
SELECT 'days and provider differ', MIN(scope), provider, NULL
FROM book.coverage WHERE scope IN ('provider', 'day')
GROUP BY provider
HAVING SUM(billed_usd) FILTER (scope = 'provider') <> SUM(billed_usd) FILTER (scope = 'day')
  OR SUM(gateway_usd) FILTER (scope = 'provider') <> SUM(gateway_usd) FILTER (scope = 'day')
