-- reads:  raw.request, book.copied, book.told_answer, book.told_row
-- writes: book.crossed
-- drops: book.told_answer
-- grain:  one row a gateway row that tells of an answer as the row of another gateway does, through
--         which it passed, with the row kept: one that knows whose it is, of these one with a cost,
--         and of these the first
WITH passed_on AS MATERIALIZED (
  SELECT i.row_id AS inner_row, o.row_id AS outer_row,
    concat_ws('/', i.id, i.prompt_tokens, i.answered) AS answer
  FROM book.told_answer AS i
  INNER JOIN book.told_answer AS o
    ON i.id = o.id AND i.prompt_tokens = o.prompt_tokens AND i.answered = o.answered
  WHERE i.gateway < o.gateway
    AND (i.response_id IS NULL OR o.response_id IS NULL OR i.response_id = o.response_id)
    AND ABS(i.started_us - o.started_us) <= 600000000
),
-- A copy that is not counted may be the one that knows the answer.
counted AS (
  SELECT COALESCE(c.kept_row_id, p.row_id) AS row_id, MIN(p.answer) AS answer
  FROM (
    SELECT inner_row AS row_id, answer FROM passed_on
    UNION
    SELECT outer_row, answer FROM passed_on
  ) AS p
  LEFT JOIN book.copied AS c ON p.row_id = c.row_id
  GROUP BY COALESCE(c.kept_row_id, p.row_id)
),
-- Of several rows of a gateway the first passed the other one as the first.
met AS MATERIALIZED (
  SELECT r.row_id, r.gateway, r.started_us, r.spend_usd, c.answer,
    COALESCE(r.team_id, r.tenant_tag, r.project_id, r.organization_id) AS tenant,
    COALESCE(r.user_id, r.api_key_id, r.api_key_name) AS caller, row_number() OVER (
    PARTITION BY r.gateway, c.answer ORDER BY r.started_us, r.file_id, r.line, r.request_id) AS nth
  FROM raw.request AS r
  INNER JOIN counted AS c ON r.row_id = c.row_id
),
owned AS (
  SELECT DISTINCT row_id FROM book.told_row WHERE leg = 'gateway'
),
ranked AS MATERIALIZED (
  SELECT m.row_id, m.answer, m.nth, m.started_us, row_number() OVER (
    PARTITION BY m.answer, m.nth
    ORDER BY
      CASE WHEN o.row_id IS NOT NULL THEN 0
        WHEN m.tenant IS NOT NULL THEN 1 WHEN m.caller IS NOT NULL THEN 2 ELSE 3 END,
      CASE WHEN m.spend_usd > 0 THEN 0 ELSE 1 END, m.started_us, m.gateway) AS place
  FROM met AS m LEFT JOIN owned AS o ON m.row_id = o.row_id
)
SELECT d.row_id, k.row_id AS kept_row_id
FROM ranked AS d
INNER JOIN ranked AS k ON d.answer = k.answer AND d.nth = k.nth
WHERE d.place > 1 AND k.place = 1 AND ABS(d.started_us - k.started_us) <= 600000000
