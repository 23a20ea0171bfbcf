package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	stages "tieout/sql"
)

// What the stages up to rating and the sums make is kept in the store, in two parts. How rows are
// matched depends on the rows and the configuration, and holds whatever the period and the prices
// are; how requests are rated depends on these too, and is kept for one period alone. So a run of
// another period, or with other prices, matches the rows that are new and rates its period.

// madeWith names what decides, beside the rows, what is made of them and kept; "" is nothing.
type madeWith struct{ matched, rated string }

// keptTable is a table that the store keeps, with the rows of it that a change touches: those for
// which either condition holds, if there is another.
type keptTable struct{ name, isTouched, orIsTouched string }

// ofTouchedRow finds the requests that are touched, by their gateway row or, if they have none,
// less than 0, by their span.
const ofTouchedRow = " IN (SELECT row_id FROM touched.request_row " +
	"UNION ALL SELECT -row_id FROM touched.span_row)"

// The same, of a table with many rows: rows that are looked up by a column lie side by side, and
// the database does not read the others.
const (
	ofTouchedRequest = "request_row IN (SELECT row_id FROM touched.request_row)"
	ofTouchedCall    = "request_row IS NULL AND span_row IN (SELECT row_id FROM touched.span_row)"
)

// matchedKept are the tables of how rows are matched that later stages read.
func matchedKept() []keptTable {
	const ofRequest = " IN (SELECT row_id FROM touched.request_row)"
	const ofSpan = "row_id IN (SELECT row_id FROM touched.span_row)"
	return []keptTable{
		{"shared_id", ofTouched, ""}, {"duplicate", "row_id" + ofRequest, ""},
		{"span_drop", ofSpan, ""}, {"same_call", ofSpan, ""}, {"inherited", ofSpan, ""},
		{"lone_call", ofSpan, ""}, {"pair", ofTouchedRequest, ""},
		{"told_tenant", ofTouchedRequest, ofTouchedCall},
		{"answer", "row_id IN (SELECT row_id FROM touched.answer)", ""},
	}
}

// ratedKept are the tables of how requests of the period are rated.
func ratedKept() []keptTable {
	return []keptTable{
		{"other_charge", "call_row" + ofTouchedRow, ""},
		{"rated", ofTouchedRequest, ofTouchedCall},
		{"uncertain", ofTouchedRequest, ofTouchedCall},
		{"unusual", ofTouchedRequest, ofTouchedCall},
	}
}

func isKept(table string) bool {
	all := slices.Concat(matchedKept(), ratedKept(), workflowsKept(), daysKept())
	return slices.ContainsFunc(all, func(k keptTable) bool { return table == "book."+k.name })
}

// keptWith is what a run makes what is kept with.
func (r *run) keptWith(ctx context.Context) (madeWith, error) {
	with, err := r.manifest(ctx)
	if err != nil {
		return madeWith{}, fmt.Errorf("what rating depends on: %w", err)
	}
	matched := sha256.New()
	fmt.Fprint(matched, with.Version, with.Settings.Config)
	with.Inputs, with.Settings.AsOf = nil, ""
	text, err := jsonText(with)
	if err != nil {
		return madeWith{}, fmt.Errorf("what rating depends on: %w", err)
	}
	var hasTrace bool // without, it is no finding that no span met a request
	row := r.store.db.QueryRowContext(ctx, "SELECT has_trace FROM book.period")
	if err := row.Scan(&hasTrace); err != nil {
		return madeWith{}, fmt.Errorf("what rating depends on: %w", err)
	}
	rated := sha256.New()
	fmt.Fprint(rated, string(text), hasTrace)
	for _, stage := range stages.Stages() {
		if stage.Name < ledgerStage {
			matched.Write([]byte(stage.Text))
		}
		if stage.Name <= dayStage {
			rated.Write([]byte(stage.Text))
		}
	}
	return madeWith{hex.EncodeToString(matched.Sum(nil)), hex.EncodeToString(rated.Sum(nil))}, nil
}

// readKept notes what the store keeps, before a change makes it out of date.
func (r *run) readKept(ctx context.Context) error {
	err := r.store.exec(ctx, "DROP TABLE IF EXISTS store.kept.part;\n"+ // earlier programs kept it
		"CREATE TABLE IF NOT EXISTS store.kept.state (made_with VARCHAR)")
	if err != nil {
		return fmt.Errorf("what is kept: %w", err)
	}
	if r.held, err = r.readHeld(ctx); err != nil {
		return err
	}
	// Earlier programs read and write the first two words.
	return r.store.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(split_part(made_with, ' ', 1)), ''),
			COALESCE(MAX(split_part(made_with, ' ', 3)), '')
		FROM store.kept.state WHERE split_part(made_with, ' ', 2) = `+filesHeld).
		Scan(&r.kept.rated, &r.kept.matched)
}

// filesHeld names the files that raw holds, as SQL. A program of before there was anything to keep
// changes them and leaves what is kept as it was.
const filesHeld = "(SELECT CAST(COALESCE(BIT_XOR(HASH(f)), 0) AS VARCHAR) " +
	"FROM store.raw.source_file AS f)"

// keepMatched keeps how the rows that are touched are matched, while they are rated, of which the
// most is one statement on one thread. Before that it looks at what is kept of them.
func (r *run) keepMatched(ctx context.Context, t *touch) error {
	if err := r.findNamed(ctx, t); err != nil {
		return err
	}
	err := r.store.exec(ctx, `
		CREATE TABLE touched.rated_before AS
		SELECT workflow_id, started_day, started_us FROM store.kept.rated
		WHERE `+ofTouchedRequest+`
		UNION ALL
		SELECT workflow_id, started_day, started_us FROM store.kept.rated WHERE `+ofTouchedCall)
	if err != nil {
		return fmt.Errorf("rows that are touched, as they were: %w", err)
	}
	if err := r.settled(); err != nil {
		return err
	}
	return r.keep(ctx, matchedKept(), 1)
}

// keepRows keeps what the stages up to rating made; from then on raw holds all rows again.
func (r *run) keepRows(ctx context.Context, t *touch) error {
	if t == nil {
		return nil // they are there
	}
	if err := r.noteTouched(ctx); err != nil {
		return err
	}
	words, err := r.touchedWords(ctx)
	if err == nil {
		err = r.spellOut(ctx, "store.kept.rated", words)
	}
	if err != nil {
		return fmt.Errorf("words of the rows that are touched: %w", err)
	}
	found := meanwhile(func() error { return r.findRuns(ctx, t) })
	err = r.keep(ctx, ratedKept(), r.settings.Threads)
	if err := errors.Join(err, found()); err != nil {
		return err
	}
	if err := r.viewKept(ctx, slices.Concat(matchedKept(), ratedKept())); err != nil {
		return err
	}
	if err := r.readRated(ctx); err != nil {
		return fmt.Errorf("rows that are kept: %w", err)
	}
	return r.leaveTouched(ctx)
}

// noteTouched notes the days, minutes and workflow runs of the requests that are touched, as they
// were and as they are.
func (r *run) noteTouched(ctx context.Context) error {
	err := r.store.exec(ctx, `
		CREATE TABLE touched.rated AS
		SELECT DISTINCT COALESCE(workflow_id, '') AS workflow_id, started_day,
			started_us // 60000000 * 60000000 AS minute_us
		FROM (
			FROM touched.rated_before
			UNION ALL
			SELECT workflow_id, started_day, started_us FROM memory.book.rated) AS either;
		CREATE TABLE touched.workflow AS SELECT DISTINCT workflow_id FROM touched.rated`)
	if err != nil {
		return fmt.Errorf("workflows that are touched: %w", err)
	}
	return nil
}

// keep puts what stages made of what is touched into the store, so many tables at once. Each is of
// a transaction of its own: nothing trusts what is kept until the store says again what it was made
// with.
func (r *run) keep(ctx context.Context, tables []keptTable, atOnce int) error {
	err := r.store.exec(ctx, "DELETE FROM store.kept.state")
	if err == nil {
		err = inParallel(ctx, atOnce, tables, func(table keptTable) error {
			var script string
			for _, isTouched := range []string{table.isTouched, table.orIsTouched} {
				if isTouched != "" {
					script += "DELETE FROM store.kept." + table.name + " WHERE " + isTouched + ";\n"
				}
			}
			return r.store.execTogether(ctx, script+fmt.Sprintf(
				"INSERT INTO store.kept.%[1]s FROM memory.book.%[1]s;\n", table.name))
		})
	}
	if err != nil {
		return fmt.Errorf("keep what was made of the rows: %w", err)
	}
	return nil
}

// viewKept has later stages read what is kept.
func (r *run) viewKept(ctx context.Context, tables []keptTable) error {
	var script strings.Builder
	for _, table := range tables {
		fmt.Fprintf(&script, "DROP TABLE memory.book.%[1]s;\n"+
			"CREATE VIEW memory.book.%[1]s AS FROM store.kept.%[1]s;\n", table.name)
	}
	if err := r.store.exec(ctx, script.String()); err != nil {
		return fmt.Errorf("read what is kept: %w", err)
	}
	return nil
}
