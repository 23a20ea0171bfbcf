package loaders

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// Observations of Langfuse: its export in the console and to blob storage, its public API and the
// rows of its ClickHouse table, which spell the same columns in two ways.

func langfuseObservations() Format {
	return Format{
		Name: "langfuse.observations", Leg: LegTrace,
		About: "Langfuse observations: exports and table rows as JSON, pages of the public API",
		recognise: func(h *Head) Match {
			switch {
			case h.has("data.traceId"):
				return h.needsKeys("data.id", "data.traceId", "data.type", "data.startTime")
			case h.has("trace_id"):
				return h.needsKeys("id", "trace_id", "type", "start_time", "usage_details")
			case h.has("observations.traceId"):
				return h.needsKeys("observations.id", "observations.traceId",
					"observations.type", "observations.startTime")
			case h.has("traceId", "usage.unit") && !h.has("usageDetails"): // before version 3
				return h.needsKeys("id", "traceId", "type", "startTime", "usage.unit")
			}
			return h.needsKeys("id", "traceId", "type", "startTime", "usageDetails")
		},
		nests: nestedIn("usageDetails", "usage_details", "costDetails", "cost_details", "usage",
			"metadata", "modelParameters", "model_parameters"),
		load: func(j *Job) error {
			read := j.readBlocks
			if j.stream.head().has("data.traceId") {
				read = j.readList("data")
			}
			return j.eachTraceRecord(read, func(t *tracer) handler {
				return (&langfuseReader{spanReader: spanReader{tracer: t}}).record
			})
		},
	}
}

func langfuseRows() Format {
	return Format{
		Name: "langfuse.observations.columns", Leg: LegTrace,
		About: "Langfuse observations as CSV or Parquet: console and blob storage exports",
		recognise: func(h *Head) Match {
			if slices.Contains(h.Columns, "trace_id") {
				return h.grouped().needs("id", "trace_id", "type", "start_time", "usage_details")
			}
			return h.grouped().needs("id", "traceid", "type", "starttime", "usagedetails")
		},
		load: func(j *Job) error {
			return j.eachTraceRow(func(t *tracer) rowHandler {
				return (&langfuseReader{spanReader: spanReader{tracer: t}}).columns
			})
		},
	}
}

type langfuseReader struct {
	spanReader
	metadata, details fastjson.Parser
	trace             *fastjson.Value // that the observations stand in, if they do
}

// record reads an observation, or a trace with all of its own.
func (r *langfuseReader) record(v *fastjson.Value, line int64) error {
	r.place(line)
	r.trace = nil
	if v.Get("observations") == nil {
		return r.one(v)
	}
	r.trace = v
	for _, observation := range v.GetArray("observations") {
		if err := r.one(observation); err != nil {
			return err
		}
	}
	return nil
}

func (r *langfuseReader) one(v *fastjson.Value) error {
	text := func(camel, snake string) string {
		value := either(v, camel, snake)
		return r.listed(value)
	}
	if isTrue(v.Get("is_deleted")) {
		return r.deleted(text)
	}
	usage := either(v, "usageDetails", "usage_details")
	if usage == nil && isLangfuseTokens(v.Get("usage")) {
		usage = v.Get("usage")
	}
	return r.observation(text, objectOf(v.Get("metadata"), &r.metadata),
		objectOf(usage, &r.details))
}

// listed gives a list, of tags, as JSON: these may hold commas.
func (r *langfuseReader) listed(v *fastjson.Value) string {
	if v != nil && v.Type() == fastjson.TypeArray {
		return view(v.MarshalTo(nil))
	}
	return textOf(v)
}

// isLangfuseTokens reports a usage object of before version 3 that counts tokens.
func isLangfuseTokens(usage *fastjson.Value) bool {
	unit := textAt(usage, "unit")
	return usage != nil && (unit == "" || unit == "TOKENS")
}

func (r *langfuseReader) columns(row csvRow) error {
	r.place(row.line)
	text := func(camel, snake string) string {
		return firstText(row.text(strings.ToLower(camel)), row.text(snake))
	}
	if isTrueText(row.text("is_deleted")) {
		return r.deleted(text)
	}
	usage := text("usageDetails", "usage_details")
	details := r.parseInner(usage, innerTextsMax) // JSON, or as ClickHouse writes its maps
	if details == nil && usage != "" && usage != "null" && usage != `\N` {
		return badRow("usageDetails is no map: neither JSON nor {'key':value}")
	}
	return r.observation(text, r.parseInner(row.text("metadata"), innerTextsMax+1), details)
}

// name begins an observation by its ids and version: Langfuse's table keeps several of one.
func (r *langfuseReader) name(text func(camel, snake string) string) {
	r.begin("")
	r.isAnyID = true
	r.row.TraceID, r.row.SpanID = text("traceId", "trace_id"), text("id", "id")
	if version, err := parseInstant("event_ts", text("", "event_ts")); err == nil {
		r.row.VersionUS = version
	}
}

// deleted holds that an observation is gone, where versions of before may tell of it.
func (r *langfuseReader) deleted(text func(camel, snake string) string) error {
	r.name(text)
	var err error
	r.row.StartedUS, err = parseInstant("startTime", text("startTime", "start_time"))
	if err != nil || r.identify() != nil || !r.row.StartedUS.Known || !r.row.VersionUS.Known ||
		r.row.TraceID == "" || r.row.SpanID == "" {
		r.w.ignored()
		return nil
	}
	r.row.Role, r.row.Dialect = roleOther, "langfuse"
	r.hold()
	return nil
}

func (r *langfuseReader) observation(
	text func(camel, snake string) string, metadata, usage *fastjson.Value,
) error {
	r.name(text)
	row := r.row
	row.ParentSpanID = text("parentObservationId", "parent_observation_id")
	row.Name, row.Scope = text("name", "name"), "langfuse"
	r.attributes = memberCount(metadata) + memberCount(usage)
	f := &r.span
	r.noteMetadata(f, metadata)
	r.note(f, "langfuse.observation.type", strings.ToLower(text("type", "type")))
	r.note(f, "langfuse.observation.model.name",
		firstText(text("model", "provided_model_name"), text("providedModelName", "")))
	r.note(f, "langfuse.session.id", text("sessionId", "session_id"))
	r.note(f, "langfuse.user.id", text("userId", "user_id"))
	r.note(f, "langfuse.trace.tags", text("tags", "tags"))
	if r.trace != nil {
		r.note(f, "langfuse.trace.tags", r.listed(r.trace.Get("tags")))
		r.note(f, "langfuse.session.id", textAt(r.trace, "sessionId"))
		r.note(f, "langfuse.user.id", textAt(r.trace, "userId"))
		r.noteMetadata(f, r.trace.Get("metadata"))
	}
	f.readLangfuse(usage)
	r.note(f, "langfuse.observation.cost_details.$.total",
		firstText(text("totalCost", "total_cost"), text("calculatedTotalCost", "")))
	r.isFailed = strings.EqualFold(text("level", "level"), "ERROR")
	from, err := parseInstant("startTime", text("startTime", "start_time"))
	r.row.StartedUS, r.fault = from, err
	if err == nil {
		r.row.EndedUS, r.fault = parseInstant("endTime", text("endTime", "end_time"))
	}
	return r.end()
}

// noteMetadata takes the tenant from the metadata, and what a call that came over OpenTelemetry
// brought along: its ids and owners, not its counts, which Langfuse has already sorted.
func (r *langfuseReader) noteMetadata(f *facts, object *fastjson.Value) {
	if object == nil {
		return
	}
	object.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		r.note(f, "langfuse.trace.metadata."+view(key), r.plain(v))
	})
	for _, name := range []string{"attributes", "resourceAttributes"} {
		attributes := object.Get(name)
		if attributes == nil || attributes.Type() != fastjson.TypeObject {
			continue
		}
		attributes.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			meaning, known := r.names.targets[view(key)]
			if known && meaning.of > lastCount && meaning.of < factOutputValue {
				r.note(f, view(key), r.said(view(key), v))
			}
		})
	}
}

func memberCount(object *fastjson.Value) int64 {
	if object == nil {
		return 0
	}
	return int64(object.GetObject().Len())
}
