package reconcile

import (
	"context"
	"slices"
	"strings"

	"tieout/sql"
)

// task is work beside stages, which can begin after some of them.
type task struct {
	after []string
	do    func(context.Context) error
}

// runThose runs some of the stages, each followed by its check and each as soon as there is what
// it reads: two small ones rarely take more than the time of one, and large ones are on one thread
// while they build the table that others are looked up in. What a task waits for goes first.
func (r *run) runThose(
	ctx context.Context, are func(sql.Stage) bool, tasks ...task,
) error {
	all := slices.DeleteFunc(sql.Stages(), func(stage sql.Stage) bool {
		return stage.Name <= lastEmpty
	})
	those := slices.DeleteFunc(slices.Clone(all), func(s sql.Stage) bool { return !are(s) })
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	line := queue{}
	for i, needs := range order(those) {
		line = append(line, job{needs: needs, do: func() error {
			return r.timeStage(ctx, those[i], int64(len(all)))
		}})
	}
	for _, task := range tasks {
		first := job{isPreferred: true, do: func() error { return task.do(ctx) }}
		for i, stage := range those {
			if slices.Contains(task.after, stage.Name) {
				first.needs = append(first.needs, i)
			}
		}
		line.prefer(first.needs)
		line = append(line, first)
	}
	line.work(max(r.settings.Threads, 1), fail)
	return context.Cause(ctx)
}

// tablesNamed lists the tables of book that a stage or its check names. Each run asks for those of
// all stages several times: a regular expression took a hundredth of a small month.
func tablesNamed(stage sql.Stage) []string {
	const schema, ofNames = "book.", "abcdefghijklmnopqrstuvwxyz0123456789_"
	var names []string
	text := " " + stage.Text + " " + stage.Check
	for {
		at := strings.Index(text, schema)
		if at < 0 {
			return names
		}
		before, rest := text[at-1:at], text[at+len(schema):]
		text = strings.TrimLeft(rest, ofNames)
		name := rest[:len(rest)-len(text)]
		if name != "" && !strings.Contains(ofNames, before) {
			names = append(names, schema+name)
		}
	}
}

// earlyStages are those after the sums that come from none of these, straight or through others.
func earlyStages() map[string]bool {
	early := stagesWithout([]string{"book.name"}, func(stage sql.Stage) bool { // found anew beside
		return stage.Name > rateStage && stage.Name <= dayStage
	})
	for name := range providerStages() { // which are done
		delete(early, name)
	}
	return early
}

// providerStages are those after rating that read nothing of gateways and traces: what providers
// count and bill.
func providerStages() map[string]bool {
	return stagesWithout(nil, func(stage sql.Stage) bool {
		text := stage.Text + stage.Check
		return stage.Name > lastEmpty && stage.Name <= rateStage ||
			strings.Contains(text, "raw.request") || strings.Contains(text, "raw.span") ||
			strings.Contains(text, "raw.answer")
	})
}

// stagesWithout are the stages after rating that read, straight or through others, neither of some
// tables nor what some stages make.
func stagesWithout(tables []string, some func(sql.Stage) bool) map[string]bool {
	without := map[string]bool{}
	for _, stage := range sql.Stages() {
		isOfThem := slices.ContainsFunc(tablesNamed(stage), func(table string) bool {
			return slices.Contains(tables, table)
		})
		switch {
		case some(stage):
			tables = append(tables, stage.Table)
		case stage.Name <= rateStage: // is done
		case isOfThem, stage.Table == "", stage.Drops != "":
			tables = append(tables, stage.Table)
		default:
			without[stage.Name] = true
		}
	}
	return without
}

// order finds for each stage the earlier ones that must have run: those that make what it or its
// check names, and those that read what it drops. A script makes and reads who knows what.
func order(those []sql.Stage) [][]int {
	needs := make([][]int, len(those))
	makes, names := map[string]int{}, make([][]string, len(those))
	alone := -1
	for i, stage := range those {
		names[i] = tablesNamed(stage)
		if stage.Table == "" {
			for before := range i {
				needs[i] = append(needs[i], before)
			}
			alone = i
		} else if alone >= 0 {
			needs[i] = append(needs[i], alone)
		}
		for _, name := range names[i] {
			if maker, isMade := makes[name]; isMade {
				needs[i] = append(needs[i], maker)
			}
		}
		for _, dropped := range strings.Split(stage.Drops, ", ") {
			for before := range i {
				if slices.Contains(names[before], dropped) {
					needs[i] = append(needs[i], before)
				}
			}
		}
		makes[stage.Table] = i
	}
	return needs
}
