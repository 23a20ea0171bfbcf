-- reads:  raw.request_kind
-- writes: book.reading
-- grain:  one row a kind of gateway rows of which nothing says whether the input count holds the
--         cached tokens, where their fellows say it (book.counts_like): all of these that can be
--         told by arithmetic count in one way, which is convention
WITH told AS (
  SELECT book.counts_like(gateway, gateway_version, provider, operation, requested_model,
      response_model, started_day) AS fellows, MIN(usage_convention) AS convention
  FROM raw.request_kind
  WHERE book.is_convention_told(usage_convention_how)
  GROUP BY fellows HAVING COUNT(DISTINCT usage_convention) = 1
)
SELECT k.kind_id, t.convention
FROM raw.request_kind AS k
INNER JOIN told AS t
  ON book.counts_like(k.gateway, k.gateway_version, k.provider, k.operation, k.requested_model,
    k.response_model, k.started_day) = t.fellows
WHERE k.usage_convention = 'unknown'
