package loaders

import (
	"time"

	"github.com/valyala/fastjson"
)

// Rows of the table otel_traces that the Collector's ClickHouse exporter fills, as ClickHouse
// writes them: FORMAT JSONEachRow, or FORMAT JSON with the rows under "data".

func clickhouseJSON() Format {
	return Format{
		Name: "clickhouse.otel_traces", Leg: LegTrace,
		About: "rows of ClickHouse's otel_traces: JSONEachRow, or JSON with its envelope",
		recognise: func(h *Head) Match {
			if h.has("data", "meta") {
				return h.needsKeys("data.TraceId", "data.SpanId", "data.Timestamp",
					"data.SpanAttributes")
			}
			return h.needsKeys("TraceId", "SpanId", "Timestamp", "SpanAttributes")
		},
		load: func(j *Job) error {
			read := j.readBlocks
			if j.stream.head().has("data", "meta") {
				read = j.readList("data")
			}
			return j.eachTraceRecord(read, func(t *tracer) handler {
				return (&clickhouseReader{spanReader{tracer: t}}).one
			})
		},
	}
}

type clickhouseReader struct{ spanReader }

func (r *clickhouseReader) one(v *fastjson.Value, line int64) error {
	r.place(line)
	r.begin(textAt(v, "ScopeName"))
	row := r.row
	row.TraceID, row.SpanID = textAt(v, "TraceId"), textAt(v, "SpanId")
	row.ParentSpanID, row.Name = textAt(v, "ParentSpanId"), textAt(v, "SpanName")
	row.Service = textAt(v, "ServiceName")
	r.resource.reset()
	r.noteMap(&r.resource, v.Get("ResourceAttributes"))
	r.attributes = r.noteMap(&r.span, v.Get("SpanAttributes"))
	switch textAt(v, "StatusCode") {
	case "Error", "STATUS_CODE_ERROR", "ERROR", "2":
		r.isFailed = true
	}
	from, err := clickhouseTime("Timestamp", textAt(v, "Timestamp"))
	r.lasts(from, err, textAt(v, "Duration"), int64(time.Microsecond))
	return r.end()
}

// clickhouseTime reads DateTime64 as text in UTC, which is how servers are run, or as a number of
// nanoseconds.
func clickhouseTime(field, text string) (Count, error) {
	if len(text) == len("1794787290000000000") && text[4] != '-' {
		return parseNanos(field, text)
	}
	return parseInstant(field, text)
}
