-- reads:  book.request_cause, book.pattern, book.bucket_cause, book.long_day, book.usage,
--         book.bill, book.duplicate, book.invoiced, book.cut_off, book.period, raw.source_file,
--         raw.delivery, book.tolerance, and for its check book.bridge and book.cause_kind
-- writes: book.break
-- grain:  one row a finding: a break (is_break) or a note that needs no action. drift_usd is the
--         earlier figure less the later one: spend less charge, or charge less bill. What many
--         requests share is one finding of the level pattern
WITH long AS (
  SELECT l.provider, CASE l.model WHEN '' THEN '*' ELSE l.model END AS model, l.day,
    MAX(l.started_day) AS last_day
  FROM book.long_day AS l, book.period AS p
  WHERE l.model <> '*' AND l.started_day < p.to_day
  GROUP BY l.provider, l.model, l.day
),
finding AS (
  SELECT 'request' AS level, c.cause, c.is_break, c.provider, c.model, c.started_day AS day,
    c.tenant_id, c.request_id, CAST(NULL AS BIGINT) AS tokens, c.spend_usd, c.charge_usd,
    CAST(NULL AS DECIMAL(38,15)) AS bill_usd, c.drift_usd, c.evidence, CAST(1 AS BIGINT) AS rows,
    c.file_id, c.line
  FROM book.request_cause AS c
  LEFT JOIN book.pattern AS p
    ON COALESCE(c.request_row, -c.span_row) = p.request_row AND c.cause = p.cause
  WHERE p.request_row IS NULL
  UNION ALL
  SELECT 'pattern', c.cause, TRUE,
    CASE WHEN COUNT(DISTINCT c.provider) = 1 THEN MIN(c.provider) END,
    CASE WHEN COUNT(DISTINCT c.model) = 1 THEN MIN(c.model) END,
    CASE WHEN COUNT(DISTINCT c.started_day) = 1 THEN MIN(c.started_day) END,
    CASE WHEN COUNT(DISTINCT c.tenant_id) = 1 THEN MIN(c.tenant_id) END, NULL, NULL,
    SUM(c.spend_usd), SUM(c.charge_usd), NULL, SUM(c.drift_usd),
    MIN(p.evidence) || CASE WHEN MIN(p.evidence) = MIN(c.evidence) THEN ''
      ELSE ', as: ' || arg_min(c.evidence, (c.file_id, c.line, c.request_id, c.evidence)) END,
    COUNT(*),
    MIN(c.file_id), arg_min(c.line, (c.file_id, c.line))
  FROM book.request_cause AS c
  INNER JOIN book.pattern AS p
    ON COALESCE(c.request_row, -c.span_row) = p.request_row AND c.cause = p.cause
  GROUP BY c.cause, p.kind, p.name
  UNION ALL
  SELECT 'bucket', c.cause, c.is_break, c.provider, c.model, c.day, NULL, NULL, c.tokens, NULL,
    c.charge_usd, c.bill_usd, c.drift_usd,
    c.evidence || COALESCE('; of the days to ' || l.last_day, ''), 1, NULL, NULL
  FROM book.bucket_cause AS c LEFT JOIN long AS l USING (provider, model, day)
  WHERE cause NOT IN ('rounding', 'within_tolerance', 'negotiated_price', 'free_tier')
    AND NOT (starts_with(cause, 'negotiated_price|')
      AND contains(c.evidence, ' times the list price, as '))
  UNION ALL
  SELECT CASE WHEN starts_with(cause, 'negotiated_price') THEN 'pattern' ELSE 'provider' END, cause,
    bool_or(is_break), provider, NULL, NULL, NULL, NULL, NULL, NULL, SUM(charge_usd),
    SUM(bill_usd), SUM(drift_usd), SUM(bill_rows) || CASE cause
      WHEN 'rounding' THEN ' bill rows rounded to their smallest step'
      WHEN 'within_tolerance' THEN ' bill rows, each difference within the tolerance'
      ELSE ' bill rows: ' || MIN(evidence) END, SUM(bill_rows), NULL, NULL
  FROM book.bucket_cause
  WHERE cause IN ('rounding', 'within_tolerance', 'negotiated_price', 'free_tier')
    OR starts_with(cause, 'negotiated_price|')
      AND contains(evidence, ' times the list price, as ')
  GROUP BY provider, cause
  UNION ALL
  SELECT 'file', 'row_duplicated', FALSE, NULL, NULL, NULL, NULL, NULL, NULL, SUM(d.spend_usd),
    NULL, NULL, 0,
    CAST(COUNT(*) AS VARCHAR) || ' rows stand in ' || k.path || ' too and are counted once'
      || CASE WHEN bool_and(d.is_same) THEN ''
        ELSE '; some differ, the fuller or the later row counts' END,
    COUNT(*), d.file_id, MIN(d.line)
  FROM book.duplicate AS d INNER JOIN raw.source_file AS k ON d.kept_file_id = k.file_id
  GROUP BY d.file_id, k.path
  UNION ALL
  SELECT 'file', CASE WHEN u.has_no_model THEN 'unexplained' ELSE 'row_duplicated' END, FALSE,
    u.provider, NULL, NULL, NULL, NULL,
    SUM(u.quantity), NULL, NULL, NULL, 0,
    CAST(COUNT(DISTINCT u.line) AS VARCHAR) || CASE WHEN u.has_no_model
      THEN ' usage rows name no model; their tokens are compared with none'
      ELSE ' usage rows tell of days that another export tells of; counted once' END
      || CASE WHEN bool_or(u.is_other) AND NOT u.has_no_model THEN ', as the newest has it by the '
        'dates in the names, or else the one that tells the most: some figures differ' ELSE '' END,
    COUNT(DISTINCT u.line), u.file_id, MIN(u.line)
  FROM book.usage AS u WHERE NOT u.is_counted
  GROUP BY u.provider, u.file_id, u.has_no_model
  UNION ALL
  SELECT 'file', 'row_duplicated', FALSE, b.provider, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    SUM(b.amount_usd), 0,
    CAST(COUNT(*) AS VARCHAR) || ' bill rows are in another export too; counted once'
      || CASE WHEN bool_or(b.is_other) THEN ', as the newest has it by its invoice or the dates in '
        'the names, or else the one that tells the most: some figures differ' ELSE '' END,
    COUNT(*), b.file_id, MIN(b.line)
  FROM book.bill AS b WHERE NOT b.is_counted
  GROUP BY b.provider, b.file_id
  UNION ALL
  SELECT 'file', 'row_duplicated', FALSE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0,
    d.path || ' has the same bytes; counted once', f.rows_read, f.file_id, NULL
  FROM raw.delivery AS d INNER JOIN raw.source_file AS f
    ON d.sha256 = f.sha256 AND d.path <> f.path
  WHERE f.rows_read > 0
  UNION ALL
  SELECT 'file', 'page_not_loaded', TRUE, provider, NULL,
    strftime(make_timestamp(next_us), '%Y-%m-%d'), NULL, NULL, NULL, NULL, NULL, NULL, 0,
    'it says that another page follows, with the ' || COALESCE(leg, 'usage') || ' from '
      || strftime(make_timestamp(next_us), '%Y-%m-%d %H:%M')
      || ' UTC on, which is not among the inputs', 1, file_id, NULL
  FROM book.cut_off
  UNION ALL
  -- Its difference is between two figures of the provider, on no way from spend to bill.
  SELECT 'invoice', 'invoice_differs', status = 'price', provider, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, left_usd, 0, name || ' says ' || rtrim(rtrim(CAST(right_usd AS VARCHAR), '0'), '.')
      || CASE WHEN rows = 0 AND invoice_id <> '' THEN ', and no bill row names it'
        ELSE ', and its bill rows come to '
          || rtrim(rtrim(CAST(left_usd AS VARCHAR), '0'), '.') END, rows, NULL, NULL
  FROM book.invoiced WHERE status = 'price' OR status = 'not_comparable' AND is_told
)
SELECT f.level, f.cause, f.is_break,
  -- Above the materiality, where one is set: by amount and by share of the charge.
  f.is_break AND (f.level IN ('invoice', 'file') OR COALESCE(ABS(f.drift_usd) > COALESCE(
      t.material_usd, m.material_usd, p.material_usd, w.material_usd), TRUE)
    AND COALESCE(CAST(LEAST(ABS(f.drift_usd), 1000000000000) AS DECIMAL(28,15)) * 100
      > COALESCE(t.material_pct, m.material_pct, p.material_pct, w.material_pct)
        * CAST(LEAST(ABS(COALESCE(f.charge_usd, 0)), 1000000000000) AS DECIMAL(28,15)), TRUE))
    AS is_material,
  f.provider, f.model, f.day, f.tenant_id, f.request_id, CAST(f.tokens AS BIGINT) AS tokens,
  CAST(f.spend_usd AS DECIMAL(38,15)) AS spend_usd,
  CAST(f.charge_usd AS DECIMAL(38,15)) AS charge_usd,
  CAST(f.bill_usd AS DECIMAL(38,15)) AS bill_usd,
  CAST(f.drift_usd AS DECIMAL(38,15)) AS drift_usd, f.evidence, CAST(f.rows AS BIGINT) AS rows,
  f.file_id, f.line
FROM finding AS f
INNER JOIN book.tolerance AS w ON w.scope = ''
LEFT JOIN book.tolerance AS t ON t.scope = 'tenant' AND f.tenant_id = t.name
LEFT JOIN book.tolerance AS m ON m.scope = 'model' AND f.model = m.name
LEFT JOIN book.tolerance AS p ON p.scope = 'provider' AND f.provider = p.name
