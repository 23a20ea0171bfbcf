package loaders

import (
	"errors"
	"strings"
	"testing"
)

func TestExportsThatLeaveOutNamesSayHowElseToExport(t *testing.T) {
	const row = `["2026-10-05 08:00:00","aa",{"gen_ai.request.model":"gpt-5"}]`
	const search = `{"traces":[{"traceID":"aa","spanSets":[{"spans":[{"spanID":"bb",` +
		`"attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"gpt-5"}}]}]}]}]}`
	for text, hint := range map[string]string{
		`["Timestamp","TraceId","SpanAttributes"]` + "\n" + row + "\n": "JSONEachRow",
		row + "\n" + row + "\n": "JSONEachRow",
		"{\n\t\"meta\":\n\t[\n\t\t{\"name\": \"TraceId\", \"type\": \"String\"}\n\t],\n" +
			"\t\"data\":\n\t[\n\t\t" + row + "\n\t],\n\t\"rows\": 1\n}\n": "JSONEachRow",
		search: "/api/v2/traces/ID",
	} {
		_, err := loadText(t, text)
		var file *FileError
		if !errors.As(err, &file) || !file.Resembles || !strings.HasSuffix(file.Hint, hint) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	for _, other := range []string{`["a","b"]` + "\n" + `["c","d"]` + "\n",
		`{"traces":[{"traceID":"aa","spanSets":[]}]}`} {
		_, err := loadText(t, other)
		var file *FileError
		if errors.As(err, &file) && file.Resembles {
			t.Errorf("%s: got %v", other, err)
		}
	}
}
