package loaders

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// TrueFoundry: spans of its AI gateway. A request is a root span with one child of type Model for
// each try at a provider; only these are calls, and who asked stands on the root alone. Spans of a
// trace stand near one another, in either order, so they are gathered by trace before they become
// rows.

// truefoundryOpenMax is how many traces are held open; beyond it the oldest is closed.
const truefoundryOpenMax = 4096

func truefoundrySpans() Format {
	return Format{
		Name: "truefoundry.spans", Leg: LegGateway,
		About: "TrueFoundry AI Gateway spans, from its query API",
		recognise: func(h *Head) Match {
			if h.has("data.spanAttributes") {
				return h.needsKeys("data.traceId", "data.spanId", "data.spanAttributes")
			}
			if h.has("spanAttributes") && bytes.Contains(h.Bytes, []byte("tfy.span_type")) {
				return h.needsKeys("traceId", "spanId", "spanAttributes") // as text
			}
			return h.needsKeys("traceId", "spanId", "spanAttributes.tfy.span_type")
		},
		nests: truefoundryPath,
		load: func(j *Job) error {
			read := j.readBlocks
			if j.stream.head().has("data.spanAttributes") {
				read = j.readList("data")
			}
			return j.newCrew(1, func(w *worker) func(block) error {
				reader := &truefoundryReader{w: w, open: map[string]*truefoundryTrace{}}
				return reader.block
			}).run(func(send func(block) error) error {
				if err := read(send); err != nil {
					return err
				}
				return send(block{isLast: true})
			})
		},
	}
}

// truefoundryPath is the path of a flat key: what is inside of the attributes has names with dots.
func truefoundryPath(key string) []string {
	const metadata = "tfy.request.metadata"
	name, isAttribute := strings.CutPrefix(key, "spanAttributes.")
	switch {
	case !isAttribute:
		return nil
	case isWithin(name, metadata):
		return []string{"spanAttributes", metadata, name[len(metadata)+1:]}
	}
	return []string{"spanAttributes", name}
}

type truefoundryReader struct {
	w      *worker
	parser fastjson.Parser
	answer fastjson.Parser // of what stands in tfy.output
	open   map[string]*truefoundryTrace
	order  []string // of the open traces, the oldest first
}

// truefoundryTrace is what is known of a trace so far.
type truefoundryTrace struct {
	owners map[string]*truefoundryOwner // by the id of a span
	models []*requestDraft
}

// truefoundryOwner is who asked, as the root span tells; spans between it and the calls tell
// less, or nothing.
type truefoundryOwner struct {
	parent, user, team, tenant, session, workflow, model, tags string
}

// truefoundryDepthMax is how many spans may stand between a call and its root.
const truefoundryDepthMax = 16

// owner gathers what a call and the spans around it say, the nearest first.
func (t *truefoundryTrace) owner(id string) truefoundryOwner {
	all := truefoundryOwner{}
	for range truefoundryDepthMax {
		one := t.owners[id]
		if one == nil {
			break
		}
		all.user, all.tenant = firstText(all.user, one.user), firstText(all.tenant, one.tenant)
		all.team, all.session = firstText(all.team, one.team), firstText(all.session, one.session)
		all.workflow = firstText(all.workflow, one.workflow)
		all.model, all.tags = firstText(one.model, all.model), firstText(all.tags, one.tags)
		id = one.parent
	}
	return all
}

func (r *truefoundryReader) block(b block) error {
	if err := r.w.block(b, r.span); err != nil || !b.isLast {
		return err
	}
	for len(r.order) > 0 {
		if err := r.closeOldest(); err != nil {
			return err
		}
	}
	return nil
}

func (r *truefoundryReader) span(v *fastjson.Value, line int64) error {
	attributes := objectOf(v.Get("spanAttributes"), &r.parser)
	if attributes == nil {
		return r.w.passOver(v, "truefoundry.spans", []string{"traceId", "spanId"})
	}
	trace := r.trace(textAt(v, "traceId"))
	owner := truefoundryRoot(attributes)
	owner.parent = copied(textAt(v, "parentSpanId"))
	trace.owners[copied(textAt(v, "spanId"))] = owner
	if textAt(attributes, "tfy.span_type") != "Model" {
		r.w.ignored()
		return nil
	}
	draft, err := r.model(v, attributes, line)
	if err != nil {
		return err
	}
	trace.models = append(trace.models, draft)
	if len(r.order) > truefoundryOpenMax {
		return r.closeOldest()
	}
	return nil
}

func (r *truefoundryReader) trace(id string) *truefoundryTrace {
	if r.open[id] == nil {
		id = copied(id)
		r.open[id] = &truefoundryTrace{owners: map[string]*truefoundryOwner{}}
		r.order = append(r.order, id)
	}
	return r.open[id]
}

// copied keeps text beyond the record that it stands in.
func copied(text string) string { return string([]byte(text)) }

func truefoundryRoot(attributes *fastjson.Value) *truefoundryOwner {
	owner := &truefoundryOwner{
		user:    copied(textAt(attributes, "tfy.request.created_by_subject")),
		model:   copied(textAt(attributes, "tfy.request.model_name")),
		session: copied(textAt(attributes, "tfy.request.conversation_id")),
	}
	if attributes == nil {
		return owner
	}
	owner.team = truefoundryTeam(attributes.Get("tfy.request.created_by_subject_teams"))
	var parser fastjson.Parser
	metadata := objectOf(attributes.Get("tfy.request.metadata"), &parser)
	if metadata == nil {
		return owner
	}
	owner.tenant = copied(firstText(textAt(metadata, "tenant"), textAt(metadata, "tenant_id"),
		textAt(metadata, "team")))
	owner.workflow = copied(firstText(textAt(metadata, "workflow_id"),
		textAt(metadata, "session_id")))
	if metadata.GetObject().Len() > 0 {
		owner.tags = string(metadata.MarshalTo(nil))
	}
	return owner
}

// truefoundryTeam is the one team of who asked, from a list or from one written as text. Who is in
// several asked for one of them, and nothing says for which.
func truefoundryTeam(teams *fastjson.Value) string {
	if text := textOf(teams); text != "" {
		teams = parsedText(bytesOf(plainJSON(text)))
	}
	if teams == nil {
		return ""
	}
	list := teams.GetArray()
	if len(list) != 1 {
		return ""
	}
	return copied(textOf(list[0]))
}

// model reads one try at a provider.
func (r *truefoundryReader) model(
	v, attributes *fastjson.Value, line int64,
) (*requestDraft, error) {
	d := &requestDraft{row: Request{Line: line, Gateway: "truefoundry", SpendUnit: "usd"}}
	row := &d.row
	row.RequestID, row.ParentRequestID = copied(textAt(v, "spanId")),
		copied(textAt(v, "parentSpanId"))
	row.TraceID, row.SpanID = copied(textAt(v, "traceId")), row.RequestID
	if row.RequestID == "" {
		return nil, badRow("spanId is missing")
	}
	var err error
	if row.StartedUS, err = parseInstant("timestamp", textAt(v, "timestamp")); err != nil {
		return nil, err
	}
	if !row.StartedUS.Known {
		return nil, badRow("timestamp is missing, so the call belongs to no day")
	}
	if us, ok := scaledWhole(textAt(v, "durationNs"), -3); ok && us >= 0 {
		d.duration = Counted(us)
	}
	// Calls through the API of a model's maker may be counted otherwise than through OpenAI's.
	row.Operation = copied(textAt(attributes, "tfy.model.request_type"))
	d.sentModel = copied(textAt(attributes, "tfy.model.name"))
	// The integration is what a full name begins with, by custom its provider: openai-main/gpt-5.
	account, _, _ := strings.Cut(textAt(attributes, "tfy.model.fqn"), "/")
	row.Provider = backendProvider(copied(account), d.sentModel)
	if textAt(v, "statusCode") == "Error" {
		row.Status, row.ErrorCode = "error", copied(textAt(attributes, "tfy.error_type"))
	}
	if err = r.count(d, attributes); err != nil {
		return nil, err
	}
	row.Spend, err = r.w.money("cost_in_usd",
		copied(textAt(attributes, truefoundryMetric+"cost_in_usd")))
	if err != nil {
		return nil, err
	}
	d.finished()
	d.body = nil // it ends with the record, and the row waits for its trace
	row.ResponseID, row.ResponseModel = copied(row.ResponseID), copied(row.ResponseModel)
	row.ServiceTier, row.Region = copied(row.ServiceTier), copied(row.Region)
	return d, nil
}

const truefoundryMetric = "tfy.model.metric."

// count reads the tokens, and the answer, which older releases have cached tokens in alone.
func (r *truefoundryReader) count(d *requestDraft, attributes *fastjson.Value) error {
	counts := &d.counts
	d.body = objectOf(attributes.Get("tfy.output"), &r.answer)
	d.answer.takeAnswer(d.body)
	usage := d.body.Get("usage")
	for _, field := range [...]struct {
		count *Count
		in    *fastjson.Value
		name  string
	}{
		{&counts.prompt, attributes, truefoundryMetric + "input_tokens"},
		{&counts.completion, attributes, truefoundryMetric + "output_tokens"},
		{&counts.cacheRead, attributes, truefoundryMetric + "cache_read_input_tokens"},
		{&counts.cacheWrite, attributes, truefoundryMetric + "cache_creation_input_tokens"},
		{&counts.cacheRead, usage, "cache_read_input_tokens"},
		{&counts.cacheWrite, usage, "cache_creation_input_tokens"},
		{&counts.total, usage, "total_tokens"},
	} {
		count, err := countAt(field.in, field.name)
		if err != nil && field.in == attributes {
			return err
		}
		stateFirst(field.count, count)
	}
	counts.convention, counts.how = nativeConvention(d.row.Provider, d.sentModel)
	if counts.convention == ExcludesCache {
		// Calls of one model come through the API of its maker and through that of OpenAI, in which
		// gateways count either way; arithmetic, or the answer in its maker's words, may tell.
		counts.convention = ConventionUnknown
		counts.how = "TrueFoundry does not say whether its input tokens hold Anthropic's or " +
			"Bedrock's cached ones"
	}
	return nil
}

// closeOldest turns the calls of a trace into rows: the tries of one parent in the order of time.
func (r *truefoundryReader) closeOldest() error {
	id := r.order[0]
	trace := r.open[id]
	r.order = r.order[1:]
	delete(r.open, id)
	slices.SortStableFunc(trace.models, func(a, b *requestDraft) int {
		return cmp.Or(cmp.Compare(a.row.StartedUS.N, b.row.StartedUS.N),
			cmp.Compare(a.row.Line, b.row.Line))
	})
	tries := map[string]int64{}
	for _, d := range trace.models {
		tries[d.row.ParentRequestID]++
		d.row.Attempt = Counted(tries[d.row.ParentRequestID])
		owner := trace.owner(d.row.SpanID)
		row := &d.row
		row.UserID, row.TeamID = owner.user, owner.team
		row.TenantTag, row.Tags = owner.tenant, owner.tags
		row.SessionID, row.WorkflowID = owner.session, firstText(owner.workflow, owner.session)
		row.RequestedModel = owner.model
		if row.Region == "" {
			row.keepGeography(owner.model)
		}
		if err := r.w.request(row); err != nil {
			return err
		}
	}
	return nil
}
