package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tieout/sql"
)

// The stages around which Go has work to do.
const (
	rawStage      = "00_raw"         // with those before it: a store's tables for life
	lastEmpty     = "01_book_tenant" // up to here stages make what is filled from Go
	nameStage     = "22_name"
	idStage       = "28_shared_id"
	ledgerStage   = "30_counted" // prices are resolved before it
	rateStage     = "32_unusual" // requests are rated again in Go after it
	workflowStage = "34_dearest"
	// Up to here stages are about what touched requests have to do with.
	dayStage = "38_met_usage"
)

// openStages are those that what is published of requests and of workflow runs comes from.
func openStages() []string { return []string{"79_request_told", "79_requests", "79_workflows"} }

// prepare makes the tables of a run that settings and prices fill, which need nothing of what is
// loaded: so this begins as soon as the files are read.
func (r *run) prepare(ctx context.Context) error {
	for _, stage := range sql.Stages() {
		if stage.Name <= rawStage || stage.Name > lastEmpty {
			continue
		}
		if err := r.store.exec(ctx, stage.Text); err != nil {
			return fmt.Errorf("stage %s: %w", stage.Name, err)
		}
	}
	return nil
}

// runStages runs all stages after loading, each followed by its check: those up to rating for the
// rows that a change touches, where the rest is kept.
func (r *run) runStages(ctx context.Context, c *change) error {
	if err := r.yieldMemory(ctx); err != nil {
		return err
	}
	go r.book.Sheets() // which prices need, and are laid out once
	if err := r.begin(ctx); err != nil {
		return err
	}
	t, err := r.touch(ctx, c)
	if err != nil {
		return err
	}
	if t != nil && t.isMatching {
		err := r.perTouch(ctx, t, func() error { return r.matchTouched(ctx, t) })
		if err != nil {
			return err
		}
		return r.derive(ctx, nil)
	}
	err = r.perTouch(ctx, t, func() error {
		if t != nil {
			r.settle(ctx)
			r.syncDraft()
		}
		return r.workOut(ctx, t)
	})
	if !errors.Is(err, errNamesGone) {
		return err
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	return r.workOut(ctx, nil)
}

// logMax is how much the store's log may hold before it is put into the tables, when little is
// touched: that is done while the reports are written, and not between the stages.
const logMax = "1GB"

// smallStore is how many gateway rows and spans a store has at most of which the database scans
// each table on one thread: a row group of it.
const smallStore = 122_880

const littleSQL = `SELECT
	(SELECT COUNT(*) FROM raw.request_row) + (SELECT COUNT(*) FROM raw.span_row) <= ?`

// perTouch does what is little work when little is touched, or there: then each statement runs
// alone.
func (r *run) perTouch(ctx context.Context, t *touch, do func() error) error {
	isLittle := t != nil
	if !isLittle {
		err := r.store.db.QueryRowContext(ctx, littleSQL, smallStore).Scan(&isLittle)
		if err != nil {
			return fmt.Errorf("rows of the store: %w", err)
		}
	}
	if !isLittle {
		return do()
	}
	if err := r.store.exec(ctx, "SET checkpoint_threshold = '"+logMax+"'"); err != nil {
		return fmt.Errorf("log of the store: %w", err)
	}
	return r.store.alone(ctx, do)
}

// begin makes the tables of a run, and notes what it was told.
func (r *run) begin(ctx context.Context) error {
	prepared := func() error { return r.prepare(ctx) }
	if r.preparing != nil {
		prepared, r.preparing = r.preparing, nil
	}
	if err := prepared(); err != nil {
		return err
	}
	return r.notePeriod(ctx)
}

// workOut runs the stages for the rows that are touched, which are all when t is nil.
func (r *run) workOut(ctx context.Context, t *touch) error {
	if err := r.match(ctx, t); err != nil {
		return err
	}
	return r.derive(ctx, t)
}

// derive runs the stages after matching for the rows that are touched, which are all when t is nil.
func (r *run) derive(ctx context.Context, t *touch) error {
	if err := r.rate(ctx, t); err != nil {
		return err
	}
	done := providerStages()
	if t != nil {
		maps.Copy(done, earlyStages())
	}
	return r.runThose(ctx, func(stage sql.Stage) bool {
		return stage.Name > dayStage && !done[stage.Name]
	}, task{after: openStages(), do: r.openEarly})
}

// match runs the stages that find out which rows tell of the same.
func (r *run) match(ctx context.Context, t *touch) error {
	r.isWhole = t == nil
	if r.isWhole {
		if err := r.store.exec(ctx, "DELETE FROM store.kept.state"); err != nil {
			return fmt.Errorf("what is kept: %w", err)
		}
	}
	return r.runThose(ctx, func(stage sql.Stage) bool { return stage.Name < ledgerStage })
}

// rate runs the stages from there up to rating, beside them what providers say, and then those
// whose sums are kept.
func (r *run) rate(ctx context.Context, t *touch) error {
	r.touched, r.isWhole = t, t == nil
	if err := r.addKeptNames(ctx, t); err != nil {
		return fmt.Errorf("names that are kept: %w", err)
	}
	if err := r.resolve(ctx); err != nil {
		return err
	}
	beside := providerStages()
	var kept []task
	if t != nil {
		kept = []task{{do: func(ctx context.Context) error { return r.keepMatched(ctx, t) }}}
	}
	err := r.withRatedWords(ctx, func() error {
		return r.ofPeriod(ctx, t, func() error {
			return r.runThose(ctx, func(stage sql.Stage) bool {
				return stage.Name >= ledgerStage && stage.Name <= rateStage || beside[stage.Name]
			}, kept...)
		})
	})
	if err != nil {
		return err
	}
	if err := r.rateAgain(ctx); err != nil {
		return err
	}
	if err := r.settled(); err != nil {
		return err
	}
	if err := r.keepRows(ctx, t); err != nil {
		return err
	}
	if err := r.beginRequests(ctx, t); err != nil {
		return fmt.Errorf("days of requests.parquet that stay: %w", err)
	}
	early := meanwhile(func() error { return r.besideSums(ctx, t) })
	err = r.sumWorkflows(ctx, t)
	if err == nil {
		err = r.sumDays(ctx, t)
	}
	if err := errors.Join(err, early()); err != nil {
		return err
	}
	return r.keepNames(ctx)
}

// besideSums does what comes from no sum while the few rows that are touched are summed, which is
// one small statement after the other.
func (r *run) besideSums(ctx context.Context, t *touch) error {
	if t == nil {
		return nil
	}
	named := meanwhile(func() error { return r.nameAnew(ctx, t) })
	early := earlyStages()
	err := r.runThose(ctx, func(stage sql.Stage) bool { return early[stage.Name] })
	return errors.Join(err, named())
}

// stageNamed finds a stage that is there.
func stageNamed(name string) sql.Stage {
	all := sql.Stages()
	return all[slices.IndexFunc(all, func(stage sql.Stage) bool { return stage.Name == name })]
}

// timeStage runs a stage and tells of it.
func (r *run) timeStage(ctx context.Context, stage sql.Stage, of int64) error {
	started := time.Now()
	if err := r.runStage(ctx, stage); err != nil {
		return err
	}
	if err := r.drop(ctx, stage); err != nil {
		return err
	}
	took := time.Since(started)
	r.tell(Step{Name: "stage", Took: took, Of: of,
		Detail: fmt.Sprintf("%s in %d ms", stage.Name, took.Milliseconds())})
	return nil
}

// drop frees what no later stage reads: tables with a row a request are most of the memory.
func (r *run) drop(ctx context.Context, stage sql.Stage) error {
	if stage.Drops == "" {
		return nil
	}
	for _, table := range strings.Split(stage.Drops, ", ") {
		if err := r.store.exec(ctx, "DROP TABLE "+table); err != nil {
			return fmt.Errorf("stage %s: %w", stage.Name, err)
		}
	}
	return nil
}

// create makes what a stage writes. When all is worked out anew, what is kept is made where it is
// kept, and columns in which few texts differ hold words.
func (r *run) create(ctx context.Context, stage sql.Stage) error {
	if isIdle, err := r.isIdle(ctx, stage); err != nil {
		return err
	} else if isIdle {
		stage.Text = "SELECT * FROM (\n" + stage.Text + "\n) LIMIT 0" // which costs nothing
	}
	if !r.isWhole || stage.Words == "" && !isKept(stage.Table) {
		return r.store.execSparing(ctx, stage.Create())
	}
	table := stage.Table
	if isKept(table) {
		table = "store.kept." + strings.TrimPrefix(table, "book.")
	}
	var types map[string]string
	if stage.Words != "" {
		types = r.words
	}
	create, err := r.createLike(ctx, table, "(\n"+stage.Text+"\n)", types)
	if err != nil {
		return err
	}
	if err := r.store.exec(ctx, "DROP TABLE IF EXISTS "+table+";\n"+create); err != nil {
		return err
	}
	if err := r.store.execSparing(ctx, "INSERT INTO "+table+"\n"+stage.Text); err != nil {
		return err
	}
	switch {
	case stage.Table == "book.rated":
		return r.readRated(ctx)
	case isKept(stage.Table):
		return r.store.exec(ctx, "CREATE VIEW "+stage.Table+" AS FROM "+table)
	}
	return nil
}

// isIdle reports that no column that a stage is about has a value in any row.
func (r *run) isIdle(ctx context.Context, stage sql.Stage) (bool, error) {
	if stage.About == "" {
		return false, nil
	}
	isThere := false
	for _, about := range strings.Split(stage.About, ", ") {
		dot := strings.LastIndexByte(about, '.')
		row := r.store.db.QueryRowContext(ctx, fmt.Sprintf(
			"SELECT COUNT(*) > 0 FROM (SELECT 1 FROM %s WHERE %s IS NOT NULL LIMIT 1) AS found",
			about[:dot], about[dot+1:]))
		if err := row.Scan(&isThere); err != nil || isThere {
			return false, err
		}
	}
	return true, nil
}

func (r *run) runStage(ctx context.Context, stage sql.Stage) error {
	if r.touched != nil && stage.Name > rateStage && stage.Name <= dayStage {
		stage = ofSome(stage)
	}
	err := r.beside(func() error { return r.create(ctx, stage) })
	if err != nil {
		return fmt.Errorf("stage %s: %w", stage.Name, err)
	}
	if stage.Check == "" {
		return nil
	}
	return r.beside(func() error { return r.check(ctx, stage) })
}

// beside does a part of a stage or report while others are made; should memory not suffice, once
// more alone.
func (r *run) beside(do func() error) error {
	r.working.RLock()
	err := do()
	r.working.RUnlock()
	if err != nil && isOutOfMemory(err) {
		r.working.Lock()
		defer r.working.Unlock()
		return do()
	}
	return err
}

// check fails when the stage's twin returns a row: an invariant is broken, and no report may say
// otherwise.
func (r *run) check(ctx context.Context, stage sql.Stage) error {
	rows, err := r.store.db.QueryContext(ctx, stage.Check)
	if err != nil {
		return fmt.Errorf("check of %s: %w", stage.Name, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("check of %s: %w", stage.Name, err)
	}
	values, targets := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return fmt.Errorf("check of %s: %w", stage.Name, err)
	}
	said := make([]string, len(values))
	for i, value := range values {
		said[i] = fmt.Sprintf("%s=%v", names[i], value)
	}
	return fmt.Errorf("check of %s found a broken invariant: %s", stage.Name,
		strings.Join(said, ", "))
}
