package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// requestDraft is a gateway row under construction.
type requestDraft struct {
	row       Request
	counts    inclusive
	charges   charges
	answer    answered        // what the provider's answer says beside tokens
	body      *fastjson.Value // the answer itself, until the next record
	backend   string          // the provider by a name of the operator's own
	sentModel string          // the model that the gateway sent, where the response names none
	duration  Count
	currency  string // of the spend, where it says so
	withheld  string // BodyLeftOut, or ""
	metadata  string // MetadataLeftOut, or ""
	tags      string
}

// requestTargets are the fields of a mapping whose leg is gateway.
func requestTargets() []mapTarget[requestDraft] {
	text := func(name string, field func(*Request) *string) mapTarget[requestDraft] {
		return textTarget(name, func(d *requestDraft) *string { return field(&d.row) })
	}
	word := func(
		name string, field func(*Request) *string, words ...string,
	) mapTarget[requestDraft] {
		return wordTarget(name, func(d *requestDraft) *string { return field(&d.row) }, words...)
	}
	targets := []mapTarget[requestDraft]{
		text("gateway_version", func(r *Request) *string { return &r.GatewayVersion }),
		text("request_id", func(r *Request) *string { return &r.RequestID }),
		text("call_id", func(r *Request) *string { return &r.CallID }),
		text("provider_request_id", func(r *Request) *string { return &r.ProviderRequestID }),
		text("response_id", func(r *Request) *string { return &r.ResponseID }),
		text("parent_request_id", func(r *Request) *string { return &r.ParentRequestID }),
		text("organization_id", func(r *Request) *string { return &r.OrganizationID }),
		text("team_id", func(r *Request) *string { return &r.TeamID }),
		text("team_name", func(r *Request) *string { return &r.TeamName }),
		text("project_id", func(r *Request) *string { return &r.ProjectID }),
		text("customer_id", func(r *Request) *string { return &r.CustomerID }),
		text("user_id", func(r *Request) *string { return &r.UserID }),
		text("api_key_id", func(r *Request) *string { return &r.APIKeyID }),
		text("api_key_name", func(r *Request) *string { return &r.APIKeyName }),
		text("tenant_tag", func(r *Request) *string { return &r.TenantTag }),
		text("provider", func(r *Request) *string { return &r.Provider }),
		textTarget("backend", func(d *requestDraft) *string { return &d.backend }),
		text("region", func(r *Request) *string { return &r.Region }),
		text("operation", func(r *Request) *string { return &r.Operation }),
		text("requested_model", func(r *Request) *string { return &r.RequestedModel }),
		text("response_model", func(r *Request) *string { return &r.ResponseModel }),
		textTarget("sent_model", func(d *requestDraft) *string { return &d.sentModel }),
		text("service_tier", func(r *Request) *string { return &r.ServiceTier }),
		word("status", func(r *Request) *string { return &r.Status },
			"success", "error", "cancelled", "pending"),
		text("error_code", func(r *Request) *string { return &r.ErrorCode }),
		word("gateway_cache", func(r *Request) *string { return &r.GatewayCache },
			"none", "hit", "unknown"),
		word("usage_origin", func(r *Request) *string { return &r.UsageOrigin },
			"provider", "estimated", "missing"),
		word("spend_status", func(r *Request) *string { return &r.SpendStatus },
			"", "priced", "zero_unpriced", "zero_error", "zero_cache_hit", "byok", "not_emitted"),
		word("spend_origin", func(r *Request) *string { return &r.SpendOrigin },
			"", "provider", "caller"),
		textTarget("spend_currency", func(d *requestDraft) *string { return &d.currency }),
		text("spend_unit", func(r *Request) *string { return &r.SpendUnit }),
		text("trace_id", func(r *Request) *string { return &r.TraceID }),
		text("span_id", func(r *Request) *string { return &r.SpanID }),
		text("session_id", func(r *Request) *string { return &r.SessionID }),
		text("workflow_id", func(r *Request) *string { return &r.WorkflowID }),
		{name: "tags", kind: kindDocument, text: func(d *requestDraft) *string { return &d.tags }},
		countTarget("attempt", func(d *requestDraft) *Count { return &d.row.Attempt }),
		leftOutTarget("response_body", BodyLeftOut,
			func(d *requestDraft) *string { return &d.withheld }),
		leftOutTarget("metadata", MetadataLeftOut,
			func(d *requestDraft) *string { return &d.metadata }),
		{name: "is_streamed", kind: kindFlag,
			flag: func(d *requestDraft) *bool { return &d.row.IsStreamed }},
		moneyTarget("spend", func(d *requestDraft) *Money { return &d.row.Spend }),
		moneyTarget("spend_original", func(d *requestDraft) *Money { return &d.row.SpendOrig }),
		instantTarget("started", func(d *requestDraft) *Count { return &d.row.StartedUS }),
		instantTarget("ended", func(d *requestDraft) *Count { return &d.row.EndedUS }),
		{name: "duration", kind: kindLength,
			count: func(d *requestDraft) *Count { return &d.duration }},
	}
	targets = append(targets, chargeTargets()...)
	return append(targets, countTargets(func(d *requestDraft) *inclusive { return &d.counts })...)
}

// requestMapping reads gateway rows by a mapping.
type requestMapping struct {
	mapping
	gateway   string
	spendUnit string
	fields    plan[requestDraft]
}

func (m *requestMapping) deliver(w *worker, p *picks, line int64) error {
	draft := requestDraft{row: Request{Line: line, Gateway: m.gateway, SpendUnit: m.spendUnit}}
	if err := m.fields.fill(&draft, p, w); err != nil {
		return err
	}
	isForeign := draft.row.Spend.Known && draft.currency != "" && !isUSD(draft.currency)
	if isForeign { // the call is loaded and its amount is a reject
		draft.row.Spend, draft.row.SpendOrig = Money{}, Money{}
	}
	model := firstText(draft.row.ResponseModel, draft.sentModel, draft.row.RequestedModel)
	if draft.row.Provider == "" && draft.backend != "" {
		draft.row.Provider = backendProvider(draft.backend, model)
	}
	if strings.HasPrefix(draft.row.Provider, "@") { // Portkey's operator names it so
		draft.row.Provider = backendProvider(draft.row.Provider, model)
	}
	m.counts.judge(p, &draft.counts, draft.row.Provider, model)
	if err := w.request(draft.finished()); err != nil || !isForeign {
		return err
	}
	return foreign("spend_currency", draft.currency)
}

// finished completes what follows from other fields.
func (d *requestDraft) finished() *Request {
	row := &d.row
	if d.answer != (answered{}) {
		stateFirst(&d.counts.webSearch, d.answer.webSearch)
		d.charges.fillFrom(&d.answer.charges)
	}
	d.addToolPrompt()
	row.Counting = d.counts.disjoint()
	d.takeBody()
	row.Problem = firstText(row.Problem, d.answer.problem)
	hasTokens := d.counts.prompt.N+d.counts.completion.N > 0
	row.Other = d.charges.text(hasTokens)
	row.Tags = d.tags
	if d.withheld != "" || d.metadata != "" {
		row.Withheld = strings.TrimSpace(d.withheld + " " + d.metadata)
	}
	row.APIKeyID = keyID(row.APIKeyID)
	if row.CallID == "" {
		row.CallID = row.RequestID
	}
	switch {
	case !row.EndedUS.Known && row.StartedUS.Known && d.duration.Known:
		row.EndedUS = Counted(row.StartedUS.N + d.duration.N)
	case !row.StartedUS.Known && row.EndedUS.Known: // a log that is stamped when it is written
		row.StartedUS = Counted(row.EndedUS.N - d.duration.N)
	}
	row.ModelEvidence = ModelReported
	if row.ResponseModel == "" {
		row.ResponseModel, row.ModelEvidence = d.sentModel, ModelEqualsRequest
	}
	if row.ResponseModel == "" {
		row.ModelEvidence = ModelMissing
	}
	row.keepGeography(row.ResponseModel, d.sentModel, row.RequestedModel)
	if row.Status == "" {
		row.Status = "success"
	}
	if row.Status == "success" {
		row.ErrorCode = ""
	}
	if row.GatewayCache == "" {
		row.GatewayCache = "unknown"
	}
	if row.GatewayCache == "hit" {
		row.ResponseID = "" // that of the call which filled the cache
	}
	if row.UsageOrigin == "" {
		row.UsageOrigin = "provider"
		if !hasTokens && row.Other == "" {
			row.UsageOrigin = "missing"
		}
	}
	if row.UsageOrigin == "missing" && row.GatewayCache != "hit" &&
		(row.Status == "success" || row.Status == "cancelled") {
		row.leaveOutZeros()
	}
	if row.SpendStatus == "" {
		row.SpendStatus = spendStatus(row)
	}
	return row
}

// leaveOutZeros takes zeros that nothing beside them bears out as counts that are missing: an
// answer without a token is none, and gateways write 0 where a stream or an endpoint told no usage,
// as one that broke for its reader did not.
func (r *Request) leaveOutZeros() {
	t := &r.Tokens
	for _, count := range []*Count{&t.Input, &t.CacheRead, &t.CacheWrite5m, &t.CacheWrite1h,
		&t.CacheWrite, &t.Output, &t.Reasoning, &t.AudioIn, &t.AudioCachedIn, &t.AudioOut,
		&t.ImageIn, &t.ImageCachedIn, &t.ImageOut, &r.PromptTokens} {
		if count.N == 0 {
			*count = Count{}
		}
	}
}
