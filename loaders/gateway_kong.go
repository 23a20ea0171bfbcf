package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Kong AI Gateway: what any of its logging plugins writes of a request, a line or a list of them.
// The AI plugins add ai.<name>.{meta,usage}, where the name changed with the releases, and several
// of them may have called a model on behalf of one request. Requests without are no LLM calls.
//
// The consumer is who Kong has authenticated; headers are what the caller says of itself, and name
// no tenant. The cost is in whatever currency its operator configured the rates in.

func kongLog() Format {
	return Format{
		Name: "kong.log", Leg: LegGateway,
		About: "Kong AI Gateway: logs of any logging plugin as JSON, with ai.* statistics on",
		recognise: func(h *Head) Match {
			return h.needsKeys(kongKeys()...)
		},
		nests: nestedIn("ai", "request", "response", "latencies", "consumer", "trace_id"),
		load: func(j *Job) error {
			return j.eachRecord(func(w *worker) handler {
				reader := keptBy(w, "kong", func() *kongReader { return &kongReader{} })
				reader.w = w
				return reader.row
			})
		},
	}
}

// kongKeys are those that every logged request has.
func kongKeys() []string { return []string{"started_at", "request", "latencies"} }

type kongReader struct {
	w       *worker
	body    fastjson.Parser
	folded  unfolder
	scratch []byte
}

// kongCall is one plugin's statistics: the proxy's, or those of a plugin that asked a model.
type kongCall struct {
	plugin string
	*fastjson.Value
}

func (k *kongReader) row(v *fastjson.Value, line int64) error {
	if isFolded(v) || isFolded(v.Get("ai")) {
		var err error
		if v, err = k.folded.unfold(v); err != nil {
			return err
		}
	}
	ai := v.Get("ai")
	if isUnread(textOf(ai)) {
		return badRow("ai: text that holds no JSON object")
	}
	if ai == nil || ai.Type() != fastjson.TypeObject {
		return k.w.passOver(v, "kong.log", kongKeys())
	}
	calls := kongCalls(ai)
	if len(calls) == 0 {
		k.w.ignored()
		return nil
	}
	for i, call := range calls {
		draft := requestDraft{row: Request{Line: line, Gateway: "kong", SpendUnit: "configured"}}
		if err := k.fill(&draft, v, call); err != nil {
			return err
		}
		row := draft.finished()
		if i == 0 {
			if err := k.w.request(row); err != nil {
				return err
			}
			continue
		}
		row.ParentRequestID = row.RequestID
		row.RequestID += "#" + call.plugin
		row.CallID = row.RequestID
		if err := k.w.another(row); err != nil {
			return err
		}
	}
	return nil
}

// kongCalls finds the statistics, the proxy's first: at ai.proxy, at ai.ai-proxy up to 3.8 and in
// 3.9.0.1, at ai itself in some examples, and of other plugins under ai or under the proxy.
func kongCalls(ai *fastjson.Value) []kongCall {
	var first, others []kongCall
	var look func(plugin string, v *fastjson.Value, depth int)
	look = func(plugin string, v *fastjson.Value, depth int) {
		if v.Type() != fastjson.TypeObject || depth > 2 {
			return
		}
		if isKongCall(v) {
			call := kongCall{plugin: strings.Clone(plugin), Value: v}
			switch {
			case plugin != "proxy" && plugin != "ai-proxy" && plugin != "ai":
				others = append(others, call)
			case len(first) == 0 || (call.Get("usage") != nil &&
				(plugin == "proxy" || first[0].Get("usage") == nil)):
				first = []kongCall{call} // a request has one proxy, which may be logged twice
			}
		}
		v.GetObject().Visit(func(key []byte, inner *fastjson.Value) {
			if name := view(key); name != "meta" && name != "usage" && name != "payload" {
				look(name, inner, depth+1)
			}
		})
	}
	look("ai", ai, 0)
	return append(first, others...)
}

// isKongCall tells statistics of a call by what was asked for; one that failed may count nothing.
func isKongCall(v *fastjson.Value) bool {
	meta := v.Get("meta")
	return meta != nil && (v.Get("usage") != nil || meta.Exists("request_model") ||
		meta.Exists("provider_name"))
}

func (k *kongReader) fill(d *requestDraft, v *fastjson.Value, call kongCall) error {
	row := &d.row
	row.RequestID = firstText(textAt(v, "request", "id"),
		textAt(v, "response", "headers", "x-kong-request-id"), textAt(v, "correlation_id"))
	if row.RequestID == "" {
		return badRow("request.id is missing")
	}
	var err error
	if row.StartedUS, err = kongTime("started_at", textAt(v, "started_at")); err != nil {
		return err
	}
	if us, ok := scaledWhole(textAt(v, "latencies", "request"), 3); ok && us >= 0 {
		d.duration = Counted(us)
	}
	k.identify(row, v)
	k.name(d, v, call)
	row.Status = httpStatus(textAt(v, "response", "status"))
	if row.Status != "success" && row.Status != "cancelled" {
		row.Status = "error"
	}
	row.ErrorCode = textAt(v, "response", "status")
	if call.Get("tried_targets") != nil {
		row.Attempt = Counted(max(1, int64(len(call.GetArray("tried_targets")))))
	} else if tries := textAt(v, "upstream_status"); tries != "" {
		row.Attempt = Counted(int64(strings.Count(tries, ",") + 1))
	}
	switch strings.ToLower(textAt(call.Value, "cache", "cache_status")) {
	case "hit":
		row.GatewayCache = "hit"
	case "miss", "bypass", "refresh":
		row.GatewayCache = "none"
	}
	if err := k.count(d, v, call); err != nil {
		return err
	}
	usage := call.Get("usage")
	row.Spend, err = k.w.money("cost", firstText(textAt(usage, "cost"),
		textAt(usage, "llm_usage_cost")))
	return err
}

// kongTime reads milliseconds since 1970.
func kongTime(field, text string) (Count, error) {
	if text == "" {
		return Count{}, nil
	}
	return instants{kind: instantEpoch, places: 3}.read(field, text)
}

func (k *kongReader) identify(row *Request, v *fastjson.Value) {
	headers := v.Get("request", "headers")
	row.TenantTag = firstText(textAt(v, "consumer", "custom_id"), textAt(v, "consumer", "username"))
	row.APIKeyName = textAt(v, "consumer", "username")
	row.APIKeyID = textAt(v, "authenticated_entity", "id")
	if workspace := textAt(v, "workspace_name"); workspace != "default" {
		row.ProjectID = workspace
	}
	if tags := v.GetArray("consumer", "tags"); len(tags) > 0 {
		k.scratch = v.Get("consumer", "tags").MarshalTo(k.scratch[:0])
		row.Tags = view(k.scratch)
	}
	parent := textAt(headers, "traceparent")
	row.TraceID = firstText(textAt(v, "trace_id", "w3c"), traceparent(parent, 1))
	row.SpanID = traceparent(parent, 2)
	row.SessionID = firstText(textAt(headers, "x-session-id"), textAt(headers, "session-id"))
	row.WorkflowID = firstText(textAt(headers, "x-workflow-id"), row.SessionID)
	row.Operation = textAt(v, "upstream_uri")
	row.GatewayVersion = kongRelease(v)
}

// name fills provider and models. Kong writes the model that it asked for where the response names
// none, so that only another name proves that the provider wrote it.
func (k *kongReader) name(d *requestDraft, v *fastjson.Value, call kongCall) {
	meta, row := call.Get("meta"), &d.row
	row.Provider = kongProvider(v, call)
	row.RequestedModel = textAt(meta, "request_model")
	d.sentModel = row.RequestedModel
	if model := textAt(meta, "response_model"); model != row.RequestedModel {
		row.ResponseModel = model
	}
	if body := objectOf(call.Get("payload", "response"), &k.body); body != nil {
		row.ResponseID = textAt(body, "id")
		row.ResponseModel = firstText(textAt(body, "model"), row.ResponseModel)
		d.answer.takeAnswer(body)
		d.body = body
	}
	row.IsStreamed = textAt(meta, "request_mode") == "stream"
}

// kongProvider tells apart the two services of Google that Kong calls gemini: Vertex AI is the one
// that its settings give a project and location for. The target that was tried last says which was
// asked, by its host, as the path does; where neither is logged, Kong's word stays.
func kongProvider(v *fastjson.Value, call kongCall) string {
	name := textAt(call.Get("meta"), "provider_name")
	if !strings.EqualFold(name, "gemini") {
		return name
	}
	host, path := "", textAt(v, "upstream_uri")
	if tried := call.GetArray("tried_targets"); len(tried) > 0 {
		last := tried[len(tried)-1]
		host, path = textAt(last, "host"), firstText(textAt(last, "upstream_uri"), path)
	}
	if providerAt(host) == "gcp.vertex_ai" || strings.Contains(path, "/publishers/") ||
		strings.Contains(path, "/locations/") {
		return "vertex"
	}
	return name
}

// isUnread reports text that says something where an object belongs.
func isUnread(text string) bool {
	text = strings.Trim(text, `"[]{} `)
	return text != "" && !isNullWord(text)
}
