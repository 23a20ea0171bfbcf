package loaders

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestKeyShapeLosesNoKey compares the keys of each file of testdata, whole and cut off, with those
// that its text gives, in whatever order the files come.
func TestKeyShapeLosesNoKey(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.json*")
	if err != nil || len(paths) == 0 {
		t.Fatal("no testdata: ", err)
	}
	var shape keyShape
	for _, path := range append(paths, paths...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][]byte{text, text[:len(text)/2], text[:len(text)/3], text} {
			want, rest := keyPaths(part)
			if got := shape.of(part); !maps.Equal(got, want) ||
				!reflect.DeepEqual(shape.rest, rest) {
				t.Errorf("%s: got %v, want %v", path, got, want)
			}
		}
	}
	for _, c := range []struct {
		text string
		end  int
	}{{`"a"`, 2}, {`"\"`, -1}, {`"\\"x"`, 3}, {`"\\\""`, 5}, {`"`, -1}, {`""`, 1}} {
		if got := stringEnd([]byte(c.text), 0); got != c.end {
			t.Errorf("%s ends at %d, want %d", c.text, got, c.end)
		}
	}
}

// TestKeysFarInsideAreNamedByTheFirst: however deep a key stands, its path has no more names than
// recognition looks at.
func TestKeysFarInsideAreNamedByTheFirst(t *testing.T) {
	deep := strings.Repeat(`[{"a":`, headBytes/12) + "1"
	want := map[string]bool{"a": true, "a.a": true, "a.a.a": true}
	if got, _ := keyPaths([]byte(deep)); !maps.Equal(got, want) {
		t.Errorf("%d paths: want a, a.a and a.a.a", len(got))
	}
}
