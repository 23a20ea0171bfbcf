-- heavy
-- reads:  book.member
-- writes: book.same_call
-- drops: book.member
-- grain:  one row a span whose response other spans saw too: one of them stands for the call,
--         with the ids that any of them knew, the owner by the gateway's span, the run and the
--         model asked for by the client's; and the tier, the model and that it went well, where
--         the span that stands for the call does not know and another does; and the provider that
--         a gateway's span names, or any where there is no such span. When the call was made is
--         told where that span saw the response again later
WITH teller AS ( -- which of them says each of these first
  SELECT response_id, MIN(place) AS place, COUNT(*) AS spans, MIN(call_id) AS call_id,
    MIN(told_id) AS told_id, MIN(provider_request_id) AS provider_request_id,
    MIN(success) AS success,
    MIN(run_place) FILTER (WHERE session_id IS NOT NULL) AS session_place,
    MIN(run_place) FILTER (WHERE workflow_id IS NOT NULL) AS workflow_place,
    MIN(run_place) FILTER (WHERE workflow_name IS NOT NULL) AS name_place,
    MIN(run_place) FILTER (WHERE requested_model IS NOT NULL) AS asked_place,
    MIN(owner_place) FILTER (WHERE tenant IS NOT NULL) AS tenant_place,
    MIN(place) FILTER (WHERE service_tier IS NOT NULL) AS tier_place,
    MIN(place) FILTER (WHERE model IS NOT NULL) AS model_place,
    MIN(place) FILTER (WHERE provider IS NOT NULL) AS provider_place,
    MIN(place) FILTER (WHERE named IS NOT NULL) AS named_place,
    COUNT(*) FILTER (WHERE owner_place < 1000000) AS gateways
  FROM book.member
  GROUP BY response_id
),
known AS (
  SELECT m.response_id,
    MIN(CASE WHEN m.run_place = t.session_place THEN m.session_id END) AS session_id,
    MIN(CASE WHEN m.run_place = t.workflow_place THEN m.workflow_id END) AS workflow_id,
    MIN(CASE WHEN m.run_place = t.name_place THEN m.workflow_name END) AS workflow_name,
    MIN(CASE WHEN m.run_place = t.asked_place THEN m.requested_model END) AS requested_model,
    MIN(CASE WHEN m.owner_place = t.tenant_place THEN m.tenant END) AS tenant,
    MIN(CASE WHEN m.place = t.tier_place AND m.place > t.place THEN m.service_tier END)
      AS service_tier,
    MIN(CASE WHEN m.place = t.model_place AND m.place > t.place THEN m.model END) AS model,
    MIN(CASE WHEN m.place = t.provider_place AND m.place > t.place THEN m.provider END) AS provider,
    MIN(CASE WHEN m.place = t.named_place AND m.place > t.place AND t.gateways = 0
      THEN m.named END) AS named,
    MIN(m.started_us) FILTER (WHERE m.time_place = 1) AS started_us,
    MIN(m.ended_us) FILTER (WHERE m.time_place = 1) AS ended_us,
    MIN(m.started_day) FILTER (WHERE m.time_place = 1) AS started_day
  FROM book.member AS m
  INNER JOIN teller AS t ON m.response_id = t.response_id
  GROUP BY m.response_id
)
SELECT m.row_id, CASE WHEN m.place = t.place THEN TRUE ELSE FALSE END AS is_kept, t.response_id,
  t.told_id,
  t.spans, t.call_id, t.provider_request_id, k.session_id, k.workflow_id, k.workflow_name,
  k.tenant, k.service_tier, k.model,
  COALESCE(k.provider, k.named) AS provider, k.requested_model,
  CASE WHEN m.success IS NULL THEN t.success END AS status,
  CASE WHEN m.started_us > k.ended_us THEN k.started_us END AS started_us,
  CASE WHEN m.started_us > k.ended_us THEN k.ended_us END AS ended_us,
  CASE WHEN m.started_us > k.ended_us THEN k.started_day END AS started_day
FROM book.member AS m
INNER JOIN teller AS t ON m.response_id = t.response_id
INNER JOIN known AS k ON m.response_id = k.response_id
