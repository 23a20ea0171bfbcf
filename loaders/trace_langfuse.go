package loaders

import (
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
			}
			return h.needsKeys("id", "traceId", "type", "startTime", "usageDetails")
		},
		load: func(j *Job) error {
			read := j.readBlocks
			if j.stream.head().has("data.traceId") {
				read = j.readList("data")
			}
			return j.eachTraceRecord(read, func(t *tracer) handler {
				return (&langfuseReader{spanReader: spanReader{tracer: t}}).one
			})
		},
	}
}

type langfuseReader struct {
	spanReader
	metadata, details fastjson.Parser
}

func (r *langfuseReader) one(v *fastjson.Value, line int64) error {
	r.place(line)
	r.begin("")
	if isTrue(v.Get("is_deleted")) || textAt(v, "is_deleted") == "1" {
		r.w.ignored()
		return nil
	}
	text := func(camel, snake string) string { return textOf(either(v, camel, snake)) }
	row := r.row
	r.isAnyID = true
	row.TraceID, row.SpanID = text("traceId", "trace_id"), text("id", "id")
	row.ParentSpanID = text("parentObservationId", "parent_observation_id")
	row.Name, row.Scope = text("name", "name"), "langfuse"
	r.attributes = int64(v.GetObject().Len())
	f := &r.span
	r.noteMetadata(f, v.Get("metadata"))
	r.note(f, "langfuse.observation.type", strings.ToLower(text("type", "type")))
	r.note(f, "langfuse.observation.model.name",
		firstText(textAt(v, "model"), textAt(v, "provided_model_name")))
	r.note(f, "langfuse.session.id", text("sessionId", "session_id"))
	r.note(f, "langfuse.user.id", text("userId", "user_id"))
	f.readLangfuse(objectOf(either(v, "usageDetails", "usage_details"), &r.details))
	r.note(f, "langfuse.observation.cost_details.$.total", text("totalCost", "total_cost"))
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
func (r *langfuseReader) noteMetadata(f *facts, metadata *fastjson.Value) {
	object := objectOf(metadata, &r.metadata)
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
				r.note(f, view(key), r.plain(v))
			}
		})
	}
}
