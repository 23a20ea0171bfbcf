-- reads:  raw.control, book.invoice, book.bill, book.model_key, book.period
-- writes: book.invoiced
-- grain:  one row an invoice, or the subtotal of one, and what the rows of the bill come to that it
--         is of. Without such rows it differs where they are to be expected: an invoice of the
--         period, where bill rows name others. Else it is told (is_told) or not comparable
WITH line AS (
  -- An export of invoice lines comes again: of each line the last one counts.
  SELECT invoice_id, detail, issuer, arg_max(month, file_id) AS month,
    arg_max(usd, file_id) AS usd, arg_max(lines, file_id) AS lines
  FROM (
    SELECT file_id, max(regexp_extract(scope, ',month="([^"]*)"', 1)) AS month,
      regexp_extract(scope, '^invoice="((?:[^"\\]|\\.)*)"', 1) AS invoice_id,
      regexp_extract(scope, ',detail="((?:[^"\\]|\\.)*)"', 1) AS detail,
      regexp_extract(scope, ',issuer="((?:[^"\\]|\\.)*)"', 1) AS issuer,
      SUM(amount_usd) AS usd, COUNT(*) AS lines
    FROM raw.control WHERE statement = 'invoice_total'
    GROUP BY file_id, invoice_id, detail, issuer
  )
  GROUP BY invoice_id, detail, issuer
),
-- Issuers count their invoices each for themselves: two may give the same number.
stated AS (
  SELECT 'invoice ' || invoice_id || CASE WHEN COUNT(*) OVER same > 1 THEN ' of ' || issuer
      ELSE '' END AS name,
    issuer, CASE WHEN COUNT(*) OVER same > 1 THEN issuer ELSE '' END AS provider, invoice_id,
    month, '' AS from_day, '' AS to_day, usd, lines, FALSE AS is_subtotal, FALSE AS is_set
  FROM (
    SELECT invoice_id, issuer, max(month) AS month, SUM(usd) AS usd, SUM(lines) AS lines
    FROM line GROUP BY invoice_id, issuer
  )
  WINDOW same AS (PARTITION BY invoice_id)
  UNION ALL
  SELECT DISTINCT CASE WHEN is_subtotal THEN 'subtotal of ' ELSE '' END || 'invoice '
      || COALESCE(NULLIF(invoice_id, ''), left(from_day, 7)), provider, provider, invoice_id,
    left(from_day, 7), from_day, to_day, usd, 1, is_subtotal, TRUE
  FROM book.invoice
),
billed AS (
  SELECT *, CASE provider WHEN 'azure_ai' THEN 'azure' WHEN 'google' THEN 'vertex'
    ELSE provider END AS issuer,
    -- Google's rows name the month of their invoice, which begins at midnight in California.
    COALESCE(CASE WHEN issuer = 'vertex' AND regexp_full_match(invoice_id, '20[0-9]{4}')
      THEN left(invoice_id, 4) || '-' || right(invoice_id, 2) || '-01' END, bucket_day)
      AS invoice_day
  FROM book.bill WHERE is_counted
),
-- An invoice rounds itself to cents once, or each of its lines, and its rows each to their own
-- smallest step.
compared AS (
  SELECT i.name, i.issuer, i.invoice_id, i.month, i.is_set,
    COALESCE(NULLIF(i.provider, ''), MIN(b.provider), i.issuer) AS provider,
    COUNT(b.row_id) AS rows, COALESCE(SUM(b.amount_usd), 0) AS left_usd, i.usd AS right_usd,
    CAST(0.01 * i.lines AS DECIMAL(38,15))
      + CAST(COALESCE(SUM(b.amount_quantum), 0) * 0.5 AS DECIMAL(38,15)) AS tolerance_usd
  FROM stated AS i
  LEFT JOIN billed AS b
    ON i.provider IN ('', b.provider, b.issuer)
    AND (i.invoice_id = '' OR i.invoice_id = b.invoice_id)
    AND (i.invoice_id <> '' OR b.invoice_day >= i.from_day AND b.invoice_day < i.to_day)
    AND NOT (i.is_subtotal AND b.charge_category = 'tax')
  GROUP BY i.name, i.issuer, i.provider, i.invoice_id, i.month, i.is_set, i.usd, i.lines
),
-- Of clouds, only the rows of models are loaded: an invoice without any may be of something else.
backed AS (
  SELECT c.*, c.month <> '' AND c.month || '-01' < p.to_day AND c.month >= left(p.from_day, 7)
      AND p.has_bill AND (c.is_set OR c.issuer NOT IN ('bedrock', 'azure', 'vertex')
        AND c.issuer IN (SELECT provider FROM book.model_key))
      AND (c.invoice_id = '' OR COALESCE(n.names_invoices, FALSE)) AS is_expected,
    c.is_set AND c.month = '' AND p.has_bill AS is_told
  FROM compared AS c CROSS JOIN book.period AS p
  LEFT JOIN (
    SELECT provider, bool_or(invoice_id IS NOT NULL) AS names_invoices FROM billed GROUP BY provider
  ) AS n ON c.provider = n.provider
)
SELECT name, invoice_id, provider, rows, CAST(left_usd AS DECIMAL(38,15)) AS left_usd,
  CAST(right_usd AS DECIMAL(38,15)) AS right_usd, tolerance_usd, rows = 0 AND is_told AS is_told,
  CASE WHEN left_usd = right_usd THEN 'ok' WHEN rows = 0 AND NOT is_expected
      THEN 'not_comparable'
    WHEN ABS(left_usd - right_usd) <= tolerance_usd THEN 'rounding' ELSE 'price' END AS status
FROM backed
