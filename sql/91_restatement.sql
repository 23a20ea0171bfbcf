-- reads:  raw.restatement, book.period
-- writes: report.restatement
-- grain:  one row a file, provider, day, model and token type whose figure a newer version changed
CREATE VIEW report.restatement AS
SELECT r.path AS source_file, r.old_sha256, r.new_sha256, r.provider, CAST(r.day AS DATE) AS day,
  r.model, r.token_type, r.old_quantity, r.new_quantity, r.old_amount_usd, r.new_amount_usd
FROM raw.restatement AS r, book.period AS p
WHERE r.day >= p.from_day AND r.day < p.to_day;
