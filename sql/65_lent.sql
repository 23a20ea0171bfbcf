-- reads:  book.borne, book.billed
-- writes: book.lent
-- grain:  one row a row of book.borne, with the part of the bill that its tokens are billed in.
--         is_lent: the requests that it is of are billed in another one, so that they bear it
--         beside what they bear there
SELECT row_number() OVER () AS line, b.*, i.billed, i.billed_type, i.kin, b.usd > 0 AND CASE
    WHEN b.of_status <> 'rated' THEN TRUE
    WHEN b.of_type IS NULL THEN i.billed_type <> '*'
    ELSE b.of_day <> b.day OR o.billed <> i.billed OR o.billed_type <> i.billed_type END AS is_lent
FROM book.borne AS b
INNER JOIN book.billed AS i
  ON b.provider = i.provider AND b.account_id = i.account_id AND b.key_id = i.key_id
  AND b.day = i.day AND b.model = i.model AND b.token_type = i.token_type
LEFT JOIN book.billed AS o
  ON b.provider = o.provider AND b.account_id = o.account_id AND b.key_id = o.key_id
  AND b.of_day = o.day AND b.of_model = o.model AND b.of_type = o.token_type
WHERE b.usd < 0 OR b.of_type IS NULL OR b.tenant_id IS NOT NULL OR o.provider IS NOT NULL
