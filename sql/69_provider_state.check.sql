-- Each provider row of the period is in exactly one state, one that a provider row can be in.
SELECT 'rows lost or doubled' AS broken, CAST(s.n AS VARCHAR) AS found,
  CAST(u.n + b.n AS VARCHAR) AS wanted
FROM (SELECT COUNT(*) AS n FROM book.provider_state) AS s,
  (SELECT COUNT(*) AS n FROM book.usage WHERE is_counted AND is_in_period) AS u,
  (SELECT COUNT(*) AS n FROM book.bill WHERE is_counted AND is_in_period) AS b
WHERE s.n <> u.n + b.n
UNION ALL
SELECT 'state', leg || ' ' || row_id, match_state FROM book.provider_state
WHERE match_state NOT IN ('all_three', 'gateway_provider', 'trace_provider', 'only_provider',
  'not_comparable')
