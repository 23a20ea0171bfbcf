package loaders

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEmptyExports holds that a file without records is read, and is not called unknown.
func TestEmptyExports(t *testing.T) {
	for _, text := range []string{"", "[]", "\n"} {
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
