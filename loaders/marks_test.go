package loaders

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestMarks: the hashes at the marks are those of what a file begins with, and the next file is not
// asked for them.
func TestMarks(t *testing.T) {
	t.Parallel()
	loader, err := NewLoader(Options{Threads: 1},
		func(_ Table, record arrow.Record) error { record.Release(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/portkey/bodies.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Repeat(string(text), 1+2*headBytes/len(text))) // more than one read
	path, size := filepath.Join(t.TempDir(), "log.jsonl"), int64(len(text))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	within := []int64{1, 100, 4 << 10, headBytes, headBytes + 1, size - 1, size}
	result, err := loader.LoadFirst(t.Context(), path, size, 1, func(first []byte) []int64 {
		if string(first) != string(text[:firstBytesMax]) {
			t.Errorf("%d first bytes that are not the file's", len(first))
		}
		return append(within, size+1)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range within {
		if sum := sha256.Sum256(text[:mark]); hex.EncodeToString(sum[:]) != result.Hashes[mark] {
			t.Errorf("not the hash of the first %d bytes", mark)
		}
	}
	if len(result.Hashes) != len(within) {
		t.Errorf("%d hashes at %d marks", len(result.Hashes), len(within))
	}
	if result, err = loader.Load(t.Context(), path, 2); err != nil || result.Hashes != nil {
		t.Errorf("%d hashes at no marks: %v", len(result.Hashes), err)
	}
}
