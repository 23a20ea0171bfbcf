package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// OTLP JSON as the Collector's file exporter, Tempo and Jaeger's v3 API write it. Readers must
// accept 64-bit numbers as text or number, hex ids in either case and unknown fields; real files
// add enum names, snake_case keys and base64 ids (plain protobuf dumps).

func otlpJSON() Format {
	return Format{
		Name: "otlp.json", Leg: LegTrace,
		About: "OTLP traces as JSON: one export request a line, one document, or an array",
		recognise: func(h *Head) Match {
			for _, key := range []string{"resource_spans", "batches.resource",
				"trace.resourceSpans", "result.resourceSpans", "resourceMetrics", "resourceLogs"} {
				if h.has(key) {
					return h.needsKeys(key)
				}
			}
			return h.needsKeys("resourceSpans")
		},
		load: func(j *Job) error {
			return j.eachTraceRecord(j.readBlocks, func(t *tracer) handler {
				return newOTLPReader(t).document
			})
		},
	}
}

// otlpReader reads the export requests of one worker. Its visitors are made once, because a
// closure for each JSON object would be an allocation for each.
type otlpReader struct {
	spanReader
	scope          string
	started, ended string
	list           *fastjson.Value // attributes of the span in hand
	said           string

	visitSpan, visitValue func(key []byte, v *fastjson.Value)
}

func newOTLPReader(t *tracer) *otlpReader {
	r := &otlpReader{spanReader: spanReader{tracer: t}}
	r.visitSpan, r.visitValue = r.spanField, r.valueField
	return r
}

// document reads one export request; a span that cannot be read does not harm its neighbours.
func (r *otlpReader) document(v *fastjson.Value, line int64) error {
	r.place(line)
	for _, wrapper := range []string{"trace", "result"} {
		if inner := v.Get(wrapper); inner != nil && inner.Type() == fastjson.TypeObject {
			v = inner
		}
	}
	groups := either(v, "resourceSpans", "resource_spans")
	if groups == nil {
		groups = v.Get("batches")
	}
	if groups == nil {
		if v.Exists("resourceMetrics") || v.Exists("resourceLogs") || v.GetObject().Len() == 0 {
			r.w.ignored()
			return nil
		}
		return badRow("no resourceSpans: not an OTLP trace export request")
	}
	if groups.Type() != fastjson.TypeArray {
		return badRow("resourceSpans is not a list")
	}
	for _, group := range groups.GetArray() {
		if err := r.group(group); err != nil {
			return err
		}
	}
	return nil
}

// group reads the spans of one resource.
func (r *otlpReader) group(group *fastjson.Value) error {
	r.resource.reset()
	r.scratch = r.scratch[:0]
	r.collect(group.Get("resource", "attributes"), &r.resource)
	base := len(r.scratch) // the resource's texts outlive its spans
	scopes := either(group, "scopeSpans", "scope_spans")
	if scopes == nil {
		scopes = either(group, "instrumentationLibrarySpans", "instrumentation_library_spans")
	}
	for _, scope := range scopes.GetArray() {
		r.scope = firstText(textAt(scope, "scope", "name"),
			textAt(scope, "instrumentationLibrary", "name"))
		for _, span := range scope.GetArray("spans") {
			r.scratch = r.scratch[:base]
			if err := r.one(span); err != nil {
				return err
			}
		}
	}
	return nil
}

// one reads one span.
func (r *otlpReader) one(span *fastjson.Value) error {
	r.begin(r.scope)
	object := span.GetObject()
	if object == nil {
		return r.w.settle(badRow("span is not an object"), r.line, nil)
	}
	r.started, r.ended, r.list = "", "", nil
	object.Visit(r.visitSpan)
	r.collect(r.list, &r.span)
	r.attributes = int64(len(r.list.GetArray()))
	if r.span.signs&dataSigns != 0 {
		r.times()
	}
	return r.end()
}

func (r *otlpReader) times() {
	r.row.StartedUS, r.fault = parseNanos("startTimeUnixNano", r.started)
	if r.fault == nil {
		r.row.EndedUS, r.fault = parseNanos("endTimeUnixNano", r.ended)
	}
}

func (r *otlpReader) spanField(key []byte, v *fastjson.Value) {
	switch string(key) {
	case "traceId", "trace_id":
		r.row.TraceID = textOf(v)
	case "spanId", "span_id":
		r.row.SpanID = textOf(v)
	case "parentSpanId", "parent_span_id":
		r.row.ParentSpanID = textOf(v)
	case "name":
		r.row.Name = textOf(v)
	case "startTimeUnixNano", "start_time_unix_nano":
		r.started = r.number(v)
	case "endTimeUnixNano", "end_time_unix_nano":
		r.ended = r.number(v)
	case "attributes":
		r.list = v
	case "droppedAttributesCount", "dropped_attributes_count":
		r.isCut = strings.Trim(r.number(v), "0") != ""
	case "status":
		code := r.number(v.Get("code"))
		r.isFailed = code == "2" || code == "STATUS_CODE_ERROR"
	}
}

// collect notes what a list of attributes says.
func (r *otlpReader) collect(attributes *fastjson.Value, into *facts) {
	for _, attribute := range attributes.GetArray() {
		object := attribute.GetObject()
		if object == nil {
			continue
		}
		name := textOf(object.Get("key"))
		meaning := r.names.meaning(name)
		into.signs |= meaning.signs
		if meaning.isKnown {
			into.note(meaning, name, r.valueText(object.Get("value")))
		}
	}
}

// valueText gives an AnyValue as text; a list is joined with commas.
func (r *otlpReader) valueText(value *fastjson.Value) string {
	r.said = ""
	if object := value.GetObject(); object != nil {
		object.Visit(r.visitValue)
	}
	return r.said
}

func (r *otlpReader) valueField(key []byte, v *fastjson.Value) {
	switch string(key) {
	case "stringValue", "intValue", "doubleValue", "boolValue",
		"string_value", "int_value", "double_value", "bool_value":
		r.said = r.number(v)
	case "arrayValue", "array_value":
		r.said = r.listText(v.GetArray("values"))
	}
}

func (r *otlpReader) listText(list []*fastjson.Value) string {
	if len(list) == 1 {
		return r.valueText(list[0])
	}
	texts := make([]string, 0, len(list))
	for _, element := range list {
		texts = append(texts, r.valueText(element))
	}
	return strings.Join(texts, ",")
}

func either(v *fastjson.Value, name, old string) *fastjson.Value {
	if v == nil {
		return nil
	}
	if found := v.Get(name); found != nil {
		return found
	}
	return v.Get(old)
}
