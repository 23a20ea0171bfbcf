-- reads:  book.judged, book.advice
-- writes: book.signal
-- grain:  one row a gateway and its release, tenant, route (operation and requested model), model
--         family, UTC day, signal and how it was judged: how many requests and how much money
--         carry what attribution needs, of all those of the same six, and what is at risk where
--         they do not, with the advice that is for the release
WITH how AS (
  SELECT * FROM (VALUES
    ('request_id', 'met', 'present', 'gateway row and span met by an id'),
    ('request_id', 'logged', 'present', 'gateway row and logged response header met by an id'),
    ('request_id', 'never met', 'partial', 'has an id that never meets the other side'),
    ('request_id', 'no trace loaded', 'partial', 'has an id; no trace is loaded to meet it'),
    ('request_id', 'no gateway loaded', 'partial',
      'has an id; no gateway rows are loaded to meet it'),
    ('request_id', 'no id', 'absent', 'no id of gateway, response or provider'),
    ('tenant', 'named', 'present', 'a field of gateway or trace names the tenant'),
    ('tenant', 'not named', 'absent', 'no field of gateway or trace names a tenant'),
    ('tenant', 'withheld', 'denied', 'no row of the export has metadata'),
    ('tenant', 'redacted', 'denied', 'a mark of redaction stands where the tenant stood'),
    ('token_types', 'split', 'present', 'cached, written and reasoning tokens stand apart'),
    ('token_types', 'failed', 'present', 'a failed attempt has no tokens'),
    ('token_types', 'no lifetime', 'partial', 'cache writes without their lifetime'),
    ('token_types', 'sums', 'partial', 'only input and output as a whole'),
    ('token_types', 'estimated', 'partial', 'the gateway estimated the counts'),
    ('token_types', 'no counts', 'absent', 'no counts'),
    ('token_types', 'withheld', 'denied', 'no row of the export has a response body'),
    ('response_model', 'reported', 'present', 'the response names the model'),
    ('response_model', 'failed', 'present', 'a failed attempt has no response'),
    ('response_model', 'sent', 'partial', 'the model that the gateway sent, not what answered'),
    ('response_model', 'deployment', 'partial', 'the id of a deployment, which is no model'),
    ('response_model', 'no model', 'absent', 'no model'),
    ('response_model', 'withheld', 'denied', 'no row of the export has a response body'),
    ('response_model', 'redacted', 'denied', 'the response was redacted, its model with it'),
    ('workflow', 'named', 'present', 'a workflow id'),
    ('workflow', 'session', 'present', 'a session of several calls'),
    ('workflow', 'trace', 'present', 'a trace of several calls'),
    ('workflow', 'session once', 'partial', 'a session that occurs once is no workflow'),
    ('workflow', 'trace once', 'partial', 'a trace of one call is no workflow'),
    ('workflow', 'not named', 'absent', 'no workflow, session or trace id'),
    ('workflow', 'withheld', 'denied', 'no row of the export has metadata')
  ) AS meaning (signal, code, state, how)
),
-- A family is the model's name without version and date: the words before its first number, and
-- the number itself where there are none (o3).
named AS (
  SELECT gateway, gateway_version, tenant_id,
    trim(operation || ' ' || requested_model) AS route,
    CASE WHEN model = '' THEN ''
      WHEN length(rtrim(regexp_extract(model, '^[^0-9]*'), '-_.@/')) > 1
        THEN rtrim(regexp_extract(model, '^[^0-9]*'), '-_.@/')
      ELSE regexp_extract(model, '^[^0-9]*[0-9]+') END AS model_family,
    started_day, request_id,
    CASE WHEN tenant = 'named' AND regexp_full_match(lower(tenant_id),
        '[\[<({*]*(redacted|masked|scrubbed)([ _-].*)?[\])>}*]*|[*•]{3,}')
      THEN 'redacted' ELSE tenant END AS tenant,
    token_types, response_model, workflow, requests, spend_usd, charge_usd, usd
  FROM book.judged
),
long AS (
  UNPIVOT named ON request_id, tenant, token_types, response_model, workflow
  INTO NAME signal VALUE code
),
summed AS MATERIALIZED (
  SELECT gateway, gateway_version, tenant_id, route, model_family, started_day, signal, code,
    SUM(requests) AS requests, SUM(spend_usd) AS spend_usd, SUM(charge_usd) AS charge_usd,
    SUM(usd) AS usd
  FROM long
  GROUP BY ALL
),
whole AS (
  SELECT *, SUM(requests) OVER same AS all_requests,
    book.units(GREATEST(LEAST(usd, 1000000000000), 0)) AS units,
    book.units(GREATEST(LEAST(SUM(usd) OVER same, 1000000000000), 0)) AS all_units
  FROM summed
  WINDOW same AS (
    PARTITION BY gateway, gateway_version, tenant_id, route, model_family, started_day, signal)
),
-- Of each release the advice that names it, else that for releases which are not known.
advised AS (
  SELECT v.gateway, v.gateway_version, a.signal, a.by_default, a.remedy,
    row_number() OVER (PARTITION BY v.gateway, v.gateway_version, a.signal
      ORDER BY book.release(a.from_version) DESC, a.to_version <> '' DESC) AS place
  FROM (SELECT DISTINCT gateway, gateway_version FROM summed) AS v
  INNER JOIN book.advice AS a ON v.gateway = a.gateway
  WHERE a.from_version || a.to_version = ''
    OR len(book.release(v.gateway_version)) > 0
      AND book.release(v.gateway_version) >= book.release(a.from_version)
      AND (a.to_version = '' OR book.release(v.gateway_version) < book.release(a.to_version))
)
SELECT w.gateway, NULLIF(w.gateway_version, '') AS gateway_version, w.tenant_id, w.route,
  w.model_family, w.started_day, w.signal, h.state, h.how,
  CAST(w.requests AS BIGINT) AS requests,
  CAST(10000 * w.requests // w.all_requests AS BIGINT) AS requests_bp,
  CAST(w.spend_usd AS DECIMAL(38,15)) AS spend_usd,
  CAST(w.charge_usd AS DECIMAL(38,15)) AS charge_usd, CAST(w.usd AS DECIMAL(38,15)) AS usd,
  CAST(CASE WHEN w.all_units > 0 THEN LEAST(10000 * w.units // w.all_units, 10000) END AS BIGINT)
    AS money_bp,
  CAST(CASE WHEN h.state = 'present' THEN 0 ELSE w.usd END AS DECIMAL(38,15)) AS at_risk_usd,
  a.by_default,
  -- Who redacts has the name: no setting of the gateway brings it back.
  CASE WHEN h.state = 'present' THEN NULL
    WHEN w.signal = 'tenant' AND w.code = 'redacted'
      THEN 'leave the tenant out of what is redacted, or put one pseudonym in its place'
    ELSE a.remedy END AS remedy
FROM whole AS w
INNER JOIN how AS h ON w.signal = h.signal AND w.code = h.code
LEFT JOIN advised AS a
  ON w.gateway = a.gateway AND w.gateway_version = a.gateway_version AND w.signal = a.signal
  AND a.place = 1
