package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tieout/loaders"
	stages "tieout/sql"
)

// A night brings little of a month. What the stages up to rating make of a row depends on the rows
// that share an id with it, on the price list and the settings, and on nothing else. So a run works
// these stages out for the rows that are new and those that share an id with them, straight or
// through others; what they made of the rest is kept in the store and holds. The rows that are
// touched stand in for raw while these stages run, so that the stages know nothing of it.

// touch is what a run works out anew.
type touch struct{ requests, spans, answers int64 }

// touchShare is the part of a store's rows from which on it is simpler to work all out anew.
const touchShare = 3

// touchable reports whether what the store keeps still holds for the rows that a change does not
// touch: nothing was taken away or has got another place, and it was made of the same prices and
// settings. A store that was not what the last run left is not trusted with that.
func (r *run) touchable(ctx context.Context, c *change) (bool, error) {
	if r.store.opened == nil || len(c.move) > 0 {
		return false, nil
	}
	for _, old := range c.drop {
		if old.leg != loaders.LegProvider && old.leg != loaders.LegControl {
			return false, nil
		}
	}
	with, err := r.keptWith(ctx)
	return err == nil && with != "" && with == r.kept, err
}

// touch finds the rows that a change touches and puts them in the place of all. It gives nil when
// all has to be worked out anew.
func (r *run) touch(ctx context.Context, c *change) (*touch, error) {
	if is, err := r.touchable(ctx, c); err != nil || !is {
		return nil, err
	}
	t := &touch{}
	if err := r.seed(ctx, c, t); err != nil {
		return nil, fmt.Errorf("rows that are new: %w", err)
	}
	var all int64
	row := r.store.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM raw.request_row)
		+ (SELECT COUNT(*) FROM raw.span_row)`)
	if err := row.Scan(&all); err != nil {
		return nil, fmt.Errorf("rows of the store: %w", err)
	}
	for more := t.rows(); more > 0; {
		if t.rows()*touchShare > all {
			return nil, nil
		}
		before := t.rows()
		if err := r.spread(ctx, t); err != nil {
			return nil, fmt.Errorf("rows that share an id with new ones: %w", err)
		}
		more = t.rows() - before
	}
	if err := r.store.exec(ctx, inTheirPlace()); err != nil {
		return nil, fmt.Errorf("rows that are touched: %w", err)
	}
	r.say("kept", fmt.Sprintf("%d gateway rows and %d spans are matched and rated, what the "+
		"store keeps of the others holds", t.requests, t.spans))
	return t, nil
}

func (t *touch) rows() int64 { return t.requests + t.spans + t.answers }

// touchedLegs are the tables of raw whose rows share ids, each with its columns of ids: those that
// the stages up to rating compare rows by.
func touchedLegs() []touchedLeg {
	return []touchedLeg{
		{"request_row", []string{"request_id", "call_id", "response_id", "provider_request_id",
			"trace_id"}},
		{"span_row", []string{"call_id", "response_id", "provider_request_id", "trace_id"}},
		{"answer", []string{"call_id", "response_id", "provider_request_id", "trace_id"}},
	}
}

type touchedLeg struct {
	table string
	ids   []string
}

// seed notes the rows of the files that are new.
func (r *run) seed(ctx context.Context, c *change, t *touch) error {
	files := []int64{0}
	for _, l := range c.add {
		files = append(files, l.content.id)
	}
	script := "CREATE SCHEMA touched;\nCREATE TABLE touched.seen (id VARCHAR);\n"
	for _, leg := range touchedLegs() {
		script += fmt.Sprintf(`
			CREATE TABLE touched.%[1]s AS
			SELECT row_id FROM raw.%[1]s WHERE file_id IN (%[2]s);
			CREATE TABLE touched.last_%[1]s AS FROM touched.%[1]s;`, leg.table, idList(files))
	}
	if err := r.store.exec(ctx, "DROP SCHEMA IF EXISTS touched CASCADE;\n"+script); err != nil {
		return err
	}
	return r.countTouched(ctx, t)
}

func (r *run) countTouched(ctx context.Context, t *touch) error {
	return r.store.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM touched.request_row),
		(SELECT COUNT(*) FROM touched.span_row), (SELECT COUNT(*) FROM touched.answer)`).
		Scan(&t.requests, &t.spans, &t.answers)
}

// spread takes in the rows that share an id with those that were taken in last. Ids that were
// looked for before are not looked for again: where the last rows have no other, all are found.
func (r *run) spread(ctx context.Context, t *touch) error {
	var ids, found []string
	for _, leg := range touchedLegs() {
		var shares []string
		for _, id := range leg.ids {
			ids = append(ids, fmt.Sprintf(`SELECT %s AS id FROM raw.%s
				WHERE row_id IN (SELECT row_id FROM touched.last_%[2]s)`, id, leg.table))
			shares = append(shares, id+" IN (SELECT id FROM touched.id)")
		}
		found = append(found, fmt.Sprintf(`
			CREATE OR REPLACE TABLE touched.last_%[1]s AS
			SELECT row_id FROM raw.%[1]s WHERE (%[2]s)
				AND row_id NOT IN (SELECT row_id FROM touched.%[1]s);
			INSERT INTO touched.%[1]s FROM touched.last_%[1]s;`,
			leg.table, strings.Join(shares, " OR ")))
	}
	var more int64
	err := r.store.exec(ctx, "CREATE OR REPLACE TABLE touched.id AS\nSELECT id FROM ("+
		strings.Join(ids, "\nUNION\n")+`) AS told
		WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM touched.seen);
		INSERT INTO touched.seen FROM touched.id`)
	if err == nil {
		err = r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM touched.id").Scan(&more)
	}
	if err == nil && more > 0 {
		err = r.store.exec(ctx, strings.Join(found, "\n"))
	}
	if err != nil {
		return err
	}
	return r.countTouched(ctx, t)
}

// inTheirPlace makes tables with the rows that are touched, which are found before those of the
// store as long as they are there.
func inTheirPlace() string {
	var script string
	for _, leg := range touchedLegs() {
		script += fmt.Sprintf("CREATE TABLE memory.raw.%[1]s AS FROM store.raw.%[1]s "+
			"WHERE row_id IN (SELECT row_id FROM touched.%[1]s);\n", leg.table)
	}
	of := strings.NewReplacer("VIEW raw.", "VIEW memory.raw.", "FROM raw.", "FROM memory.raw.",
		"JOIN raw.", "JOIN store.raw.")
	for _, view := range strings.SplitAfter(rawScript(), ";\n") {
		if _, text, isView := strings.Cut(view, "CREATE VIEW raw."); isView {
			script += of.Replace("CREATE VIEW raw." + text)
		}
	}
	return script
}

// keptTable is a table that the store keeps, with the rows of it that a change touches.
type keptTable struct{ name, isTouched string }

// ofTouchedRow finds the requests that are touched, by their gateway row or, if they have none,
// less than 0, by their span.
const ofTouchedRow = " IN (SELECT row_id FROM touched.request_row " +
	"UNION ALL SELECT -row_id FROM touched.span_row)"

// rowsKept are the tables that the stages up to rating make and later ones read.
func rowsKept() []keptTable {
	const ofRequest = " IN (SELECT row_id FROM touched.request_row)"
	const ofSpan = "row_id IN (SELECT row_id FROM touched.span_row)"
	return []keptTable{
		{"duplicate", "row_id" + ofRequest}, {"span_drop", ofSpan}, {"same_call", ofSpan},
		{"pair", "request_row" + ofRequest}, {"lone_call", ofSpan},
		{"answer", "row_id IN (SELECT row_id FROM touched.answer)"},
		{"other_charge", "call_row" + ofTouchedRow},
		{"rated", "COALESCE(request_row, -span_row)" + ofTouchedRow},
		{"uncertain", "COALESCE(request_row, -span_row)" + ofTouchedRow},
		{"unusual", "COALESCE(request_row, -span_row)" + ofTouchedRow},
	}
}

func isKept(table string) bool {
	all := slices.Concat(rowsKept(), workflowsKept(), daysKept())
	return slices.ContainsFunc(all, func(k keptTable) bool { return table == "book."+k.name })
}

// keptWith names what decides, beside the rows, what is made of them and kept.
func (r *run) keptWith(ctx context.Context) (string, error) {
	with, err := r.manifest(ctx)
	if err != nil {
		return "", fmt.Errorf("what rating depends on: %w", err)
	}
	with.Inputs, with.Settings.AsOf = nil, ""
	text, err := jsonText(with)
	if err != nil {
		return "", fmt.Errorf("what rating depends on: %w", err)
	}
	var hasTrace bool // without, it is no finding that no span met a request
	row := r.store.db.QueryRowContext(ctx, "SELECT has_trace FROM book.period")
	if err := row.Scan(&hasTrace); err != nil {
		return "", fmt.Errorf("what rating depends on: %w", err)
	}
	sum := sha256.New()
	fmt.Fprint(sum, string(text), hasTrace)
	for _, stage := range stages.Stages() {
		if stage.Name <= dayStage {
			sum.Write([]byte(stage.Text))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
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
	return r.store.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(split_part(made_with, ' ', 1)), '')
		FROM store.kept.state WHERE split_part(made_with, ' ', 2) = `+filesHeld).Scan(&r.kept)
}

// filesHeld names the files that raw holds, as SQL. A program of before there was anything to keep
// changes them and leaves what is kept as it was.
const filesHeld = "(SELECT CAST(COALESCE(BIT_XOR(HASH(f)), 0) AS VARCHAR) " +
	"FROM store.raw.source_file AS f)"

// keep puts what stages made of what is touched into the store, from where the later stages read
// it.
func (r *run) keep(ctx context.Context, tables []keptTable) error {
	var keep, read string
	for _, table := range tables {
		keep += fmt.Sprintf("DELETE FROM store.kept.%[1]s WHERE %[2]s;\n"+
			"INSERT INTO store.kept.%[1]s FROM memory.book.%[1]s;\n", table.name, table.isTouched)
		read += fmt.Sprintf("DROP TABLE memory.book.%[1]s;\n"+
			"CREATE VIEW memory.book.%[1]s AS FROM store.kept.%[1]s;\n", table.name)
	}
	err := r.execTogether(ctx, "DELETE FROM store.kept.state;\n"+keep)
	if err == nil {
		err = r.store.exec(ctx, read)
	}
	if err != nil {
		return fmt.Errorf("keep what was made of the rows: %w", err)
	}
	return nil
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
	if err := r.keep(ctx, rowsKept()); err != nil {
		return err
	}
	if err := r.readRated(ctx); err != nil {
		return fmt.Errorf("rows that are kept: %w", err)
	}
	script := "DROP VIEW memory.raw.request;\nDROP VIEW memory.raw.span;\n"
	for _, leg := range touchedLegs() {
		script += "DROP TABLE memory.raw." + leg.table + ";\n"
	}
	if err := r.store.exec(ctx, script); err != nil {
		return fmt.Errorf("rows that are not touched: %w", err)
	}
	return nil
}

// noteTouched notes the days, minutes and workflow runs of the requests that are touched, as they
// were and as they are.
func (r *run) noteTouched(ctx context.Context) error {
	err := r.store.exec(ctx, `
		CREATE TABLE touched.rated AS
		SELECT DISTINCT COALESCE(workflow_id, '') AS workflow_id, started_day,
			started_us // 60000000 * 60000000 AS minute_us
		FROM (
			SELECT workflow_id, started_day, started_us FROM store.kept.rated
			WHERE COALESCE(request_row, -span_row)`+ofTouchedRow+`
			UNION ALL
			SELECT workflow_id, started_day, started_us FROM memory.book.rated) AS either;
		CREATE TABLE touched.workflow AS SELECT DISTINCT workflow_id FROM touched.rated`)
	if err != nil {
		return fmt.Errorf("workflows that are touched: %w", err)
	}
	return nil
}

// addKeptNames adds the names of the rows that are not touched to those that prices are looked up
// for.
func (r *run) addKeptNames(ctx context.Context, t *touch) error {
	if t == nil {
		return nil
	}
	return r.store.exec(ctx, `INSERT INTO book.name
		FROM (FROM store.kept.name EXCEPT FROM book.name)`)
}

// errNamesGone says that names had been looked up that no row has any more.
var errNamesGone = errors.New("names are gone")

// keepNames keeps the names of all rows, from which on what is kept is whole.
func (r *run) keepNames(ctx context.Context, t *touch) error {
	if t != nil {
		var before, now int64
		row := r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM book.name")
		if err := row.Scan(&before); err != nil {
			return fmt.Errorf("keep the names: %w", err)
		}
		named := stageNamed(nameStage)
		if err := r.store.exec(ctx, "DROP TABLE book.name;\n"+named.Create()); err != nil {
			return fmt.Errorf("keep the names: %w", err)
		}
		row = r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM book.name")
		if err := row.Scan(&now); err != nil {
			return fmt.Errorf("keep the names: %w", err)
		}
		if now != before {
			return errNamesGone
		}
	}
	with, err := r.keptWith(ctx)
	if err != nil {
		return err
	}
	err = r.execTogether(ctx,
		"CREATE OR REPLACE TABLE store.kept.name AS FROM memory.book.name;\n"+
			"INSERT INTO store.kept.state SELECT "+literal(with+" ")+" || "+filesHeld)
	if err != nil {
		return fmt.Errorf("keep the names: %w", err)
	}
	return nil
}
