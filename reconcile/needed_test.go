package reconcile

import (
	"context"
	"regexp"
	"slices"
	"strings"

	stages "tieout/sql"
)

// runNeeded runs the stages that the wanted tables rest on, in order.
func (r *run) runNeeded(ctx context.Context, wanted []string) error {
	needed := map[string]bool{}
	all := stages.Stages()
	for _, stage := range slices.Backward(all) {
		isWanted := slices.Contains(wanted, stage.Table) || needed[stage.Table] ||
			slices.ContainsFunc(wanted, func(table string) bool {
				return stage.Table == "" && strings.HasPrefix(table, "report.")
			})
		if !isWanted || stage.Name <= lastEmpty {
			continue
		}
		needed[stage.Name] = true
		for _, table := range reads(stage) {
			needed[table] = true
		}
	}
	for _, stage := range all {
		if !needed[stage.Name] {
			continue
		}
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
			err := r.store.exec(ctx, "CREATE VIEW book.rated_words AS FROM book.rated")
			if err != nil {
				return err
			}
		case stage.Name == rateStage:
			if err := r.rateAgain(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// reads lists the tables of book that a stage's header says it reads. Names are resolved before
// rating, and prices with them; reports rest on everything.
func reads(stage stages.Stage) []string {
	header, _, _ := strings.Cut(stage.Text, "-- writes:")
	tables := regexp.MustCompile(`book\.\w+`).FindAllString(header, -1)
	if stage.Table == "" {
		for _, other := range stages.Stages() {
			tables = append(tables, other.Table)
		}
	}
	for _, priced := range []string{"book.model_key", "book.sheet", "book.price"} {
		if slices.Contains(tables, priced) {
			tables = append(tables, "book.name", "book.rated")
		}
	}
	return tables
}
