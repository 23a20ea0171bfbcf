-- reads:  book.request_cause, book.bucket_cause, book.usage, book.bill, book.duplicate,
--         raw.source_file, book.drift
-- writes: book.break
-- grain:  one row a finding: a break (is_break) or a note that needs no action. drift_usd is the
--         earlier figure less the later one: spend less charge, or charge less bill
SELECT 'request' AS level, cause, is_break, provider, model, started_day AS day, tenant_id,
  request_id, CAST(NULL AS BIGINT) AS tokens, spend_usd, charge_usd,
  CAST(NULL AS DECIMAL(38,15)) AS bill_usd, drift_usd, evidence, CAST(1 AS BIGINT) AS rows,
  file_id, line
FROM book.request_cause
UNION ALL
SELECT 'bucket', cause, is_break, provider, model, day, NULL, NULL, tokens, NULL, charge_usd,
  bill_usd, drift_usd, evidence, 1, NULL, NULL
FROM book.bucket_cause WHERE cause <> 'rounding'
UNION ALL
SELECT 'provider', 'rounding', FALSE, provider, NULL, NULL, NULL, NULL, NULL, NULL,
  CAST(SUM(charge_usd) AS DECIMAL(38,15)), CAST(SUM(bill_usd) AS DECIMAL(38,15)),
  CAST(SUM(drift_usd) AS DECIMAL(38,15)),
  CAST(SUM(bill_rows) AS VARCHAR) || ' bill rows rounded to their smallest step',
  CAST(SUM(bill_rows) AS BIGINT), NULL, NULL
FROM book.bucket_cause WHERE cause = 'rounding'
GROUP BY provider
UNION ALL
SELECT 'file', 'row_duplicated', FALSE, NULL, NULL, NULL, NULL, NULL, NULL,
  CAST(SUM(d.spend_usd) AS DECIMAL(38,15)), NULL, NULL, CAST(0 AS DECIMAL(38,15)),
  CAST(COUNT(*) AS VARCHAR) || ' rows stand in ' || k.path || ' too and are counted once'
    || CASE WHEN bool_and(d.is_same) THEN '' ELSE '; some differ, the fuller row counts' END,
  COUNT(*), d.file_id, MIN(d.line)
FROM book.duplicate AS d INNER JOIN raw.source_file AS k ON d.kept_file_id = k.file_id
GROUP BY d.file_id, k.path
UNION ALL
SELECT 'file', 'row_duplicated', FALSE, u.provider, NULL, NULL, NULL, NULL,
  CAST(SUM(u.quantity) AS BIGINT), NULL, NULL, NULL, CAST(0 AS DECIMAL(38,15)),
  CAST(COUNT(DISTINCT u.line) AS VARCHAR)
    || ' usage rows tell of days that another export tells of; counted once',
  COUNT(DISTINCT u.line), u.file_id, MIN(u.line)
FROM book.usage AS u WHERE NOT u.is_counted
GROUP BY u.provider, u.file_id
UNION ALL
SELECT 'file', 'row_duplicated', FALSE, b.provider, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  CAST(SUM(b.amount_usd) AS DECIMAL(38,15)), CAST(0 AS DECIMAL(38,15)),
  CAST(COUNT(*) AS VARCHAR) || ' bill rows are in another export too; counted once',
  COUNT(*), b.file_id, MIN(b.line)
FROM book.bill AS b WHERE NOT b.is_counted
GROUP BY b.provider, b.file_id
