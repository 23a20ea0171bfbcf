package loaders

import (
	"fmt"
	"strings"
	"testing"
)

// split cuts text into records, written as line:text.
func split(t testing.TB, text string, recordMax int) []string {
	t.Helper()
	var got []string
	err := newSplitter(strings.NewReader(text), recordMax).run(func(b block) error {
		for _, r := range b.records {
			if r.tooLong {
				got = append(got, fmt.Sprintf("%d:too long", r.line))
				continue
			}
			got = append(got, fmt.Sprintf("%d:%s", r.line, r.text))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSplitterFindsObjectsAndWhatStandsBetweenThem(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`[{"a":1},{"b":[2]}]`, `1:{"a":1} 1:{"b":[2]}`},
		{"{\n\"a\":1\n}\n{\"b\":\"}\\\"\"}\n", "1:{\n\"a\":1\n} 4:{\"b\":\"}\\\"\"}"},
		{"[\n{\"a\":1},\n7,\"x y\",null]", `2:{"a":1} 3:7 3:"x y" 3:null`},
		{`{"a":1}tail{"b":2}`, `1:{"a":1} 1:tail 1:{"b":2}`},
		{`[{"a":1}]{"b":2}`, `1:{"a":1} 1:{"b":2}`},
		{`[{"a":1},{"cut":"of`, `1:{"a":1} 1:{"cut":"of`},
		{`[{"a":1},` + "\n", `1:{"a":1} 2:[`},
		{`[[{"a":1}]`, `1:{"a":1} 1:[`},
		{`[{"a":1}] `, `1:{"a":1}`},
		{"", ""},
	} {
		if got := strings.Join(split(t, c.text, 1<<20), " "); got != c.want {
			t.Errorf("%q:\n got  %s\n want %s", c.text, got, c.want)
		}
	}
}

func TestSplitterPassesOverRecordsBeyondTheLimit(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 3*blockBytes) + `"}`
	got := split(t, "["+long+",\n{\"b\":1},"+long[:len(long)-2], 1<<20)
	if want := "1:too long 2:{\"b\":1} 2:too long"; strings.Join(got, " ") != want {
		t.Errorf("got %d records, want %s", len(got), want)
	}
}

// TestRecordsOfNothingFillBlocks: a file of nothing but empty records is handed on in pieces, as
// any other, and is not gathered in memory to its end.
func TestRecordsOfNothingFillBlocks(t *testing.T) {
	most := 0
	count := func(b block) error {
		most = max(most, len(b.records))
		return nil
	}
	q := &messageQueue{send: count}
	for range 3 * blockBytes / recordBytes {
		if err := q.add(record{}); err != nil {
			t.Fatal(err)
		}
	}
	if most == 0 || most > blockBytes/recordBytes {
		t.Errorf("%d empty messages in one block", most)
	}
	most = 0
	objects := strings.NewReader(strings.Repeat("{}", 3*blockBytes))
	if err := newSplitter(objects, blockBytes).run(count); err != nil {
		t.Fatal(err)
	}
	if most == 0 || most > blockBytes {
		t.Errorf("%d empty objects in one block", most)
	}
}
