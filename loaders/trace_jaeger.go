package loaders

import (
	"strings"

	"github.com/valyala/fastjson"
)

// Jaeger's own JSON: traces as its UI and API give them ({"data":[…]}), and the span rows that it
// keeps in Elasticsearch. The answers of its API v3 are OTLP.

func jaegerJSON() Format {
	return Format{
		Name: "jaeger.json", Leg: LegTrace,
		About: "Jaeger traces as its UI or API v2 gives them, and rows of its Elasticsearch index",
		recognise: func(h *Head) Match {
			switch {
			case h.has("_source.spanID"):
				return h.needsKeys("_source.traceID", "_source.spanID", "_source.operationName")
			case h.has("spanID", "operationName"):
				return h.needsKeys("traceID", "spanID", "operationName")
			case h.has("processes", "spans"):
				return h.needsKeys("spans.traceID", "spans.spanID", "processes")
			case h.has("data", "total", "limit", "offset", "errors") && !h.has("data.traceID"):
				return h.needsKeys("data", "total", "limit", "offset", "errors") // no trace found
			}
			return h.needsKeys("data.traceID", "data.spans")
		},
		load: func(j *Job) error {
			read := j.readBlocks
			if j.stream.head().has("data") {
				read = j.readList("data")
			}
			return j.eachTraceRecord(read, func(t *tracer) handler {
				return (&jaegerReader{spanReader: spanReader{tracer: t}}).record
			})
		},
	}
}

// readList reads the elements of the list under a key of each document.
func (j *Job) readList(key string) func(func(block) error) error {
	return func(send func(block) error) error {
		list := newMemberReader(j.stream, strings.Split(key, ".")...)
		list.isLines = isLines(j.stream.head())
		records := newSplitter(list, j.options.RecordBytesMax)
		records.isLines = list.isLines
		return records.run(send)
	}
}

type jaegerReader struct {
	spanReader
	process *fastjson.Value // whose facts the resource holds
	service string
}

// record reads a trace, or one span of a store.
func (r *jaegerReader) record(v *fastjson.Value, line int64) error {
	r.place(line)
	r.process = nil
	if source := v.Get("_source"); source != nil {
		v = source
	}
	if !v.Exists("spans") {
		return r.one(v, v.Get("process"))
	}
	processes := v.Get("processes")
	for _, span := range v.GetArray("spans") {
		process := span.Get("process")
		if id := textAt(span, "processID"); process == nil && processes != nil {
			process = processes.Get(id)
		}
		if err := r.one(span, process); err != nil {
			return err
		}
	}
	return nil
}

func (r *jaegerReader) one(span, process *fastjson.Value) error {
	r.begin("")
	if span.Type() != fastjson.TypeObject {
		return r.w.settle(badRow("span is not an object"), r.line, nil)
	}
	r.setProcess(process)
	r.row.TraceID, r.row.SpanID = textAt(span, "traceID"), textAt(span, "spanID")
	r.row.Name, r.row.Service = textAt(span, "operationName"), r.service
	r.row.ParentSpanID = jaegerParent(span, r.row.TraceID)
	r.attributes = r.noteTags(&r.span, span)
	r.noteEvents(span.GetArray("logs"), "fields")
	from, err := parseMicros("startTime", textAt(span, "startTime"))
	r.lasts(from, err, textAt(span, "duration"), 1)
	return r.end()
}

// setProcess reads the process of a span unless it is the one before's.
func (r *jaegerReader) setProcess(process *fastjson.Value) {
	if process != nil && process == r.process {
		return
	}
	r.process, r.service = process, textAt(process, "serviceName")
	r.resource.reset()
	r.noteTags(&r.resource, process)
}

// noteTags takes in a list of typed tags, or the map that Elasticsearch rows hold, in which dots
// are written as @.
func (r *jaegerReader) noteTags(into *facts, of *fastjson.Value) int64 {
	if of == nil {
		return 0
	}
	count := int64(0)
	for _, tag := range of.GetArray("tags") {
		name := textAt(tag, "key")
		r.tag(into, name, r.said(name, tag.Get("value")))
		count++
	}
	of.GetObject("tag").Visit(func(key []byte, v *fastjson.Value) {
		name := strings.ReplaceAll(view(key), "@", ".")
		r.tag(into, name, r.said(name, v))
		count++
	})
	return count
}

// tag takes in one tag, or what Jaeger and Zipkin write as a tag for want of a field.
func (r *spanReader) tag(into *facts, name, value string) {
	switch name {
	case "otel.scope.name", "otel.library.name":
		r.row.Scope = value
	case "otel.status_code", "otel.status.code":
		r.isFailed = r.isFailed || value == "ERROR" || value == "2"
	case "error":
		isTrue, isFlag := truthOf(value)
		r.isFailed = r.isFailed || isTrue || (value != "" && !isFlag)
	case "otel.dropped_attributes_count":
		r.isCut = strings.Trim(value, "0") != ""
	default:
		r.note(into, name, value)
	}
}

// jaegerParent is the first span of the same trace that the span is a child of.
func jaegerParent(span *fastjson.Value, traceID string) string {
	for _, reference := range span.GetArray("references") {
		kind := strings.ReplaceAll(textAt(reference, "refType"), "-", "_")
		of := textAt(reference, "traceID")
		if strings.EqualFold(kind, "CHILD_OF") && (of == "" || of == traceID) {
			return textAt(reference, "spanID")
		}
	}
	return textAt(span, "parentSpanID")
}
