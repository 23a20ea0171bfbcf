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
		`{"data":[]}` + "\n" + `{"data":[]}`} {
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

// TestPagesThatAreNotEmpty holds that an unknown file is not called empty for one empty list in it.
func TestPagesThatAreNotEmpty(t *testing.T) {
	for _, text := range []string{`{"data":[],"rows":[1]}`, `{"data":[],"cost":{"usd":3}}`,
		`{"tags":[],"cost":3}`, `{"data":[`} {
		path := filepath.Join(t.TempDir(), "export")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if format, _, err := Recognise(path); err == nil {
			t.Errorf("%q is %q", text, format.Name)
		}
	}
}
