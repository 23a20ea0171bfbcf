package loaders

import (
	"strings"
	"time"

	"github.com/valyala/fastjson"
)

// Single spans as the SDKs of Python, JavaScript and Go print them, and single spans of OTLP.

func sdkSpans() Format {
	return Format{
		Name: "otel.sdk_spans", Leg: LegTrace,
		About: "single spans: the console exporters of Python, Go and JavaScript, " +
			"ReadableSpan, a bare OTLP span, CloudWatch's aws/spans, Phoenix",
		recognise: func(h *Head) Match {
			switch {
			case h.has("context.trace_id", "attributes.openinference.span.kind"): // Phoenix
				return h.needsKeys("context.trace_id", "context.span_id", "start_time",
					"attributes.openinference.span.kind")
			case h.has("context.trace_id"):
				return h.needsKeys("context.trace_id", "context.span_id", "start_time",
					"attributes")
			case h.has("SpanContext.TraceID"):
				return h.needsKeys("SpanContext.TraceID", "SpanContext.SpanID", "StartTime",
					"Attributes")
			case h.has("_spanContext"):
				return h.needsKeys("_spanContext.traceId", "_spanContext.spanId", "attributes")
			case h.has("spanContext"):
				return h.needsKeys("spanContext.traceId", "spanContext.spanId", "attributes")
			case h.has("traceId", "id", "timestamp"):
				return h.needsKeys("traceId", "id", "timestamp", "attributes", "kind")
			case h.has("name", "attributes.key", "attributes.value", "kind"):
				return h.needsKeys("name", "attributes.key", "attributes.value", "kind")
			}
			if h.has("traceId", "spanId", "startTimeUnixNano", "attributes") { // CloudWatch
				return h.needsKeys("traceId", "spanId", "startTimeUnixNano", "attributes")
			}
			return h.needsKeys("traceId", "spanId", "startTimeUnixNano", "attributes.key")
		},
		load: func(j *Job) error {
			return j.eachTraceRecord(j.readBlocks, func(t *tracer) handler {
				reader, bare := &dumpReader{spanReader{tracer: t}}, newOTLPReader(t)
				return func(v *fastjson.Value, line int64) error {
					if isBareSpan(v) {
						return bare.bare(line)
					}
					return reader.one(v, line)
				}
			})
		},
	}
}

// attributeMaps recognises attributes without a span around them, of which no row can be made.
func attributeMaps() Format {
	return Format{
		Name: "otel.attributes", Leg: LegTrace, onlyBare: true,
		About: "attribute maps of spans without ids and times: refused row by row",
		recognise: func(h *Head) Match {
			for _, key := range []string{"gen_ai.request.model", "llm.model_name",
				"gen_ai.operation.name", "ai.operationId"} {
				if h.has(key) && !h.has("start_time") && !h.has("response_code") {
					return h.needsKeys(key)
				}
			}
			return Match{}
		},
		load: func(j *Job) error {
			return j.eachRecord(func(*worker) handler {
				return func(*fastjson.Value, int64) error {
					return badRow("attributes without a span's ids and times: export whole spans")
				}
			})
		},
	}
}

// isBareSpan reports a span as OTLP writes it: attributes are a list of key and value.
func isBareSpan(v *fastjson.Value) bool {
	if v.Exists("spanContext") || v.Exists("SpanContext") || v.Exists("context") {
		return false
	}
	if attributes := v.Get("attributes"); attributes != nil {
		return attributes.Type() == fastjson.TypeArray
	}
	return v.Exists("startTimeUnixNano")
}

type dumpReader struct{ spanReader }

func (r *dumpReader) one(v *fastjson.Value, line int64) error {
	r.place(line)
	r.begin(firstText(textAt(v, "instrumentationScope", "name"),
		textAt(v, "instrumentationLibrary", "name"), textAt(v, "InstrumentationScope", "Name"),
		textAt(v, "InstrumentationLibrary", "Name"), textAt(v, "scope", "name")))
	r.ids(v)
	r.resource.reset()
	resource := either(v, "resource", "Resource")
	if inner := either(resource, "attributes", "_attributes"); inner != nil {
		resource = inner
	}
	r.noteMap(&r.resource, resource)
	r.attributes = r.noteMap(&r.span, either(v, "attributes", "Attributes"))
	if !v.Exists("attributes") {
		r.attributes += r.noteColumns(v)
	}
	r.noteEvents(v.GetArray("events"), "attributes")
	r.noteEvents(v.GetArray("Events"), "Attributes")
	r.row.Name = firstText(textAt(v, "name"), textAt(v, "Name"))
	switch firstText(textAt(v, "status", "status_code"), textAt(v, "status", "code"),
		textAt(v, "Status", "Code"), textAt(v, "status_code")) {
	case "ERROR", "Error", "2", "StatusCode.ERROR", "STATUS_CODE_ERROR":
		r.isFailed = true
	}
	dropped := either(v, "droppedAttributesCount", "DroppedAttributes")
	r.isCut = strings.Trim(r.number(dropped), "0") != ""
	if v.Exists("timestamp") { // as JavaScript's console exporter shows it
		from, err := parseMicros("timestamp", textAt(v, "timestamp"))
		length, _, _ := strings.Cut(textAt(v, "duration"), ".")
		r.lasts(from, err, length, 1)
		return r.end()
	}
	r.row.StartedUS, r.fault = dumpTime("start time", first(v, "startTime", "start_time",
		"StartTime", "startTimeUnixNano"))
	if r.fault == nil {
		r.row.EndedUS, r.fault = dumpTime("end time", first(v, "endTime", "end_time", "EndTime",
			"endTimeUnixNano"))
	}
	return r.end()
}

// noteColumns takes in the attributes of a row of Phoenix's table, each of which is a column.
func (r *dumpReader) noteColumns(v *fastjson.Value) int64 {
	count := int64(0)
	v.GetObject().Visit(func(key []byte, value *fastjson.Value) {
		if name, isAttribute := strings.CutPrefix(view(key), "attributes."); isAttribute {
			count += r.noteMember(&r.span, name, value, 0)
		}
	})
	return count
}

// ids reads the ids where each SDK has them; Python writes them as 0x….
func (r *dumpReader) ids(v *fastjson.Value) {
	context := first(v, "spanContext", "_spanContext", "context", "SpanContext")
	if context == nil {
		context = v
	}
	of := func(v *fastjson.Value, names ...string) string {
		if v == nil {
			return ""
		}
		return strings.TrimPrefix(textOf(first(v, names...)), "0x")
	}
	r.row.TraceID = of(context, "traceId", "trace_id", "TraceID", "context.trace_id")
	r.row.SpanID = of(context, "spanId", "span_id", "SpanID", "context.span_id", "id")
	r.row.ParentSpanID = firstText(of(v, "parentSpanId", "parent_id", "parentId"),
		of(v.Get("parentSpanContext"), "spanId"), of(v.Get("Parent"), "SpanID"))
}

// first is the first of the members that is there.
func first(v *fastjson.Value, names ...string) *fastjson.Value {
	for _, name := range names {
		if found := v.Get(name); found != nil {
			return found
		}
	}
	return nil
}

// dumpTime reads a time as text, or as JavaScript's pair of seconds and nanoseconds.
func dumpTime(field string, v *fastjson.Value) (Count, error) {
	if v == nil || v.Type() != fastjson.TypeArray {
		return parseInstant(field, textOf(v))
	}
	pair := v.GetArray()
	if len(pair) != 2 {
		return Count{}, badRow("%s: not a pair of seconds and nanoseconds", field)
	}
	seconds, err := parseCount(field, textOf(pair[0]))
	if err != nil {
		return Count{}, err
	}
	nanos, err := parseCount(field, textOf(pair[1]))
	if err != nil || !seconds.Known || nanos.N > 999_999_999 {
		return Count{}, badRow("%s: not a pair of seconds and nanoseconds", field)
	}
	return checkInstant(field, textOf(pair[0]), time.Unix(seconds.N, nanos.N).UTC())
}
