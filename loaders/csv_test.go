package loaders

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// csvLines loads CSV text with columns a and b and tells its rows and rejects.
func csvLines(t *testing.T, content string, recordMax, threads int) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	stream, err := openStream(context.Background(), path, Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.close()
	var lines []string
	job := &Job{ctx: context.Background(), path: path, stream: stream, emit: discard,
		options: Options{Threads: threads, RecordBytesMax: recordMax}.withDefaults()}
	err = job.eachRow(func(w *worker, row csvRow) error {
		if row.text("b") == "bad" {
			return badRow("b is bad")
		}
		w.loaded(1)
		lines = append(lines, fmt.Sprintf("%d: a=%q b=%q", row.line, row.text("a"), row.text("b")))
		return nil
	})
	if err != nil {
		return append(lines, "error: "+err.Error())
	}
	if job.tally.Read != int64(len(lines))+job.tally.Rejected {
		t.Errorf("read %d, not %d and %d rejected", job.tally.Read, len(lines), job.tally.Rejected)
	}
	if job.tally.Rejected > 0 {
		lines = append(lines, fmt.Sprint(job.tally.Rejected, " rejected"))
	}
	return lines
}

// TestSeparatorsOfKnownFormats holds that an export is read alike whatever separates its columns,
// and that bars for the eye make no columns.
func TestSeparatorsOfKnownFormats(t *testing.T) {
	const export = "id,created_at,tokens_in,tokens_out,provider,model\n" +
		"a,2026-10-05T08:00:00Z,1,2,openai,gpt-5\n"
	for _, separator := range []string{",", ";", "\t", "|"} {
		l, err := loadText(t, strings.ReplaceAll(export, ",", separator))
		if err != nil {
			t.Fatalf("%q: %v", separator, err)
		}
		got := sums(t, l.rows[TableRequest], "prompt_tokens", "response_model")
		diffLines(t, separator, got, []string{"gpt-5=1"})
	}
	head := newHead([]byte("web | starting\nweb | up\n"), true, &keyShape{})
	if head.Columns != nil {
		t.Errorf("a log has the columns %q", head.Columns)
	}
}

func TestCSVRecords(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"plain":           {"a,b\n1,2\n", `2: a="1" b="2"`},
		"no last newline": {"a,b\n1,2", `2: a="1" b="2"`},
		"CRLF": {"a,b\r\n1,2\r\n\"3\",\"4\"\r\n",
			`2: a="1" b="2"|3: a="3" b="4"`},
		"blank lines":     {"\n\na,b\n\n1,2\n\r\n3,4\n", `5: a="1" b="2"|7: a="3" b="4"`},
		"quotes":          {"a,b\n\"x \"\"y\"\"\",\"\"\n", `2: a="x \"y\"" b=""`},
		"line in a field": {"a,b\n\"1\n2\",3\n4,5\n", `2: a="1\n2" b="3"|4: a="4" b="5"`},
		"semicolons":      {"\"a\";\"b\"\n1;\"2;3\"\n", `2: a="1" b="2;3"`},
		"tabs":            {"a\tb\n1\t2\n", `2: a="1" b="2"`},
		"bars":            {"a|\"b\"\n1|\"2|3\"\n", `2: a="1" b="2|3"`},
		"comma in a name": {"\"x, y\";a;b\n3;1;2\n", `2: a="1" b="2"`},
		"capitals":        {"\ufeffA, B \n1,2\n", `2: a="1" b="2"`},
		"too short":       {"a,b\n1\n2,3\n", `3: a="2" b="3"|1 rejected`},
		"open quote":      {"a,b\n1,\"2\n3,4\n5,6\n", `3: a="3" b="4"|4: a="5" b="6"|1 rejected`},
		"bare quote":      {"a,b\n1,2\"3\n4,5\n", `3: a="4" b="5"|1 rejected`},
		"text behind one": {"a,b\n\"1\"x,2\n4,5\n", `3: a="4" b="5"|1 rejected`},
		"NUL":             {"a,b\n1,2\x00\n4,5\n", `3: a="4" b="5"|1 rejected`},
		"refused":         {"a,b\n1,bad\n4,5\n", `3: a="4" b="5"|1 rejected`},
		"UTF-16": {"\xff\xfea\x00,\x00b\x00\n\x001\x00,\x00\x3d\xd8\x00\xde\n\x00",
			`2: a="1" b="😀"`},
		"UTF-16 without mark": {"\x00a\x00,\x00b\x00\n\x001\x00,\x002",
			`2: a="1" b="2"`},
		"words for none": {"a,b\nNULL,None\n\"NaN\",nan\n<NA>,\\N\n(null),null\nnone,\"{null}\"\n",
			`2: a="" b=""|3: a="" b=""|4: a="" b=""|5: a="" b=""|6: a="none" b="{null}"`},
		"header only":                     {"a,b\n", ""},
		"a stated separator":              {"sep=;\r\na;\"b\"\r\n1;2,3\r\n", `3: a="1" b="2,3"`},
		"a stated one against the header": {"SEP=;\n\"a\";b;c,d\n1;2;3\n", `3: a="1" b="2"`},
		"the header again": {"a,b\n1,2\na,b\n3,4\n\ufeff\"a\",\"b\"\r\n5,6\nA,B\n7,8\n",
			`2: a="1" b="2"|4: a="3" b="4"|6: a="5" b="6"|8: a="7" b="8"`},
		"in another order": {"a,b,a\n1,2,x\nb,a,a\n4,3,x\n5,\"6\"\na,b,a\n7,8,x\n",
			`2: a="1" b="2"|4: a="3" b="4"|7: a="7" b="8"|1 rejected`},
		"another header": {"a,b,c\n1,2,3\na,b,d\n3,4,5\na,b,c,d\n1,2,3,4\nc,b,a\n5,6,7\n",
			`2: a="1" b="2"|8: a="7" b="6"|4 rejected`},
		"rows like a header": {"a,b,c,d\na,b,1,2\nd,x,y,z\n", `2: a="a" b="b"|3: a="d" b="x"`},
		"open header":        {"a,\"b\n", "error: "},
	} {
		got := strings.Join(csvLines(t, c.content, 1<<16, 1), "|")
		if strings.HasPrefix(got, "error: ") {
			got = "error: "
		}
		if got != c.want {
			t.Errorf("%s:\n got  %s\n want %s", name, got, c.want)
		}
	}
}

// TestCSVLongRecords holds the reader to its limit of memory.
func TestCSVLongRecords(t *testing.T) {
	long := strings.Repeat("x", 5<<20)
	for name, content := range map[string]string{
		"bare":   "a,b\n1,2\n" + long + ",1\n3,4\n",
		"quoted": "a,b\n1,2\n\"" + long + "\",1\n3,4\n",
	} {
		got := strings.Join(csvLines(t, content, 1<<20, 1), "|")
		want := `2: a="1" b="2"|4: a="3" b="4"|1 rejected`
		if got != want {
			t.Errorf("%s:\n got  %s\n want %s", name, got, want)
		}
	}
	// A quote that nothing closes costs its line, also beyond the limit.
	open := "a,b\n1,\"2\n" + strings.Repeat("3,4\n", 2<<20)
	got := csvLines(t, open, 1<<20, 1)
	if last := got[len(got)-1]; last != "1 rejected" || len(got) != 2<<20+1 {
		t.Error(last, len(got))
	}
}

// discard takes rows that a test does not look at.
func discard(_ Table, record arrow.Record) error {
	record.Release()
	return nil
}
