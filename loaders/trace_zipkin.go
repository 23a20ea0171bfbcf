package loaders

import "github.com/valyala/fastjson"

// Zipkin v2: a list of spans, or a list of traces, each a list of spans. All tags are text.

func zipkinJSON() Format {
	return Format{
		Name: "zipkin.json", Leg: LegTrace,
		About: "Zipkin v2 spans: a list, a list of traces, or one span a line",
		recognise: func(h *Head) Match {
			if h.has("attributes") {
				return Match{} // what JavaScript's console exporter shows of a span
			}
			for _, key := range []string{"localEndpoint", "duration", "tags"} {
				if h.has(key, "timestamp") {
					return h.needsKeys("traceId", "id", "timestamp", key)
				}
			}
			return h.needsKeys("traceId", "id", "timestamp", "localEndpoint")
		},
		load: func(j *Job) error {
			return j.eachTraceRecord(j.readBlocks, func(t *tracer) handler {
				return (&zipkinReader{spanReader{tracer: t}}).one
			})
		},
	}
}

type zipkinReader struct{ spanReader }

func (r *zipkinReader) one(span *fastjson.Value, line int64) error {
	r.place(line)
	r.begin("")
	r.row.TraceID, r.row.SpanID = textAt(span, "traceId"), textAt(span, "id")
	r.row.ParentSpanID, r.row.Name = textAt(span, "parentId"), textAt(span, "name")
	r.row.Service = textAt(span, "localEndpoint", "serviceName")
	span.GetObject("tags").Visit(func(key []byte, v *fastjson.Value) {
		r.attributes++
		r.tag(&r.span, view(key), r.said(view(key), v))
	})
	if failure := span.Get("tags", "error"); failure != nil {
		r.isFailed = textOf(failure) != "false" // any other text, none too, is a failure
	}
	from, err := parseMicros("timestamp", textAt(span, "timestamp"))
	r.lasts(from, err, textAt(span, "duration"), 1)
	return r.end()
}
