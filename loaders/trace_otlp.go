package loaders

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

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
			names := newAttributeNames()
			return j.eachRecord(func(w *worker) handler { return newOTLPReader(w, names).document })
		},
	}
}

// itemStep keeps apart the spans of records that begin on one line; no record holds that many.
const itemStep = 1_000_000_000

// otlpReader reads the export requests of one worker. Its visitors are made once, because a
// closure for each JSON object would be an allocation for each.
type otlpReader struct {
	w     *worker
	line  int64
	item  int64 // of the span within the record
	names *attributeNames

	resource, span facts
	scope          string
	row            Span
	dropped        bool // the SDK cut attributes off
	failed         bool // the span's status is error
	started, ended string
	attributes     *fastjson.Value
	name           string // of the attribute in hand
	value          *fastjson.Value
	said           string
	scratch        []byte // texts of the numbers of the resource and the span in hand
	kept           []byte

	visitSpan, visitAttribute, visitValue func(key []byte, v *fastjson.Value)
}

func newOTLPReader(w *worker, names *attributeNames) *otlpReader {
	r := &otlpReader{w: w, names: names}
	r.visitSpan, r.visitAttribute, r.visitValue = r.spanField, r.attributeField, r.valueField
	return r
}

// document reads one export request; a span that cannot be read does not harm its neighbours.
func (r *otlpReader) document(v *fastjson.Value, line int64) error {
	r.line, r.item = line, r.w.nth*itemStep
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
			if err := r.w.settle(r.placed(r.one(span)), r.line, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// placed names the span that an error is about, since a line holds many.
func (r *otlpReader) placed(err error) error {
	if err == nil || len(r.row.SpanID) != 16 || !isHex(r.row.SpanID) {
		return err
	}
	var row rowError
	if errors.As(err, &row) {
		return badRow("span %s: %s", r.row.SpanID, row.reason)
	}
	return err
}

// one reads one span. Spans of databases and web servers are counted, not loaded.
func (r *otlpReader) one(span *fastjson.Value) error {
	r.item++
	r.row, r.attributes = Span{Line: r.line, Item: r.item, Scope: r.scope}, nil
	object := span.GetObject()
	if object == nil {
		return badRow("span is not an object")
	}
	r.started, r.ended, r.dropped, r.failed = "", "", false, false
	object.Visit(r.visitSpan)
	r.span.reset()
	r.collect(r.attributes, &r.span)
	if r.span.signs&dataSigns == 0 {
		r.w.ignored()
		return nil
	}
	if err := r.finish(); err != nil {
		return err
	}
	return r.w.span(&r.row)
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
		r.attributes = v
	case "droppedAttributesCount", "dropped_attributes_count":
		r.dropped = strings.Trim(r.number(v), "0") != ""
	case "status":
		code := r.number(v.Get("code"))
		r.failed = code == "2" || code == "STATUS_CODE_ERROR"
	}
}

// finish checks ids and times and lets the attributes fill the rest of the row.
func (r *otlpReader) finish() error {
	row := &r.row
	var err error
	if row.TraceID, err = hexID("traceId", row.TraceID, 16); err != nil {
		return err
	}
	if row.SpanID, err = hexID("spanId", row.SpanID, 8); err != nil {
		return err
	}
	if row.ParentSpanID, err = hexID("parentSpanId", row.ParentSpanID, 8); err != nil {
		return err
	}
	if row.TraceID == "" || row.SpanID == "" {
		return badRow("traceId or spanId is missing, so the span cannot be told from a copy")
	}
	if row.StartedUS, err = parseNanos("startTimeUnixNano", r.started); err != nil {
		return err
	}
	if row.EndedUS, err = parseNanos("endTimeUnixNano", r.ended); err != nil {
		return err
	}
	row.Attributes = Counted(int64(len(r.attributes.GetArray())))
	for _, f := range inherited() {
		r.span.inherit(f, &r.resource)
	}
	row.Service = r.resource.text(factService)
	row.Attrs = r.keptJSON()
	return r.span.fill(row, r.failed, r.dropped)
}

// collect notes what a list of attributes says.
func (r *otlpReader) collect(attributes *fastjson.Value, into *facts) {
	for _, attribute := range attributes.GetArray() {
		r.name, r.value = "", nil
		if object := attribute.GetObject(); object != nil {
			object.Visit(r.visitAttribute)
		}
		into.signs |= signOf(r.name)
		meaning, known := r.names.targets[r.name]
		if !known {
			continue
		}
		if text := r.valueText(r.value); text != "" {
			into.note(meaning, r.name, text)
		}
	}
}

func (r *otlpReader) attributeField(key []byte, v *fastjson.Value) {
	switch string(key) {
	case "key":
		r.name = textOf(v)
	case "value":
		r.value = v
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

// number gives a value as text without an allocation for each number; JavaScript's protobuf
// library writes 64-bit integers as two halves.
func (r *otlpReader) number(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		return view(v.GetStringBytes())
	case fastjson.TypeNumber, fastjson.TypeTrue, fastjson.TypeFalse:
		from := len(r.scratch)
		r.scratch = v.MarshalTo(r.scratch)
		return view(r.scratch[from:])
	case fastjson.TypeObject:
		if v.Exists("low") && v.Exists("high") {
			low, high := uint32(v.GetInt64("low")), v.GetInt64("high")
			return strconv.FormatInt(high<<32|int64(low), 10)
		}
	}
	return ""
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

// hexID gives an id of so many bytes in lower-case hex; an absent or all-zero id is "".
func hexID(field, text string, bytes int) (string, error) {
	if len(text) == 2*bytes {
		if strings.Trim(text, "0") == "" {
			return "", nil
		}
		if !isHex(text) {
			return "", badRow("%s is not hexadecimal", field)
		}
		return strings.ToLower(text), nil
	}
	if text == "" {
		return "", nil
	}
	if len(text) == base64.StdEncoding.EncodedLen(bytes) {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil && len(raw) == bytes {
			return hexID(field, hex.EncodeToString(raw), bytes)
		}
	}
	if len(text) < 2*bytes && isHex(text) {
		return hexID(field, strings.Repeat("0", 2*bytes-len(text))+text, bytes)
	}
	return "", badRow("%s is not an id of %d bytes", field, bytes)
}

func isHex(text string) bool {
	for i := range len(text) {
		c := text[i]
		isDigit := c >= '0' && c <= '9'
		if !isDigit && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// parseNanos reads nanoseconds since 1970; 0 means unknown.
func parseNanos(field, text string) (Count, error) {
	if text == "" || text == "0" {
		return Count{}, nil
	}
	nanos, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Count{}, badRow("%s %s: not nanoseconds", field, quoted(text))
	}
	return checkInstant(field, text, time.Unix(0, nanos).UTC())
}

// keptJSON writes the harmless attributes of the span, then of its resource, as one object.
func (r *otlpReader) keptJSON() string {
	out := r.kept[:0]
	for i, name := range r.names.kept {
		value := firstText(r.span.kept[i], r.resource.kept[i])
		if value == "" || len(value) > keptBytesMax {
			continue
		}
		if out = append(out, ','); len(out) == 1 {
			out[0] = '{'
		}
		out = appendJSONText(append(appendJSONText(out, name), ':'), value)
	}
	if r.kept = out; len(out) == 0 {
		return ""
	}
	r.kept = append(out, '}')
	return view(r.kept)
}

func appendJSONText(out []byte, text string) []byte {
	out = append(out, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, fmt.Sprintf(`\u%04x`, c)...)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
