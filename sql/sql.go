// Package sql holds the pipeline: numbered files, of which each makes one table, named in its
// header, of tables that lower numbers make; its .check.sql twin must return no row.
package sql

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.sql comment/*.sql view/*.sql
var files embed.FS

// Stage is one file of the pipeline.
type Stage struct {
	Name    string // the file's name without .sql
	Table   string // the table it writes, "" for a script of several statements
	IsView  bool   // the table is a view: read once, so not worth writing
	IsMacro bool   // the table is a macro, of what Takes names
	Takes   string // the macro's parameters
	Text    string
	Check   string // the twin, "" when there is none
	IsHeavy bool   // touches every request: kept in the portable subset
	Drops   string // tables, separated by a comma and space, that no later stage reads
	Words   string // tells texts of columns in which few differ, see 29_word.sql
	About   string // columns, separated likewise: where none has a value it writes no row
}

// Stages lists the pipeline in the order of its numbers; those that do not depend on each other may
// run at once.
func Stages() []Stage {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic("sql: the embedded pattern is valid: " + err.Error())
	}
	stages := make([]Stage, 0, len(names))
	for _, name := range names {
		if strings.HasSuffix(name, ".check.sql") {
			continue
		}
		base := strings.TrimSuffix(name, ".sql")
		text := read(name)
		table, form := tableOf(text)
		stages = append(stages, Stage{Name: base, Text: text, Table: table,
			IsView: form == "a view", IsMacro: form == "a macro", Takes: header(text, "takes: "),
			Check: read(base + ".check.sql"), IsHeavy: strings.HasPrefix(text, "-- heavy\n"),
			Drops: header(text, "drops: "), Words: header(text, "words: "),
			About: header(text, "about: ")})
	}
	return stages
}

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(text)
}

// tableOf reads the one table that the header says is written, and as what.
func tableOf(text string) (table, form string) {
	table, form, _ = strings.Cut(header(text, "writes: "), " as ")
	if strings.HasPrefix(table, "book.") && !strings.ContainsAny(table, " ,") {
		return table, form
	}
	return "", ""
}

// header reads a line of the comment that a stage begins with.
func header(text, name string) string {
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(line, "-- "+name); found {
			return strings.TrimSpace(rest)
		}
		if !strings.HasPrefix(line, "--") {
			break
		}
	}
	return ""
}

// Create is the statement that runs the stage.
func (s Stage) Create() string {
	switch {
	case s.Table == "":
		return s.Text
	case s.IsView:
		return "CREATE VIEW " + s.Table + " AS " + s.Text
	case s.IsMacro:
		return "CREATE MACRO " + s.Table + "(" + s.Takes + ") AS TABLE " + s.Text
	}
	return "CREATE TABLE " + s.Table + " AS " + s.Text
}

// Published is no stage: its check holds what was published to the book.
func Published() Stage {
	return Stage{Name: "95_published", Check: read("95_published.check.sql")}
}

// Report is a published table and the total order of its rows.
type Report struct{ Name, OrderBy string }

// IsByTime tells a report whose rows stand in the order of the time that they begin at.
func (r Report) IsByTime() bool { return strings.HasPrefix(r.OrderBy, "started_at, ") }

// Reports lists what a run publishes.
func Reports() []Report {
	return []Report{
		{"requests", "started_at, request_id, source_file, source_line, trace_file, trace_line, " +
			"span_id, spend_usd, prompt_tokens"},
		{"drift", "ALL"}, {"breaks", "ALL"}, {"bridge", "ALL"}, {"chargeback", "ALL"},
		{"identity", "ALL"}, {"coverage", "ALL"}, {"tenants", "ALL"},
		{"workflows", "started_at, workflow_id"}, {"workflow_classes", "ALL"},
		{"answers", "ALL"}, {"controls", "ALL"}, {"signals", "ALL"}, {"sources", "ALL"},
		{"provider_rows", "source_file, source_line, leg, provider, account, project, day, " +
			"last_day, grain, response_model, model, service_tier, token_type, charge_category, " +
			"line_item, invoice_id, quantity, requests, amount_usd, usd_per_million, charge_usd, " +
			"is_counted"},
		{"rejects", "ALL"}, {"prices", "ALL"}, {"restatement", "ALL"},
	}
}

// Comment is the script that documents a published table, in a database attached as published;
// README.md repeats it.
func Comment(report string) string { return read("comment/" + report + ".sql") }

// Views is the script that adds views for analysts to the published tables, each with what its
// columns mean. It works in the database that it writes to, so that the views name no other.
func Views() string {
	var script strings.Builder
	for _, name := range ViewNames() {
		script.WriteString(read("view/" + name + ".sql"))
	}
	return script.String()
}

// ViewNames lists the views for analysts.
func ViewNames() []string {
	names, err := fs.Glob(files, "view/*.sql")
	if err != nil {
		panic("sql: the embedded pattern is valid: " + err.Error())
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(name, "view/"), ".sql")
	}
	return names
}
