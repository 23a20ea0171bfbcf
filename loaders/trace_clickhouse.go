package loaders

import (
	"bytes"
	"strings"
	"time"

	"github.com/valyala/fastjson"
)

// Rows of the table otel_traces that the Collector's ClickHouse exporter fills, as ClickHouse
// writes them: FORMAT JSONEachRow, FORMAT JSON with the rows under "data", Parquet, or
// CSVWithNames, where maps are {'key':'value'} or, if the query shows them so, JSON.

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

func clickhouseRows() Format {
	return Format{
		Name: "clickhouse.otel_traces.columns", Leg: LegTrace,
		About: "rows of ClickHouse's otel_traces as Parquet, or as CSV with maps as JSON",
		recognise: func(h *Head) Match {
			if h.needs("durationns").Fits && bytes.Contains(h.Bytes, []byte("tfy.span_type")) {
				return Match{} // TrueFoundry's own rows, whose columns have the same names
			}
			return h.needs("traceid", "spanid", "timestamp", "spanattributes")
		},
		load: func(j *Job) error {
			return j.eachTraceRow(func(t *tracer) rowHandler {
				return (&clickhouseReader{spanReader{tracer: t}}).columns
			})
		},
	}
}

type clickhouseReader struct{ spanReader }

func (r *clickhouseReader) one(v *fastjson.Value, line int64) error {
	r.place(line)
	return r.told(func(column string) string { return textAt(v, column) },
		v.Get("ResourceAttributes"), v.Get("SpanAttributes"), v.GetArray("Events.Attributes"))
}

func (r *clickhouseReader) columns(row csvRow) error {
	r.place(row.line)
	text := func(column string) string { return row.text(strings.ToLower(column)) }
	attributes := r.parseInner(text("SpanAttributes"), innerTextsMax+1)
	if attributes == nil && text("SpanAttributes") != "" {
		return badRow("SpanAttributes is no map: neither JSON nor {'key':'value'}")
	}
	return r.told(text, r.parseInner(text("ResourceAttributes"), innerTextsMax), attributes, nil)
}

func (r *clickhouseReader) told(
	text func(column string) string, resource, attributes *fastjson.Value,
	events []*fastjson.Value,
) error {
	r.begin(text("ScopeName"))
	row := r.row
	row.TraceID, row.SpanID = text("TraceId"), text("SpanId")
	row.ParentSpanID, row.Name = text("ParentSpanId"), text("SpanName")
	row.Service = text("ServiceName")
	r.resource.reset()
	r.noteMap(&r.resource, resource)
	r.attributes = r.noteMap(&r.span, attributes)
	for _, event := range events {
		r.noteMap(r.event(), event)
	}
	switch text("StatusCode") {
	case "Error", "STATUS_CODE_ERROR", "ERROR", "2":
		r.isFailed = true
	}
	from, err := clickhouseTime("Timestamp", text("Timestamp"))
	r.lasts(from, err, text("Duration"), int64(time.Microsecond))
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
