package reconcile

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	stages "tieout/sql"
)

// runNeeded runs the stages that the wanted tables and reports rest on, in order.
func (r *run) runNeeded(ctx context.Context, wanted []string) error {
	needed := map[string]bool{}
	var views []string
	for _, table := range wanted {
		needed[table] = true
		if strings.HasPrefix(table, "report.") {
			view := viewOf(table)
			views = append(views, view)
			for _, read := range tablesIn(view) {
				needed[read] = true
			}
		}
	}
	all := stages.Stages()
	for _, stage := range slices.Backward(all) {
		if stage.Table == "" || !needed[stage.Table] || stage.Name <= lastEmpty {
			continue
		}
		needed[stage.Name] = true
		for _, table := range reads(stage) {
			needed[table] = true
		}
	}
	for _, stage := range all {
		if needed[stage.Name] {
			if err := r.runNext(ctx, stage); err != nil {
				return err
			}
		}
	}
	for _, view := range slices.Compact(views) {
		if err := r.store.exec(ctx, view); err != nil {
			return err
		}
	}
	return nil
}

// neededOf reads the inputs and runs what the wanted tables and reports rest on.
func neededOf(t *testing.T, settings Settings, wanted ...string) *run {
	t.Helper()
	r, _ := loadedRun(t, settings)
	if err := r.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.runNeeded(t.Context(), wanted); err != nil {
		t.Fatal(err)
	}
	return r
}

// runNext runs a stage with what Go does before and after it.
func (r *run) runNext(ctx context.Context, stage stages.Stage) error {
	if stage.Name == "31_other" {
		if err := r.resolve(ctx); err != nil {
			return err
		}
	}
	if err := r.runStage(ctx, stage); err != nil {
		return err
	}
	switch {
	case stage.Table == "book.rated": // is kept nowhere else here
		return r.store.exec(ctx, "CREATE VIEW book.rated_words AS FROM book.rated")
	case stage.Name == rateStage:
		return r.rateAgain(ctx)
	}
	return nil
}

// viewOf is the statement that makes a report, "" when there is none.
func viewOf(report string) string {
	for _, stage := range stages.Stages() {
		for _, statement := range strings.SplitAfter(stage.Text, ";\n") {
			if strings.Contains(statement, "CREATE VIEW "+report+" AS") {
				return statement
			}
		}
	}
	return ""
}

func tablesIn(text string) []string {
	return regexp.MustCompile(`book\.\w+`).FindAllString(text, -1)
}

// reads lists the tables of book that a stage's header says it reads, and those of its check. Names
// are resolved before rating, and prices with them.
func reads(stage stages.Stage) []string {
	header, _, _ := strings.Cut(stage.Text, "-- writes:")
	tables := tablesIn(header + stage.Check)
	for _, priced := range []string{"book.model_key", "book.sheet", "book.price"} {
		if slices.Contains(tables, priced) {
			tables = append(tables, "book.name", "book.rated")
		}
	}
	return tables
}
