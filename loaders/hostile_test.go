package loaders

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// logged writes a LiteLLM row of one call; members are added to it.
func logged(id, members string) string {
	return `{"request_id":"` + id + `","spend":0.001,"startTime":"2026-10-05T08:00:00Z",` +
		`"model":"gpt-5","prompt_tokens":1,"completion_tokens":1` + members + `}`
}

// asUTF16 writes text as UTF-16 with its mark.
func asUTF16(text string, isBig bool) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		high, low := byte(unit>>8), byte(unit)
		if !isBig {
			high, low = low, high
		}
		out.WriteByte(high)
		out.WriteByte(low)
	}
	return out.String()
}

// TestDefinedResults holds what becomes of files that are not as they should be: each row that is
// whole is loaded, and all else is a reject with its line and reason.
func TestDefinedResults(t *testing.T) {
	one, two := logged("one", ""), logged("two", "")
	const id = "request_id"
	for name, c := range map[string]struct {
		content string
		want    string // of the rows, then of the rejects
	}{
		"as it should be":         {one + "\n" + two + "\n", "one, two"},
		"a byte order mark, CRLF": {"\ufeff" + one + "\r\n" + two + "\r\n", "one, two"},
		"UTF-16, little":          {asUTF16(one+"\n"+two, false), "one, two"},
		"UTF-16, big":             {asUTF16("["+one+",\n"+two+"]", true), "one, two"},
		"half a line at the end": {one + "\n" + two[:len(two)/2],
			"one; 2 not valid JSON: missing closing quote"},
		"half an array": {"[" + one + ",\n" + two[:len(two)-9],
			"one; 2 not valid JSON: missing closing quote"},
		"blank lines":     {"\n\n" + one + "\n \n\n" + two, "one, two"},
		"NUL in a string": {one + "\n" + logged("t\x00o", "") + "\n" + two, "one, t\ufffdo, two"},
		"NUL between":     {one + "\n\x00\n" + two, "one, two; 2 not valid JSON: unexpected char"},
		"text between":    {one + "\noops\n" + two, "one, two; 2 not valid JSON: unexpected char"},
		"keys twice": {logged("one", `,"request_id":"again","spend":9,"prompt_tokens":7`),
			"one"},
		"a number beyond measure": {one + "\n" + logged("x",
			`,"metadata":{"cost_breakdown":{"original_cost":1e400}}`),
			`one; 2 original_cost "1e400": not an amount`},
		"no number": {one + "\n" + strings.Replace(two, "0.001", `"NaN"`, 1),
			`one; 2 spend "NaN": not an amount`},
		"NUL in CSV": {"request_id,spend,startTime,model\na,1,2026-10-05,g\x00\nb,1,2026-10-05,g\n",
			"b; 2 row holds a NUL byte"},
		"none of a database": {"request_id,spend,startTime,model\na,\\N,2026-10-05,g\n", "a"},
		"none of pandas": {"request_id,spend,startTime,model,team_id,metadata\n" +
			"None,NaN,2026-10-05,g,None,\"{\"\"a\"\":\"\"NULL\"\"}\"\n", "None"},
		"infinite": {one + "\n" + strings.Replace(two, "0.001", `"-Infinity"`, 1),
			`one; 2 spend "...": not an amount`},
		"bare NaN": {one + "\n" + strings.Replace(two, "0.001", `NaN`, 1),
			`one; 2 spend "NaN": not an amount`},
		"negative tokens": {one + "\n" + strings.Replace(two, `"prompt_tokens":1`,
			`"prompt_tokens":-1`, 1), `one; 2 prompt_tokens "-1": not a possible count`},
		"beyond int64": {one + "\n" + strings.Replace(two, `"prompt_tokens":1`,
			`"prompt_tokens":9223372036854775808`, 1),
			`one; 2 prompt_tokens "9223372036854775808": not a whole number`},
		"beyond any call": {one + "\n" + strings.Replace(two, `"prompt_tokens":1`,
			`"prompt_tokens":99999999999999`, 1),
			"one; 2 99999999999999 tokens or searches: more than a call can have"},
		"a date without zone": {strings.Replace(one, "T08:00:00Z", " 08:00:00", 1) + "\n" + two,
			"one, two"},
		"a date without time": {strings.Replace(one, "T08:00:00Z", "", 1), "one"},
		"no date": {one + "\n" + strings.Replace(two, "2026-10-05T08:00:00Z", "", 1),
			"one; 2 no start time, so it belongs to no day"},
		"another year": {one + "\n" + strings.Replace(two, "2026", "0026", 1),
			`one; 2 startTime "0026-10-05T08:00:00Z": not a plausible time`},
		"not UTF-8": {logged("on\xffe", ""), "on\ufffde"},
	} {
		l, err := loadText(t, c.content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkLoadedCounts(t, l)
		var ids, rejects []string
		for _, r := range l.rows[TableRequest] {
			ids = append(ids, r[id])
		}
		for _, r := range l.rows[TableReject] {
			rejects = append(rejects, "; "+r["line"]+" "+r["reason"])
		}
		if got := strings.Join(ids, ", ") + strings.Join(rejects, ""); got != c.want {
			t.Errorf("%s:\n got  %q\n want %q", name, got, c.want)
		}
	}
}

// checkLoadedCounts holds a load to its own counts.
func checkLoadedCounts(t *testing.T, l loaded) {
	t.Helper()
	if l.Read != l.Loaded+l.Rejected || int64(len(l.rows[TableReject])) != l.Rejected {
		t.Errorf("%+v with %d rejects", l.Tally, len(l.rows[TableReject]))
	}
}

// TestLineBeyondTheLimit: a line of 100 MB is one reject, in JSON and in CSV, and what follows is
// loaded.
func TestLineBeyondTheLimit(t *testing.T) {
	pad := strings.Repeat("x", 100<<20)
	for name, parts := range map[string][]string{
		"rows.jsonl": {logged("one", "") + "\n", logged("long", `,"pad":"`+pad+`"`), "\n" +
			logged("two", "") + "\n"},
		"rows.csv": {"request_id,spend,startTime,model\none,0.1,2026-10-05 08:00:00,gpt-5\n",
			"long,0.1,2026-10-05 08:00:00," + pad, "\ntwo,0.1,2026-10-05 08:00:00,gpt-5\n"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(strings.Join(parts, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := loadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if l.Loaded != 2 || l.Rejected != 1 ||
			!strings.Contains(l.rows[TableReject][0]["reason"], "limit") {
			t.Errorf("%s: %+v, %v", name, l.Tally, l.texts(TableReject, "line", "reason"))
		}
	}
}

// TestRefusedFilesSayWhatToDo: a file that cannot be used at all is refused with a way out.
func TestRefusedFilesSayWhatToDo(t *testing.T) {
	page := `{"data":[` + logged("one", "") + `],"page":1,"page_size":1,"total_pages":2,`
	for name, c := range map[string]struct{ content, problem, hint string }{
		"sums of LiteLLM": {`[{"startTime":"2026-10-05","spend":1,"users":{},"models":{}}]`,
			"sums a day", "summarize=false"},
		"a capped total":       {page + `"total":2,"total_is_capped":true}`, "capped", "COPY"},
		"a total that is none": {page + `"total":"many"}`, "total", "again"},
		"a page with holes": {page[:len(page)-1] + `,"total":9}`[0:0] +
			`,"total":0}`, "should hold", "again"},
		"a ZIP archive":  {"PK\x03\x04\x14\x00\x00\x00", "ZIP", "unpack"},
		"an Excel sheet": {"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "ZIP", "CSV"},
		"xz":             {"\xfd7zXZ\x00\x00\x04", "xz", "xz -d"},
		"bzip2":          {"BZh91AY&SY", "bzip2", "bunzip2"},
		"SQLite":         {"SQLite format 3\x00", "SQLite", "CSV"},
		"a web page":     {"<!DOCTYPE html><html>", "HTML", "export"},
	} {
		_, err := loadText(t, c.content)
		file, isFile := err.(*FileError)
		if !isFile || !strings.Contains(file.Problem, c.problem) ||
			!strings.Contains(file.Hint, c.hint) {
			t.Errorf("%s: got %v", name, err)
			if isFile {
				t.Error(file.Hint)
			}
		}
	}
}

// TestAmountsBeyondAny: amounts whose sums could not be stored are rejects, from either side.
func TestAmountsBeyondAny(t *testing.T) {
	for text, isGood := range map[string]bool{"999999999999": true, "-999999999999.5": true,
		"2e12": false, "-2e12": false, "99999999999999999999999": false, "1e300": false} {
		if _, _, err := parseMoney("spend", text); (err == nil) != isGood {
			t.Errorf("%s: %v", text, err)
		}
	}
}
