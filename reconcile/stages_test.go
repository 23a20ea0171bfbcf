package reconcile

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/marcboeker/go-duckdb"

	"tieout/pricing"
)

// The stages are tested in text. A file of testdata/stages holds cases:
//
//	case NAME                       what follows, up to the next case
//	period FROM TO                  days; October 2026 when left out
//	tolerance USD PERCENT           none when left out; without figures that of the settings
//	as-of DAY                       when the days are judged; 1 December 2026 when left out
//	given settings                  a settings file, in YAML
//	given prices                    rows of a price list, on top of ours
//	given raw.TABLE                 rows that the loaders delivered, as CSV
//	want TABLE [WHERE …]            all rows of a table or report, as CSV, in any order
//
// A section ends with an empty line; a line that begins with # is a comment. What stands before
// the first case holds for all. Columns that are not given have the everyday values of usual. Only
// the stages that a wanted table needs are run, as their headers tell, each with its check.

// stageCase is one case of a file.
type stageCase struct {
	name                       string
	from, to, asOf             time.Time
	toleranceUSD, tolerancePct string
	prices, config             string
	given, want                []section
	rows                       int64           // given so far
	files                      map[string]bool // that they stand in; true for one that is given
}

// section is a table with its rows; more is SQL that chooses among them.
type section struct {
	line        int
	table, more string
	columns     []string
	rows        [][]string
}

func TestStages(t *testing.T) {
	t.Parallel()
	book, err := pricing.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("reconcile/testdata/stages/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		cases := parseCases(t, path)
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			priced := map[string]*pricing.Book{"": book} // by the price list that cases give
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					if priced[c.prices] == nil {
						priced[c.prices] = c.withPrices(t, book)
					}
					c.run(t, path, priced[c.prices])
				})
			}
		})
	}
}

// parseCases reads a file of cases.
func parseCases(t *testing.T, path string) []*stageCase {
	t.Helper()
	all := stageCase{from: day("2026-10-01"), to: day("2026-11-01"), asOf: day("2026-12-01"),
		toleranceUSD: "0", tolerancePct: "0"}
	var cases []*stageCase
	var open *section
	c := &all
	for i, line := range strings.Split(string(readFile(t, path)), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			open = nil
		case open != nil && open.table == "prices":
			c.prices += line + "\n"
		case open != nil && open.table == "settings":
			c.config += line + "\n"
		case open != nil:
			open.add(t, path, i+1, line)
		case word == "case":
			one := all
			one.name, one.files, one.given = rest, map[string]bool{}, slices.Clone(all.given)
			c = &one
			cases = append(cases, c)
		case word == "period":
			from, to, _ := strings.Cut(rest, " ")
			c.from, c.to = day(from), day(to)
		case word == "as-of":
			c.asOf = day(rest)
		case word == "tolerance":
			c.toleranceUSD, c.tolerancePct, _ = strings.Cut(rest, " ")
		case word == "given" || word == "want":
			list := &c.given
			if word == "want" {
				list = &c.want
			}
			table, more, _ := strings.Cut(rest, " ")
			*list = append(*list, section{line: i + 1, table: table, more: more})
			open = &(*list)[len(*list)-1]
		default:
			t.Fatalf("%s:%d: %q is no line of a case", path, i+1, line)
		}
	}
	return cases
}

// add takes in a line of CSV; the first names the columns.
func (s *section) add(t *testing.T, path string, line int, text string) {
	t.Helper()
	fields, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		t.Fatalf("%s:%d: %v", path, line, err)
	}
	if s.columns == nil {
		s.columns = fields
		return
	}
	if len(fields) != len(s.columns) {
		t.Fatalf("%s:%d: %d values for %d columns", path, line, len(fields), len(s.columns))
	}
	s.rows = append(s.rows, fields)
}

// run does the stages on what is given and compares what is wanted.
func (c *stageCase) run(t *testing.T, path string, book *pricing.Book) {
	r := c.prepared(t, book)
	if len(c.want) == 0 {
		t.Fatal("nothing is wanted")
	}
	var wanted []string
	for _, s := range c.want {
		wanted = append(wanted, s.table)
	}
	if err := r.runNeeded(t.Context(), wanted); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.want {
		query := "SELECT " + strings.Join(s.columns, ", ") + " FROM " + s.table + " " + s.more
		var want []string
		for _, row := range s.rows {
			want = append(want, strings.Join(row, " | "))
		}
		where := fmt.Sprintf("%s:%d: %s", path, s.line, s.table)
		differ(t, where, lines(t, r.store.db, query), want)
	}
}

// withPrices adds the price list that the case gives.
func (c *stageCase) withPrices(t *testing.T, book *pricing.Book) *pricing.Book {
	t.Helper()
	source, err := pricing.ParseSource("given.csv")
	if err == nil {
		book, err = book.WithSource(source, strings.NewReader(c.prices))
	}
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// prepared is a run whose raw tables hold what is given, in a store in memory.
func (c *stageCase) prepared(t *testing.T, book *pricing.Book) *run {
	t.Helper()
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close(); connector.Close() })
	mustExec(t, db, "SET threads = 1;"+rawScript())
	r := &run{store: &store{connector: connector, db: db}, book: book, settings: Settings{
		From: c.from, To: c.to, AsOf: c.asOf, ToleranceUSD: c.toleranceUSD,
		TolerancePct: c.tolerancePct}, asOf: c.asOf}
	if r.settings.Config, err = ParseConfig("settings.yaml", []byte(c.config)); err != nil {
		t.Fatal(err)
	}
	if err := r.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.given {
		if s.table != "prices" && s.table != "settings" {
			c.insert(t, db, s)
		}
	}
	for file, isGiven := range c.files {
		if !isGiven {
			mustExec(t, db, "INSERT INTO raw.source_file (file_id, path) VALUES ("+file+
				", 'file "+file+"')")
		}
	}
	if err := r.notePeriod(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// insert fills a raw table. A request or span is a kind of its own.
func (c *stageCase) insert(t *testing.T, db *sql.DB, s section) {
	t.Helper()
	tables := []string{s.table}
	if s.table == "raw.request" || s.table == "raw.span" {
		tables = []string{s.table + "_row", s.table + "_kind"}
	}
	for _, row := range s.rows {
		c.rows++
		number := strconv.FormatInt(c.rows, 10)
		values := map[string]string{"row_id": number, "kind_id": number}
		for i, name := range s.columns {
			values[name] = row[i]
		}
		usual(s.table, values)
		c.files[values["file_id"]] = c.files[values["file_id"]] || s.table == "raw.source_file"
		placed := map[string]bool{"kind_id": true}
		for _, table := range tables {
			if err := insertRow(t, db, table, values, placed); err != nil {
				t.Fatalf("line %d: %v", s.line, err)
			}
		}
		for name, value := range values {
			if value != "" && !placed[name] {
				t.Fatalf("line %d: %s has no column %s", s.line, s.table, name)
			}
		}
	}
}

// insertRow inserts the values that a table has columns for, and notes which these are.
func insertRow(t *testing.T, db *sql.DB, table string, values map[string]string,
	placed map[string]bool) error {
	t.Helper()
	var names, marks []string
	var args []any
	for _, column := range columnsOf(t, db, table) {
		if value := values[column.name]; value != "" {
			names, args = append(names, column.name), append(args, value)
			marks = append(marks, "CAST(? AS "+column.kind+")")
			placed[column.name] = true
		}
	}
	_, err := db.ExecContext(t.Context(), "INSERT INTO "+table+" ("+
		strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", args...)
	return err
}

// usual fills in what every row of a table has. A row says when as "started" and "ended" or as
// "day", and a prompt is the sum of its parts.
func usual(table string, values map[string]string) {
	set := func(name, value string) {
		if _, given := values[name]; !given {
			values[name] = value
		}
	}
	row := values["row_id"]
	if table == "raw.source_file" {
		delete(values, "row_id")
		return
	}
	set("file_id", "1")
	set("line", row)
	switch table {
	case "raw.request", "raw.span":
		moments(values, set, table == "raw.request")
		set("status", "success")
		set("provider", "openai")
		set("prompt_tokens", prompt(values))
		if table == "raw.span" {
			for name, value := range map[string]string{"item": "0", "trace_id": "trace-" + row,
				"span_id": "span-" + row, "role": "llm_call", "usage_quality": "ok",
				"response_model_evidence": "reported"} {
				set(name, value)
			}
			return
		}
		for name, value := range map[string]string{"gateway": "litellm", "gateway_cache": "none",
			"response_model_evidence": "equals_request", "spend_status": "priced"} {
			set(name, value)
		}
		set("request_id", "request-"+row)
	case "raw.usage", "raw.bill":
		buckets(values, set)
		set("grain", "day")
		set("provider", "openai")
		if table == "raw.bill" {
			set("charge_category", "usage")
			set("amount_quantum", "0")
		}
	}
}

func moments(values map[string]string, set func(name, value string), hasEnd bool) {
	set("started", "2026-10-05 10:00:00")
	set("ended", values["started"])
	for _, name := range []string{"started", "ended"} {
		at, err := time.Parse("2006-01-02 15:04:05", values[name])
		if err != nil {
			panic(err)
		}
		set(name+"_us", strconv.FormatInt(at.UnixMicro(), 10))
		if name == "started" || hasEnd {
			set(name+"_day", at.Format(time.DateOnly))
		}
		delete(values, name)
	}
}

func buckets(values map[string]string, set func(name, value string)) {
	set("day", "2026-10-05")
	from, length := day(values["day"]), 24*time.Hour
	if hour, isHourly := values["hour"]; isHourly {
		n, err := strconv.Atoi(hour)
		if err != nil {
			panic(err)
		}
		from, length = from.Add(time.Duration(n)*time.Hour), time.Hour
		set("grain", "hour")
	}
	if end, isLong := values["until"]; isLong {
		if length = day(end).Sub(from); length > 24*time.Hour {
			set("grain", "month")
		}
		delete(values, "until")
	}
	set("bucket_day", values["day"])
	set("bucket_from_us", strconv.FormatInt(from.UnixMicro(), 10))
	set("bucket_to_us", strconv.FormatInt(from.Add(length).UnixMicro(), 10))
	delete(values, "day")
	delete(values, "hour")
}

// prompt adds up the parts of a prompt, "" when none is given.
func prompt(values map[string]string) string {
	sum, isKnown := int64(0), false
	for _, part := range []string{"input", "cache_read", "cache_write", "cache_write_5m",
		"cache_write_1h", "audio_in", "audio_cached_in", "image_in", "image_cached_in"} {
		if n, err := strconv.ParseInt(values[part], 10, 64); err == nil {
			sum, isKnown = sum+n, true
		}
	}
	if !isKnown {
		return ""
	}
	return strconv.FormatInt(sum, 10)
}
