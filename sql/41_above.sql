-- heavy
-- reads:  book.rated, book.uncertain, book.tolerance
-- writes: book.above
-- grain:  one row a request whose drift is above its tolerance: above the amount and above the
--         share of the charge. Each of the two is that of the tenant, else of the model, else of
--         the provider, else of all; a drift that is just as large is within, and so is spend
--         within the range of an uncertain charge
SELECT r.request_row, r.span_row, r.drift_usd
FROM book.rated AS r
INNER JOIN book.tolerance AS w ON w.scope = ''
LEFT JOIN book.tolerance AS t ON t.scope = 'tenant' AND r.tenant_id = t.name
LEFT JOIN book.tolerance AS m ON m.scope = 'model' AND r.model = m.name
LEFT JOIN book.tolerance AS p ON p.scope = 'provider' AND r.provider = p.name
LEFT JOIN book.uncertain AS u
  ON r.request_row = u.request_row
  AND r.spend_usd >= u.low_usd AND r.spend_usd <= u.high_usd
WHERE r.drift_usd <> 0 AND u.request_row IS NULL
  AND ABS(r.drift_usd) > COALESCE(t.usd, m.usd, p.usd, w.usd)
  AND CASE WHEN ABS(r.drift_usd) > 1000000000000 OR r.charge_usd > 1000000000000 THEN TRUE
    ELSE CAST(ABS(r.drift_usd) AS DECIMAL(28,15)) * 100
      > COALESCE(t.pct, m.pct, p.pct, w.pct) * CAST(ABS(r.charge_usd) AS DECIMAL(28,15)) END
