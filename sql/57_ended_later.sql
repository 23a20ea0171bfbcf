-- reads:  book.dated, book.long_day
-- writes: book.ended_later
-- grain:  one row a rated call that ended under another day than it began, which is late_day
SELECT r.provider, r.model, r.request_row, r.span_row, r.request_kind, r.span_kind, r.tenant_id,
  r.workflow_id, r.workflow_name, r.sheet_id, r.started_us, r.started_day, r.day,
  COALESCE(l.day, r.ended_day) AS late_day, r.input, r.cache_read, r.cache_write_5m,
  r.cache_write_1h, r.cache_write, r.output, r.reasoning, r.audio_in, r.audio_cached_in,
  r.audio_out, r.image_in, r.image_cached_in, r.image_out, r.web_search
FROM book.dated AS r
LEFT JOIN book.long_day AS l
  ON r.provider = l.provider AND r.model = l.model AND r.ended_day = l.started_day
-- Told by their times first, so that few rows are read whole.
WHERE r.started_us IN (SELECT started_us FROM book.rated
    WHERE started_us // 86400000000 <> ended_us // 86400000000)
  AND r.started_day <> r.ended_day AND r.day <> COALESCE(l.day, r.ended_day)
  AND r.charge_status = 'rated'
