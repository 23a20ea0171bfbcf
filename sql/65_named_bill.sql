-- reads:  book.named_line, book.billed
-- writes: book.named_bill
-- grain:  one row a tenant, day, class of workflow and row of book.drift: what it is billed for
--         calls that rows of the bill name, with the part of the bill that these are in; none for
--         what is billed beside usage
SELECT n.tenant_id, n.day, n.workflow_name, n.provider, n.account_id, n.key_id, n.bucket_day,
  n.model, n.token_type, b.billed, b.billed_type, n.bill_usd
FROM book.named_line AS n
LEFT JOIN book.billed AS b
  ON n.provider = b.provider AND n.account_id = b.account_id AND n.key_id = b.key_id
  AND n.bucket_day = b.day AND n.model = b.model AND n.token_type = b.token_type
WHERE n.bill_usd IS NOT NULL
