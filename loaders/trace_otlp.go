package loaders

import "strings"

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
					match := h.needsKeys(key)
					match.carries = key == "resourceLogs" && !h.has("resourceSpans")
					return match
				}
			}
			return h.needsKeys("resourceSpans")
		},
		load: func(j *Job) error {
			return j.eachTrace(j.readBlocks, func(t *tracer) func(block) error {
				reader := newOTLPReader(t)
				return func(b block) error { return t.w.tapeBlock(b, reader.document) }
			})
		},
	}
}

// otlpReader reads the export requests of one worker.
type otlpReader struct {
	spanReader
	scope          string
	started, ended string
	list, happened value // attributes and events of the span in hand
}

func newOTLPReader(t *tracer) *otlpReader {
	return &otlpReader{spanReader: spanReader{tracer: t}}
}

// document reads one export request; a span that cannot be read does not harm its neighbours.
func (r *otlpReader) document(v value, line int64) error {
	r.place(line)
	for _, wrapper := range []string{"trace", "result"} {
		if inner := v.member(wrapper); inner.kind() == jsonObject {
			v = inner
		}
	}
	groups := v.either("resourceSpans", "resource_spans")
	if groups.kind() == jsonAbsent {
		groups = v.member("batches")
	}
	switch groups.kind() {
	case jsonAbsent:
		if v.has("resourceMetrics") || v.has("resourceLogs") || v.isEmpty() {
			r.w.ignored()
			return nil
		}
		return badRow("no resourceSpans: not an OTLP trace export request")
	case jsonArray:
	default:
		return badRow("resourceSpans is not a list")
	}
	for group := groups.list(); group.isThere(); group = group.next() {
		if err := r.group(group.value()); err != nil {
			return err
		}
	}
	return nil
}

// group reads the spans of one resource.
func (r *otlpReader) group(group value) error {
	r.resource.reset()
	r.collect(group.find("resource", "attributes"), &r.resource)
	scopes := group.either("scopeSpans", "scope_spans")
	if scopes.kind() == jsonAbsent {
		scopes = group.either("instrumentationLibrarySpans", "instrumentation_library_spans")
	}
	for scope := scopes.list(); scope.isThere(); scope = scope.next() {
		of := scope.value()
		r.scope = firstText(of.find("scope", "name").text(),
			of.find("instrumentationLibrary", "name").text())
		spans := of.member("spans").list()
		for ; spans.isThere(); spans = spans.next() {
			if err := r.one(spans.value()); err != nil {
				return err
			}
		}
	}
	return nil
}

// bare reads a record that is a span without the request around it.
func (r *otlpReader) bare(line int64) error {
	r.place(line)
	if !r.w.tape.parse(r.w.text) {
		panic("loaders: fastjson takes a record that the tape does not")
	}
	return r.one(r.w.tape.top())
}

// one reads one span.
func (r *otlpReader) one(span value) error {
	r.begin(r.scope)
	if span.kind() != jsonObject {
		return r.w.settle(badRow("span is not an object"), r.line, nil)
	}
	r.started, r.ended, r.list, r.happened = "", "", value{}, value{}
	for m := span.inside(); m.isThere(); m = m.next() {
		r.spanField(m.key(), m.value())
	}
	r.attributes = r.collect(r.list, &r.span)
	for each := r.happened.list(); each.isThere(); each = each.next() {
		r.collect(each.value().member("attributes"), r.event())
	}
	if r.hasEvents || r.span.signs&(dataSigns|markHeader) != 0 {
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

func (r *otlpReader) spanField(key string, v value) {
	switch key {
	case "traceId", "trace_id":
		r.row.TraceID = v.text()
	case "spanId", "span_id":
		r.row.SpanID = v.text()
	case "parentSpanId", "parent_span_id":
		r.row.ParentSpanID = v.text()
	case "name":
		r.row.Name = v.text()
	case "startTimeUnixNano", "start_time_unix_nano":
		r.started = v.number()
	case "endTimeUnixNano", "end_time_unix_nano":
		r.ended = v.number()
	case "attributes":
		r.list = v
	case "events":
		r.happened = v
	case "droppedAttributesCount", "dropped_attributes_count":
		r.isCut = strings.Trim(v.number(), "0") != ""
	case "status":
		code := v.member("code").number()
		r.isFailed = code == "2" || code == "STATUS_CODE_ERROR"
	}
}

// collect notes what a list of attributes says and gives how many there are.
func (r *otlpReader) collect(attributes value, into *facts) (count int64) {
	for each := attributes.list(); each.isThere(); each = each.next() {
		count++
		attribute := each.value()
		if attribute.kind() != jsonObject {
			continue
		}
		name := attribute.member("key").text()
		meaning := r.recent.meaning(r.names, name)
		into.signs |= meaning.signs
		if meaning.of == factTags {
			into.note(meaning, name, anyTags(attribute.member("value")))
		} else if meaning.isKnown {
			into.note(meaning, name, anyText(attribute.member("value")))
		}
		if meaning.of == factMetadata || !meaning.isKnown && strings.HasPrefix(name, usagePrefix) {
			r.collectNested(name, attribute.member("value"), into)
		}
	}
	return count
}

// usagePrefix begins the names under which a map may hold counts, each of which counts as an
// attribute of the joined names: gen_ai.usage.prompt_tokens_details {cached_tokens}. So does what
// a caller's metadata holds, where it is no text.
const usagePrefix = "gen_ai.usage"

func (r *otlpReader) collectNested(name string, v value, into *facts) {
	nested := v.either("kvlistValue", "kvlist_value").member("values")
	for each := nested.list(); each.isThere(); each = each.next() {
		name := name + "." + each.value().member("key").text()
		if meaning := r.recent.meaning(r.names, name); meaning.isKnown {
			into.signs |= meaning.signs
			into.note(meaning, name, anyText(each.value().member("value")))
		} else if len(name) < nameBytesMax {
			r.collectNested(name, each.value().member("value"), into)
		}
	}
}

// anyText gives an AnyValue as text; a list is joined with commas.
func anyText(v value) (said string) {
	for m := v.inside(); m.isThere(); m = m.next() {
		switch m.key() {
		case "stringValue", "intValue", "doubleValue", "boolValue",
			"string_value", "int_value", "double_value", "bool_value":
			said = m.value().number()
		case "arrayValue", "array_value":
			said = listText(m.value().member("values").list())
		}
	}
	return said
}

func listText(list tapeElements) string {
	if !list.isThere() {
		return ""
	}
	if !list.next().isThere() {
		return anyText(list.value())
	}
	var texts []string
	for ; list.isThere(); list = list.next() {
		texts = append(texts, anyText(list.value()))
	}
	return strings.Join(texts, ",")
}
