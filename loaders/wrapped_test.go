package loaders

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// asText writes JSON as text within JSON.
func asText(json string) string { return string(appendJSONText(nil, json)) }

// asCell writes JSON as a cell of CSV.
func asCell(json string) string { return `"` + strings.ReplaceAll(json, `"`, `""`) + `"` }

// asAttributes writes a row of LiteLLM's as OTLP writes an object.
func asAttributes(id string) string {
	return `[{"key":"request_id","value":{"stringValue":"` + id + `"}},` +
		`{"key":"spend","value":{"doubleValue":0.1}},{"key":"prompt_tokens","value":` +
		`{"intValue":"7"}},{"key":"startTime","value":{"stringValue":"2026-10-05T08:00:00Z"}},` +
		`{"key":"metadata","value":{"kvlistValue":{"values":[{"key":"a","value":` +
		`{"boolValue":true}},{"key":"b","value":{"arrayValue":{"values":` +
		`[{"intValue":1}]}}}]}}}]`
}

// carriers are rows of LiteLLM's, one and two, inside of what carries logs.
func carriers() map[string]string {
	one, two := logged("one", ""), logged("two", "")
	return map[string]string{
		"Fluent Bit": `{"date":1.5,"log":` + one + "}\n" + `{"date":1.5,"log":` + two + "}",
		"Docker": `{"log":` + asText(one+"\n") + "}\n" +
			`{"log":` + asText(two+"\n") + "}\n",
		"Elasticsearch dump": `{"_index":"i","_source":` + one + "}\n" + `{"_source":` + two + "}",
		"Filebeat in Elasticsearch": `{"took":1,"hits":{"total":2,"hits":[` +
			`{"_index":"i","_source":{"message":` + asText(one) + "}},\n" +
			`{"_index":"i","_source":{"message":` + asText(two) + `}}]}}`,
		"Loki": `{"status":"success","data":{"resultType":"streams","result":[{"stream":{},` +
			`"values":[["1",` + asText(one) + `],["2",` + asText(two) + `]]}]}}`,
		"CloudWatch": `{"logGroup":"g","logEvents":[{"id":"1","message":` + asText(one) + "}]}\n" +
			`{"logGroup":"g","logEvents":[{"id":"2","message":` + asText(two) + `}]}`,
		"several events a line": `{"logEvents":[{"message":` + asText(one) + "}]}\n" +
			`{"logEvents":[{"message":` + asText(two) + `},{"message":"START"}]}`,
		"Splunk": `{"result":{"_raw":` + asText(one) + "}}\n" +
			`{"result":{"_raw":` + asText(two) + "}}",
		"Google Cloud": `[{"insertId":"1","jsonPayload":` + one + `},{"jsonPayload":` + two + "}]",
		"a queue in a log": `{"value":` + asText(`{"message":`+asText(one)+`}`) + "}\n" +
			`{"value":` + asText(`{"message":`+asText(two)+`}`) + "}",
		"a Collector": `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":` +
			asText(one) + `}}]}]}]}` + "\n" + `{"resourceLogs":[{"scopeLogs":[{"logRecords":[` +
			`{"body":{"stringValue":` + asText(two) + `}},{"body":{"stringValue":"hi"}}]}]}]}`,
		"a Collector that parsed": `{"resourceLogs":[{"resource":{"attributes":[{"key":"host",` +
			`"value":{"stringValue":"h"}}]},"scopeLogs":[{"logRecords":[{"attributes":` +
			asAttributes("one") + `},{"attributes":` + asAttributes("two") + `}]}]}]}`,
		"a database's JSON": `[{"json_agg":[` + one + "," + two + `]}]`,
		"changes of a table": `{"op":"u","before":` + logged("old", "") + `,"after":` + one +
			"}\n" + `{"op":"c","before":null,"after":` + two + "}\n",
		"rows by number":    `{"0":` + one + `,"1":` + two + "}",
		"rows by their ids": `{"n":2,"all":{"one":` + one + ",\n" + `"two":` + two + "}}",
		"rows of a client":  `{"rowCount":2,"rows":[` + one + ",\n" + two + "]}",
		"batches as text":   `{"message":` + asText("["+one+","+two+"]") + "}\n",
		"text of JSON":      asText(one) + "\n" + asText(two) + "\n",
		"a container": "2026-10-05T08:00:00.5Z stdout F " + one + "\n" +
			"2026-10-05T08:00:01Z stdout F " + two,
		"Loki's labels": "2026-10-05T08:00:00Z\t{app=\"gw\"}\t" + one + "\n" +
			"2026-10-05T08:00:00Z\t{\"app\":\"gw\"}\t" + two + "\n",
		"pods":       "[pod/gw-1/proxy] " + one + "\n[pod/gw-1/proxy] " + two + "\n",
		"a terminal": "gateway-1  | " + one + "\ngateway-1  | " + two + "\n",
		"a journal": "<14>1 2026-10-05T08:00:00Z host gw 1 - - " + one + "\r\n" +
			"[info] " + two + "\r\n",
		"CloudWatch as CSV": "@timestamp,@message\n1," + asCell(one) + "\n" +
			"2," + asCell(two) + "\n",
		"one column": "row_to_json\n" + asCell(one) + "\n" + asCell(two) + "\n",
		"one column, laid out": "\"?column?\"\r\n" +
			asCell(strings.Replace(one, ",", ",\n", 1)) + "\r\n" + asCell(two) + "\r\n",
		"one column without a header": asCell(one) + "\n" + asCell(two) + "\n",
		"a column with tabs": "at\tline\n1\t" + asCell(`{"log":`+one+`}`) + "\n2\t" +
			asCell(`{"log":`+two+`}`) + "\n",
	}
}

func TestCarriedRecords(t *testing.T) {
	for name, content := range carriers() {
		l, err := loadText(t, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkLoadedCounts(t, l)
		if got := fmt.Sprint(l.texts(TableRequest, "request_id")); l.Rejected != 0 ||
			got != "[request_id=one request_id=two]" {
			t.Errorf("%s: got %s and %v", name, got, l.texts(TableReject, "line", "reason"))
		}
		if !strings.HasPrefix(l.Why, "inside ") {
			t.Errorf("%s: %s", name, l.Why)
		}
	}
}

// TestCarriersWithMore: lines stay true, what carries nothing is counted, and what is cut off or
// no JSON is a reject.
func TestCarriersWithMore(t *testing.T) {
	one, two := logged("one", ""), logged("two", "")
	for name, c := range map[string]struct {
		content string
		want    string // rows, rejects, ignored records
	}{
		"lines of other programs": {`{"log":"starting\n"}` + "\n" +
			`{"log":` + asText(one) + "}\n" + `{"log":"[warn] {"}` + "\n" +
			`{"log":` + asText(two) + "}", "[2 one 4 two] [] 2"},
		"a row cut off": {`{"log":` + asText(one) + "}\n" + `{"log":` + asText(two[:40]) + "}\n",
			"[1 one] [2 what the record carries is cut off or no JSON] 0"},
		"a carrier cut off": {`{"log":` + asText(one) + "}\n\n" + `{"log":"{`,
			"[1 one] [3 what the record carries is cut off or no JSON] 0"},
		"pieces of Docker": {`{"log":` + asText(one[:30]) + "}\n" +
			`{"log":` + asText(one[30:60]) + "}\n" + `{"log":` + asText(one[60:]+"\n") + "}\n" +
			`{"log":` + asText(two+"\n") + "}\n", "[1 one 4 two] [] 0"},
		"pieces of containerd": {"t stdout F " + two + "\nt stdout P " + one[:50] +
			"\nt stdout F " + one[50:] + "\n", "[1 two 2 one] [] 0"},
		"pieces without an end": {`{"log":` + asText(one[:30]) + "}\n" +
			`{"log":` + asText(two+"\n") + "}\n" + `{"log":` + asText(one[:20]) + "}\n" +
			`{"log":` + asText(one[:40]) + "}\n", "[2 two] [1 what the record carries is cut " +
			"off or no JSON 3 what the record carries is cut off or no JSON 4 what the record " +
			"carries is cut off or no JSON] 0"},
		"a line of text cut off": {"F " + one + "\nF ready\nF " + two[:40],
			"[1 one] [3 what the record carries is cut off or no JSON] 1"},
		"CSV": {"at,text\n1,hello\n2,\"" + strings.ReplaceAll(one, `"`, `""`) + "\"\n" +
			"3,\"{\"\"a\"\n",
			"[3 one] [4 what the record carries is cut off or no JSON] 1"},
		"one column": {"row_to_json\n" + asCell(strings.Replace(one, ",", ",\n", 1)) + "\n" +
			asCell(two[:40]) + "\n" + asCell(two) + "\n" + `"{""a"":` + "\nrow_to_json\nhello\n",
			"[2 one 5 two] [4 what the record carries is cut off or no JSON 6 what the record " +
				"carries is cut off or no JSON] 2"},
		"one column without a header": {asCell(one) + "\n" + asCell(two[:40]) + "\n" +
			asCell(`{"a":}`) + "\n" + asCell(two) + "\n" + `"{""a"":` + "\nhello\n",
			"[1 one 4 two] [2 what the record carries is cut off or no JSON 3 what the record " +
				"carries is cut off or no JSON 5 what the record carries is cut off or no JSON] 1"},
	} {
		l, err := loadText(t, c.content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkLoadedCounts(t, l)
		plain := func(table Table, columns ...string) []string {
			var all []string
			for _, r := range l.rows[table] {
				all = append(all, r[columns[0]]+" "+r[columns[1]])
			}
			return all
		}
		got := fmt.Sprint(plain(TableRequest, "line", "request_id"),
			plain(TableReject, "line", "reason"), l.Ignored)
		if got != c.want {
			t.Errorf("%s:\n got  %s\n want %s", name, got, c.want)
		}
	}
}

// TestCarrierBeyondTheLimit: a document of any size is read element by element, though its head
// is cut off when it is recognised.
func TestCarrierBeyondTheLimit(t *testing.T) {
	const rows = 3000
	var text strings.Builder
	text.WriteString(`{"took":1,"hits":{"hits":[`)
	for i := range rows {
		if i > 0 {
			text.WriteString(",\n")
		}
		text.WriteString(`{"_source":` + logged(fmt.Sprint(i), "") + "}")
	}
	text.WriteString("]}}")
	path := filepath.Join(t.TempDir(), "hits.json")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := loadWith(path, Options{Threads: 1, RecordBytesMax: 64 << 10})
	if err != nil || l.Loaded != rows || l.Rejected != 0 {
		t.Errorf("%+v, %v", l.Tally, err)
	}
	if last := l.rows[TableRequest][rows-1]; last["line"] != fmt.Sprint(rows) {
		t.Errorf("the last row is on line %s", last["line"])
	}
}

// TestUnknownStaysUnknown: what merely resembles is not taken for what it carries.
func TestUnknownStaysUnknown(t *testing.T) {
	for _, content := range []string{
		`{"a":{"b":{"c":1,"d":2,"e":3}}}`, `{"event":{"gen_ai.request.model":"m","a":1,"b":2}}`,
		"level=info msg=ready port=80 pid=7\n", "a,b\n1,\"{\"\"x\"\":1}\"\n", "[info] ready\n",
		"ready\n\"{\"\"x\"\":1}\"\n", "\"{\"\"x\"\":1}\"\n",
	} {
		if l, err := loadText(t, content); err == nil {
			t.Errorf("%s is taken for %s, %s", content, l.Format, l.Why)
		}
	}
}

// TestMendedJSON: JSON that is cut off anywhere can be closed.
func TestMendedJSON(t *testing.T) {
	text := `{"a":[1,{"b":"x,]\"}","c":null},[]],"d":{"e":-1.5e3}}`
	for end := 1; end <= len(text); end++ {
		if closed := mended([]byte(text[:end])); !json.Valid(closed) {
			t.Errorf("%s became %s", text[:end], closed)
		}
	}
}

// FuzzCarried reads what grew out of carriers: nothing panics, and every record is counted.
func FuzzCarried(f *testing.F) {
	for _, content := range carriers() {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "export")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := loadWith(path, Options{Threads: 1, RecordBytesMax: 1 << 16,
			FileBytesMax: 1 << 26})
		var unusable *FileError
		if errors.As(err, &unusable) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkCounts(t, l)
	})
}
