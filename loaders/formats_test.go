package loaders

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestFormats loads every file of testdata and compares what comes of it with the .want file
// beside it. UPDATE_WANT=1 writes the .want files anew, to be read before they are committed.
func TestFormats(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, ".want") {
			continue
		}
		t.Run(path, func(t *testing.T) {
			l, err := loadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if l.Read != l.Loaded+l.Rejected {
				t.Errorf("read %d is not loaded %d + rejected %d", l.Read, l.Loaded, l.Rejected)
			}
			compareWithWant(t, path+".want", l.describe())
		})
	}
}

func compareWithWant(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_WANT") != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	diffLines(t, path, strings.Split(got, "\n"), strings.Split(string(want), "\n"))
}

// describe writes what became of a file as text that a person can check. A row shows only what
// differs from the row before it; a dash stands for a column that is no longer filled.
func (l loaded) describe() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: read %d, loaded %d, rejected %d, ignored %d, rounded amounts %d\n",
		l.Format, l.Read, l.Loaded, l.Rejected, l.Ignored, l.RoundedAmounts)
	for _, table := range []Table{TableRequest, TableSpan, TableUsage, TableBill, TableControl,
		TableAnswer, TableReject} {
		before := row{}
		for _, r := range l.rows[table] {
			out.WriteString("\n" + string(table) + "\n")
			words := make([]string, 0, len(r))
			for _, field := range wholeSchema(table).Fields() {
				if word := changed(field.Name, before, r); word != "" {
					words = append(words, word)
				}
			}
			writeWrapped(&out, words)
			before = r
		}
	}
	return out.String()
}

// changed writes a column that differs between two rows; days follow from instants.
func changed(name string, before, after row) string {
	was, had := before[name]
	is, has := after[name]
	switch {
	case name == "file_id", strings.HasSuffix(name, "_day"), was == is && had == has:
		return ""
	case !has:
		return name + "=-"
	case strings.ContainsAny(is, " \t\n\""):
		return name + "=" + strconv.Quote(is)
	}
	return name + "=" + is
}

// writeWrapped writes words in lines of at most 100 columns.
func writeWrapped(out *strings.Builder, words []string) {
	width := 0
	for _, word := range words {
		if width > 0 && width+1+len(word) > 100 {
			out.WriteString("\n")
			width = 0
		}
		if width == 0 {
			word = " " + word
		}
		out.WriteString(" " + word)
		width += 1 + len(word)
	}
	out.WriteString("\n")
}
