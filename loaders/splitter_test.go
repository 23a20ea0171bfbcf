package loaders

import (
	"fmt"
	"strings"
	"testing"
)

// split cuts text into records, written as line:text.
func split(t testing.TB, text string, recordMax int) []string {
	t.Helper()
	return recordsOf(t, newSplitter(strings.NewReader(text), recordMax))
}

func recordsOf(t testing.TB, s *splitter) (got []string) {
	t.Helper()
	err := s.run(func(b block) error {
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

// TestCutOffLinesTakeNoOthers: of a file with a document a line, one that was cut off is a record
// of its own, also where the records stand under a key; documents of many lines stay whole.
func TestCutOffLinesTakeNoOthers(t *testing.T) {
	const first = `{"data":{"a":1}}` + "\n"
	for _, c := range []struct{ text, want, listed string }{
		{first + `{"data":{"a":"cu` + "\n" + `{"data":{"a":3}}`,
			`1:{"data":{"a":1}} 2:{"data":{"a":"cu 3:{"data":{"a":3}}`,
			`1:{"a":1} 2:{"a":"cu 3:{"a":3}`},
		{first + `{"data":{"a":[1,` + "\n" + `{"data":[{"a":3}]}` + "\n",
			`1:{"data":{"a":1}} 2:{"data":{"a":[1, 3:{"data":[{"a":3}]}`,
			`1:{"a":1} 2:{"a":[1, 3:{"a":3}`},
		{first + `{"da` + "\n" + `{"data":{"a":3}}`,
			`1:{"data":{"a":1}} 2:{"da 3:{"data":{"a":3}}`, `1:{"a":1} 2:null 3:{"a":3}`},
		{first + "{\n\"data\": {\n\"a\":\n3}\n}\n" + first,
			"1:{\"data\":{\"a\":1}} 2:{\n\"data\": {\n\"a\":\n3}\n} 7:{\"data\":{\"a\":1}}",
			"1:{\"a\":1} 3:{\n\"a\":\n3} 7:{\"a\":1}"},
	} {
		whole := newSplitter(strings.NewReader(c.text), 1<<20)
		whole.isLines = true
		if got := strings.Join(recordsOf(t, whole), " "); got != c.want {
			t.Errorf("%q:\n got  %s\n want %s", c.text, got, c.want)
		}
		list := newMemberReader(strings.NewReader(c.text), "data")
		list.isLines = true
		listed := newSplitter(list, 1<<20)
		listed.isLines = true
		if got := strings.Join(recordsOf(t, listed), " "); got != c.listed {
			t.Errorf("%q under its key:\n got  %s\n want %s", c.text, got, c.listed)
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

func TestIsLines(t *testing.T) {
	for text, want := range map[string]bool{
		"{\"a\":1}\n{\"a\":2}\n":             true,
		"{\"a\":\"cu\n{\"a\":2}\n":           true,  // the first was cut off
		"{\"a\":{\"b\":1\n{\"a\":2}\n":       true,  // here too
		"{\"a\":1,\n\"b\":2}\n":              false, // one object
		"{\"data\":[\n{\"a\":1},\n{}\n]}\n":  false, // a list, its rows at the begin of lines
		"{\"data\":\n{\"a\":1}\n}\n":         false,
		"{\"data\":[{\"a\":1},\n{\"a\":2}]}": false,
		"{\n\"a\":1\n}\n":                    false,
		"[{\"a\":1}]\n":                      false,
	} {
		if got := isLines(newHead([]byte(text), true, &keyShape{})); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
