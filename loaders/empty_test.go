package loaders

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEmptyExports holds that a file without records is read, and is not called unknown.
func TestEmptyExports(t *testing.T) {
	for _, text := range []string{"", "[]", "\n",
		`{"object":"page","data":[],"has_more":false,"next_page":null}`,
		`{"data":[],"meta":{"page":1,"totalItems":0}}`, `{"ResultsByTime":[]}`,
		`{"data":[]}` + "\n" + `{"data":[]}`,
		`{"data":[],"total":0,"page":1,"page_size":100,"total_pages":0}`,
		`{"result":[],"success":true,"errors":[],"messages":[]}`, `{"logs":[],"stats":{}}`,
		`{"took":1,"hits":{"total":{"value":0},"hits":[]}}`} {
		path := filepath.Join(t.TempDir(), "export")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		format, _, err := Recognise(path)
		if err != nil || format.Name != "empty" {
			t.Errorf("%q is %q, %v", text, format.Name, err)
		}
	}
}

// TestPagesThatAreNotEmpty: an unknown file is not called empty for one empty list in it, nor an
// answer that tells of an error or of rows elsewhere.
func TestPagesThatAreNotEmpty(t *testing.T) {
	for _, text := range []string{`{"data":[],"rows":[1]}`, `{"data":[],"cost":{"usd":3}}`,
		`{"tags":[],"cost":3}`, `{"data":[`, `{"x":[]}`, `{`,
		`{"result":[],"success":false,"errors":[{"code":10000}]}`,
		`{"data":[],"error":"no such key"}`, `{"data":[],"error":{"code":1}}`,
		`{"data":[],"total":7,"page":9}`, `{"data":[{"x":1}]}` + "\n" + `{"data":[]}`} {
		if l, err := loadText(t, text); err == nil {
			t.Errorf("%s is %s", text, l.Format)
		}
	}
}
