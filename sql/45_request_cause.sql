-- reads:  book.unusual, book.settled, book.rated, book.uncertain, book.what_if, book.margin,
--         book.marked_up, book.own_price, book.reported, book.capacity, book.change, book.period,
--         book.model_key, book.tolerance, book.usage, raw.request_kind, raw.request_row
-- writes: book.request_cause
-- grain:  one row a request and thing found on it; place 1 is the request's own cause
WITH alternative AS (
  SELECT request_row, COUNT(DISTINCT explanation) AS explanations,
    string_agg(DISTINCT explanation, '|' ORDER BY explanation) AS explanation,
    string_agg(DISTINCT evidence, '; or ' ORDER BY evidence) AS evidence
  FROM book.what_if GROUP BY request_row
),
-- One explanation tells each of its causes; of several that fit all are named in one. What holds
-- for many calls alike goes before what fits one of them.
explained AS (
  SELECT w.request_row, a.explanation, w.cause, w.evidence, w.drift_usd AS part_usd
  FROM book.what_if AS w INNER JOIN alternative AS a ON w.request_row = a.request_row
  WHERE a.explanations = 1 AND w.request_row NOT IN (SELECT request_row FROM book.margin)
  UNION ALL
  SELECT request_row, explanation, explanation, evidence, NULL FROM alternative
  WHERE explanations > 1 AND request_row NOT IN (SELECT request_row FROM book.margin)
  UNION ALL
  SELECT request_row, cause, cause, evidence, NULL FROM book.margin
  UNION ALL
  SELECT * FROM (SELECT request_row, explanation, cause, evidence, drift_usd FROM book.marked_up
    UNION ALL SELECT request_row, cause, cause, evidence, NULL FROM book.own_price)
  WHERE request_row NOT IN (SELECT request_row FROM book.reported)
  UNION ALL
  SELECT r.request_row, r.cause, r.cause, r.evidence, r.part_usd FROM book.reported AS r
  WHERE r.request_row NOT IN (SELECT request_row FROM book.margin)
    AND r.request_row NOT IN (SELECT request_row FROM alternative)
),
judged AS MATERIALIZED (
  SELECT r.*, p.has_gateway, p.has_trace, s.request_row IS NOT NULL AS is_settled,
    r.is_above OR s.request_row IS NOT NULL AS is_beyond,
    COALESCE(book.unbilled_as(r.provider, r.tier_raw) = 'commitment_flat_cost', FALSE)
      OR r.request_row IN (SELECT request_row FROM book.capacity) AS is_committed
  FROM book.period AS p, book.unusual AS r LEFT JOIN book.settled AS s USING (request_row)
),
found AS (
  SELECT j.*, 1 AS place, TRUE AS is_break, 'row_missing_gateway' AS cause,
    'a trace saw the call, no gateway row tells of it' AS evidence,
    CAST(NULL AS VARCHAR) AS explanation, CAST(NULL AS DECIMAL(38,15)) AS part_usd
  FROM judged AS j
  WHERE request_state = 'only_trace' AND has_gateway
    AND (charge_status <> 'failed_attempt' OR prompt_tokens > 0 OR answered > 0)
  UNION ALL
  SELECT j.*, 2, NOT j.is_committed, CASE WHEN j.is_committed THEN 'commitment_flat_cost'
      ELSE 'unpriced' END, COALESCE(CASE WHEN j.is_committed
        THEN book.unbilled_because('commitment_flat_cost') END, NULLIF(k.hint, ''), concat(
    'no price for one of its token types', ', ' || j.other_charges, ': ', j.model_raw)), NULL, NULL
  FROM judged AS j LEFT JOIN book.model_key AS k
    ON j.provider_raw = k.provider_raw AND j.model_raw = k.model_raw AND j.tier_raw = k.tier_raw
    AND j.region_raw = k.region_raw AND j.started_us >= k.from_us AND j.started_us < k.to_us
  WHERE charge_status = 'unpriced'
  UNION ALL
  SELECT j.*, 2, TRUE, 'impossible_counts', j.usage_problem, NULL, NULL
  FROM judged AS j WHERE charge_status = 'impossible'
  UNION ALL
  SELECT j.*, 2,
    COALESCE(k.operation, '') <> 'call_mcp_tool' AND COALESCE(j.status, '') <> 'pending'
      AND u.provider IS NULL,
    CASE WHEN k.operation = 'call_mcp_tool' THEN 'tool_fee'
      WHEN g.row_id IS NULL AND k.usage_origin IS DISTINCT FROM 'estimated' THEN 'usage_missing'
      ELSE 'usage_estimated' END,
    CASE WHEN k.operation = 'call_mcp_tool'
      THEN 'the gateway''s own price of a tool; no provider of models bills it'
      WHEN j.status = 'pending' THEN 'it had not ended when the gateway logged it'
      WHEN u.provider IS NOT NULL THEN 'its client broke it off: see the provider''s counts'
      WHEN g.row_id IS NULL THEN 'no side counted ' || CASE WHEN j.answered > 0
        THEN 'the tokens of its prompt' || CASE WHEN k.usage_origin = 'estimated'
          THEN ', the gateway guessed its answer' ELSE '' END ELSE 'its tokens' END
      ELSE 'the trace says that no tokens were used, the gateway counted ' || g.prompt_tokens
        || ' in, ' || COALESCE(g.output, 0) || ' out' END, NULL, NULL
  FROM judged AS j LEFT JOIN raw.request_kind AS k ON j.request_kind = k.kind_id
  LEFT JOIN raw.request_row AS g
    ON j.request_row = g.row_id AND j.usage_source = 'trace' AND g.prompt_tokens > 0
  LEFT JOIN (SELECT DISTINCT provider, day FROM book.usage WHERE is_counted) AS u
    ON j.status = 'cancelled' AND j.provider = u.provider AND j.started_day = u.day
  WHERE charge_status = 'no_usage'
  UNION ALL
  SELECT j.*, 2, j.is_beyond, CASE WHEN k.operation IN ('aget_responses', 'get_responses')
      THEN 'row_duplicated' WHEN j.is_beyond THEN 'cache_hit_charged' ELSE 'gateway_cache_hit' END,
    CASE WHEN k.operation IN ('aget_responses', 'get_responses')
      THEN 'reads again what an earlier call answered; no provider bills it'
      ELSE 'answered from the gateway''s cache; no provider bills it' END, NULL, NULL
  FROM judged AS j LEFT JOIN raw.request_kind AS k ON j.request_kind = k.kind_id
  WHERE charge_status = 'gateway_cache_hit'
  UNION ALL
  SELECT j.*, 2, j.is_beyond,
    CASE WHEN j.is_beyond THEN 'failed_attempt_charged' ELSE 'attempt_rows' END,
    'the attempt failed' || CASE WHEN EXISTS (SELECT 1 FROM book.rated AS s
      WHERE s.workflow_id = j.workflow_id AND s.status = 'success' AND s.started_us > j.started_us)
      THEN '; a later one of its workflow succeeded' ELSE '' END, NULL, NULL
  FROM judged AS j WHERE charge_status = 'failed_attempt'
  UNION ALL
  SELECT j.*, 3, NOT j.is_committed,
    CASE WHEN j.is_committed THEN 'commitment_flat_cost' ELSE 'cost_missing' END,
    CASE WHEN j.is_committed THEN book.unbilled_because('commitment_flat_cost')
      ELSE 'the gateway recorded no spend for a call with usage' END, NULL, NULL
  FROM judged AS j WHERE charge_status = 'rated' AND request_state <> 'only_trace'
    AND COALESCE(spend_usd, 0) = 0 AND is_beyond AND spend_status IS DISTINCT FROM 'byok'
  UNION ALL
  SELECT j.*, 4, e.cause IS DISTINCT FROM 'rounding', COALESCE(e.cause, 'unexplained'),
    COALESCE(e.evidence, CASE WHEN j.request_row IN (SELECT request_row FROM book.change)
      THEN 'no changed assumption, or two, give the gateway''s figure'
      ELSE 'no changed assumption gives the gateway''s figure; two are tried on the first 20000'
        || ' of a gateway and price' END)
      || CASE WHEN j.is_settled THEN '; the provider counts 5 min cache writes alone' ELSE '' END,
    e.explanation, e.part_usd
  FROM judged AS j LEFT JOIN explained AS e ON j.request_row = e.request_row
  WHERE charge_status = 'rated' AND request_state <> 'only_trace' AND spend_usd <> 0
    AND (is_beyond OR e.request_row IS NOT NULL) AND spend_status IS DISTINCT FROM 'byok'
  UNION ALL
  SELECT j.*, 4, FALSE, 'fee',
    'paid with a key of one''s own: spend is the gateway''s fee, the provider bills the call',
    NULL, NULL
  FROM judged AS j WHERE charge_status = 'rated' AND is_beyond AND spend_status = 'byok'
  UNION ALL
  SELECT j.*, 4, FALSE, 'charge_uncertain',
    'the charge is from ' || rtrim(rtrim(CAST(u.low_usd AS VARCHAR), '0'), '.') || ' to '
      || rtrim(rtrim(CAST(u.high_usd AS VARCHAR), '0'), '.') || ' USD, and spend is within: '
      || concat_ws('; ', CASE WHEN u.is_open
        THEN 'nothing says whether the input holds the cached tokens' END,
        CASE WHEN u.is_unsaid THEN 'nothing says how long its cache writes live' END), NULL, NULL
  FROM judged AS j INNER JOIN book.uncertain AS u ON j.request_row = u.request_row
  INNER JOIN book.tolerance AS w ON w.scope = ''
  WHERE NOT is_beyond AND ABS(drift_usd) > w.usd
    AND spend_usd >= u.low_usd AND spend_usd <= u.high_usd
  UNION ALL
  SELECT j.*, 5, TRUE, 'row_missing_trace', 'no span of the loaded traces is this request',
    NULL, NULL
  FROM judged AS j WHERE request_state = 'only_gateway' AND has_trace
    AND charge_status NOT IN ('gateway_cache_hit', 'failed_attempt')
  UNION ALL
  SELECT j.*, 6, FALSE, 'tenant_missing', 'neither gateway nor trace names a tenant', NULL, NULL
  FROM judged AS j WHERE tenant_id = 'unattributed'
)
SELECT f.request_row, f.span_row, f.request_kind, f.span_kind, f.gateway_version,
  f.request_id, f.tenant_id, f.provider, f.model, f.started_day, f.started_us, f.cause,
  COALESCE(f.explanation, f.cause) AS explanation, f.evidence, f.is_break, f.spend_usd,
  f.charge_usd, f.file_id, f.line,
  -- A drift has one cause: what else was found stands without an amount.
  CASE WHEN f.part_usd IS NOT NULL THEN f.part_usd
    WHEN row_number() OVER w = 1 AND f.cause NOT IN ('row_missing_trace', 'tenant_missing')
    THEN CASE WHEN f.charge_usd IS NULL THEN COALESCE(f.spend_usd, CAST(0 AS DECIMAL(38,15)))
      ELSE f.drift_usd END
    ELSE CAST(0 AS DECIMAL(38,15)) END AS drift_usd,
  row_number() OVER w AS place
FROM found AS f
WINDOW w AS (PARTITION BY f.request_row, f.span_row ORDER BY f.place, f.cause)
