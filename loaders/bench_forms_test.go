package loaders

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/klauspost/compress/zstd"
	"github.com/valyala/fastjson"
)

// The files of the benchmarks in other forms.

func zipped(of func(testing.TB, string) benchFile) func(testing.TB, string) benchFile {
	return func(t testing.TB, month string) benchFile {
		plain := of(t, month)
		var out bytes.Buffer
		writer := gzip.NewWriter(&out)
		if _, err := writer.Write(readBench(t, plain.path)); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		return benchFile{path: writeBench(t, "file.gz", out.Bytes()).path, bytes: plain.bytes}
	}
}

func zstded(of func(testing.TB, string) benchFile) func(testing.TB, string) benchFile {
	return func(t testing.TB, month string) benchFile {
		plain := of(t, month)
		encoder, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		packed := encoder.EncodeAll(readBench(t, plain.path), nil)
		return benchFile{path: writeBench(t, "file.zst", packed).path, bytes: plain.bytes}
	}
}

// spendTable is the spend logs as columns of text, as a copy of the database's table has them.
func spendTable(t testing.TB, month string) (names []string, rows [][]string) {
	t.Helper()
	var parser fastjson.Parser
	text := readBench(t, month, "gateway", "litellm-2026-10.jsonl")
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte{'\n'}) {
		value, err := parser.ParseBytes(line)
		if err != nil {
			t.Fatal(err)
		}
		var row []string
		isFirst := names == nil
		value.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			if isFirst {
				names = append(names, string(key))
			}
			cell := textOf(v)
			if v.Type() == fastjson.TypeObject || v.Type() == fastjson.TypeArray {
				cell = string(v.MarshalTo(nil))
			}
			row = append(row, string([]byte(cell)))
		})
		rows = append(rows, row)
	}
	return names, rows
}

func benchSpendCSV(t testing.TB, month string) benchFile {
	names, rows := spendTable(t, month)
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	if err := writer.Write(names); err != nil {
		t.Fatal(err)
	}
	if err := writer.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return writeBench(t, "spend.csv", out.Bytes())
}

// benchSpendParquet says of the bytes how many the JSON lines have: Parquet's own are few.
func benchSpendParquet(t testing.TB, month string) benchFile {
	names, rows := spendTable(t, month)
	nodes := make(schema.FieldList, len(names))
	for i, name := range names {
		nodes[i] = schema.NewByteArrayNode(name, parquet.Repetitions.Required, -1)
	}
	root, err := schema.NewGroupNode("spend", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	writer := file.NewParquetWriter(&out, root, file.WithWriterProps(
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy))))
	group := writer.AppendRowGroup()
	for i := range names {
		cells := make([]parquet.ByteArray, len(rows))
		for k, row := range rows {
			cells[k] = parquet.ByteArray(row[i])
		}
		writeColumn(t, group, cells)
	}
	if err := errors.Join(group.Close(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	lines, err := os.Stat(filepath.Join(month, "gateway", "litellm-2026-10.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return benchFile{path: writeBench(t, "spend.parquet", out.Bytes()).path, bytes: lines.Size()}
}

func writeColumn(t testing.TB, group file.SerialRowGroupWriter, cells []parquet.ByteArray) {
	t.Helper()
	column, err := group.NextColumn()
	if err != nil {
		t.Fatal(err)
	}
	_, err = column.(*file.ByteArrayColumnChunkWriter).WriteBatch(cells, nil, nil)
	if err := errors.Join(err, column.Close()); err != nil {
		t.Fatal(err)
	}
}

// benchMapping is calls as agentgateway logs them, a format that is only a mapping.
func benchMapping(t testing.TB, _ string) benchFile {
	var out bytes.Buffer
	for i := range benchRequests {
		fmt.Fprintf(&out, `{"level":"info","time":"2026-10-%02dT10:%02d:%02d.%06dZ",`+
			`"scope":"request","gateway":"default/agentgateway","listener":"llm",`+
			`"route":"default/openai","endpoint":"api.openai.com:443","src.addr":"10.0.0.9:4711",`+
			`"http.method":"POST","http.host":"llm.example","http.path":"/v1/chat/completions",`+
			`"http.version":"HTTP/1.1","http.status":200,"trace.id":"%032x","span.id":"%016x",`+
			`"protocol":"llm","gen_ai.operation.name":"chat","gen_ai.provider.name":"openai",`+
			`"gen_ai.request.model":"gpt-5-mini","gen_ai.response.model":"gpt-5-mini-2025-08-07",`+
			`"gen_ai.usage.input_tokens":%d,"gen_ai.usage.output_tokens":%d,"duration":"812ms"}`+
			"\n", 1+i%30, i%60, i%59, i%1_000_000, i+1, i+1, 900+i%1000, 20+i%300)
	}
	return writeBench(t, "calls.jsonl", out.Bytes())
}

// benchTraceProto is the traces as the Collector writes protobuf, each request behind its length.
func benchTraceProto(t testing.TB, month string) benchFile {
	var out []byte
	text := readBench(t, month, "traces", "otlp-2026-10.jsonl")
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte{'\n'}) {
		var request struct{ ResourceSpans []protoGroup }
		if err := json.Unmarshal(line, &request); err != nil {
			t.Fatal(err)
		}
		var message []byte
		for _, group := range request.ResourceSpans {
			message = protoBytes(message, 1, group.encode())
		}
		out = binary.BigEndian.AppendUint32(out, uint32(len(message)))
		out = append(out, message...)
	}
	return writeBench(t, "traces.bin", out)
}

// protoGroup and what follows are OTLP JSON as its own schema says it, to be written as protobuf.
type protoGroup struct {
	Resource   struct{ Attributes []protoAttribute }
	ScopeSpans []struct {
		Scope struct{ Name, Version string }
		Spans []protoSpan
	}
}

type protoSpan struct {
	TraceID, SpanID, ParentSpanID, Name string
	StartTimeUnixNano, EndTimeUnixNano  string
	Kind                                uint64
	Attributes                          []protoAttribute
	Status                              struct{ Code uint64 }
}

type protoAttribute struct {
	Key   string
	Value struct {
		StringValue, IntValue *string
		BoolValue             *bool
	}
}

func protoBytes(out []byte, field uint64, content []byte) []byte {
	out = binary.AppendUvarint(out, field<<3|wireBytes)
	out = binary.AppendUvarint(out, uint64(len(content)))
	return append(out, content...)
}

func (g protoGroup) encode() []byte {
	var resource, out []byte
	for _, a := range g.Resource.Attributes {
		resource = protoBytes(resource, 1, a.encode())
	}
	out = protoBytes(out, 1, resource)
	for _, s := range g.ScopeSpans {
		scope := protoBytes(nil, 1, protoBytes(nil, 1, []byte(s.Scope.Name)))
		for _, span := range s.Spans {
			scope = protoBytes(scope, 2, span.encode())
		}
		out = protoBytes(out, 2, scope)
	}
	return out
}

func (s protoSpan) encode() []byte {
	var out []byte
	for field, id := range map[uint64]string{1: s.TraceID, 2: s.SpanID, 4: s.ParentSpanID} {
		raw, _ := hex.DecodeString(id)
		out = protoBytes(out, field, raw)
	}
	out = protoBytes(out, 5, []byte(s.Name))
	for field, nanos := range map[uint64]string{7: s.StartTimeUnixNano, 8: s.EndTimeUnixNano} {
		n, _ := strconv.ParseUint(nanos, 10, 64)
		out = binary.LittleEndian.AppendUint64(binary.AppendUvarint(out, field<<3|1), n)
	}
	for _, a := range s.Attributes {
		out = protoBytes(out, 9, a.encode())
	}
	return protoBytes(out, 15, binary.AppendUvarint([]byte{3 << 3}, s.Status.Code))
}

func (a protoAttribute) encode() []byte {
	var value []byte
	switch {
	case a.Value.StringValue != nil:
		value = protoBytes(nil, 1, []byte(*a.Value.StringValue))
	case a.Value.IntValue != nil:
		n, _ := strconv.ParseInt(*a.Value.IntValue, 10, 64)
		value = binary.AppendUvarint([]byte{3 << 3}, uint64(n))
	case a.Value.BoolValue != nil:
		value = []byte{2 << 3, 1}
	}
	return protoBytes(protoBytes(nil, 1, []byte(a.Key)), 2, value)
}
