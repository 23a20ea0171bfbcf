package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tieout/loaders"
)

// A night brings little of a month. What the stages up to rating make of a row depends on the rows
// that share an id with it, on the price list and the settings, and on nothing else. So a run works
// these stages out for the rows that are new and those that share an id with them, straight or
// through others; what they made of the rest is kept in the store and holds. The rows that are
// touched stand in for raw while these stages run, so that the stages know nothing of it. Rows of
// which nothing says how they count are touched by those that say it for them, too.

// touch is what a run works out anew.
type touch struct {
	requests, spans, answers int64

	isMatching bool // how rows are matched alone: all requests of the period are rated anew
	isCut      bool // rows of provider files are gone
	isNamed    bool // the names of the rows and those kept are the names of all

	runs timeSpan // the requests of touched workflow runs begin within
}

// touchShare is the part of a store's rows from which on it is simpler to work all out anew.
const touchShare = 3

// touchable gives a touch of nothing when what the store keeps still holds for the rows that a
// change does not touch: nothing was taken away or has got another place, and it was made with the
// same. A store that was not what the last run left is not trusted with that.
func (r *run) touchable(ctx context.Context, c *change) (*touch, error) {
	if !r.store.isAsLeft || len(c.move) > 0 {
		return nil, nil
	}
	for _, old := range c.drop {
		if old.leg != loaders.LegProvider && old.leg != loaders.LegControl {
			return nil, nil
		}
	}
	with, err := r.keptWith(ctx)
	if err != nil || with.matched != r.kept.matched {
		return nil, err
	}
	return &touch{isMatching: with.rated != r.kept.rated, isCut: len(c.drop)+len(c.cut) > 0}, nil
}

// touch finds the rows that a change touches and puts them in the place of all. It gives nil when
// all has to be worked out anew.
func (r *run) touch(ctx context.Context, c *change) (*touch, error) {
	t, err := r.touchable(ctx, c)
	if t == nil {
		return nil, err
	}
	if err := r.seed(ctx, c, t); err != nil {
		return nil, fmt.Errorf("rows that are new: %w", err)
	}
	var all int64
	row := r.store.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM raw.request_row)
		+ (SELECT COUNT(*) FROM raw.span_row)`)
	if err := row.Scan(&all); err != nil {
		return nil, fmt.Errorf("rows of the store: %w", err)
	}
	if t.rows()*touchShare > all {
		return nil, nil
	}
	if err := r.inTheirPlace(ctx); err != nil {
		return nil, fmt.Errorf("rows that are new: %w", err)
	}
	if err := r.addUnsaid(ctx, t); err != nil {
		return nil, err
	}
	for more := t.rows(); more > 0; {
		before := t.rows()
		if err := r.spread(ctx, t); err != nil {
			return nil, fmt.Errorf("rows that share an id with new ones: %w", err)
		}
		if t.rows()*touchShare > all {
			return nil, r.leaveTouched(ctx)
		}
		more = t.rows() - before
	}
	if err := r.addFound(ctx); err != nil {
		return nil, fmt.Errorf("rows that are touched: %w", err)
	}
	done := "matched and rated"
	if t.isMatching {
		done = "matched"
	}
	r.say("kept", fmt.Sprintf("%d gateway rows and %d spans are %s, what the store keeps of the "+
		"others holds", t.requests, t.spans, done))
	return t, nil
}

func (t *touch) rows() int64 { return t.requests + t.spans + t.answers }

// touchedLegs are the tables of raw whose rows share ids, in the order of their keys in
// book.shared_id.
func touchedLegs() []string { return []string{"request_row", "span_row", "answer"} }

// ofTouched is the condition that a row of book.shared_id is of one that is touched.
const ofTouched = `row_key IN (SELECT row_id * 4 FROM touched.request_row
	UNION ALL SELECT row_id * 4 + 1 FROM touched.span_row
	UNION ALL SELECT row_id * 4 + 2 FROM touched.answer)`

// seed notes the rows of the files that are new.
func (r *run) seed(ctx context.Context, c *change, t *touch) error {
	files := []int64{0}
	for _, l := range c.add {
		files = append(files, l.content.id)
	}
	script := "DROP SCHEMA IF EXISTS touched CASCADE;\nCREATE SCHEMA touched;\n" +
		"CREATE TABLE touched.seen (id UBIGINT);\nCREATE TABLE touched.found (row_key BIGINT);\n"
	for _, leg := range touchedLegs() {
		script += fmt.Sprintf("CREATE TABLE touched.%[1]s AS SELECT row_id FROM raw.%[1]s "+
			"WHERE file_id IN (%[2]s);\n", leg, idList(files))
	}
	if err := r.store.exec(ctx, script); err != nil {
		return err
	}
	return r.countTouched(ctx, t)
}

func (r *run) countTouched(ctx context.Context, t *touch) error {
	return r.store.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM touched.request_row),
		(SELECT COUNT(*) FROM touched.span_row), (SELECT COUNT(*) FROM touched.answer)`).
		Scan(&t.requests, &t.spans, &t.answers)
}

// inTheirPlace makes tables with the rows that are new, which are found before those of the store
// as long as they are there, and notes the ids that these have.
func (r *run) inTheirPlace(ctx context.Context) error {
	legs := touchedLegs()
	err := inParallel(ctx, len(legs), legs, func(leg string) error {
		return r.store.exec(ctx, fmt.Sprintf("CREATE TABLE memory.raw.%[1]s AS "+
			"FROM store.raw.%[1]s WHERE row_id IN (SELECT row_id FROM touched.%[1]s)", leg))
	})
	if err != nil {
		return err
	}
	return r.store.exec(ctx, viewsInTheirPlace()+
		"CREATE TABLE touched.id AS SELECT DISTINCT id FROM ("+stageNamed(idStage).Text+")")
}

// spread takes in the rows that share an id with those that were taken in last. Ids that were
// looked for before are not looked for again.
func (r *run) spread(ctx context.Context, t *touch) error {
	script := `INSERT INTO touched.seen FROM touched.id;
		CREATE OR REPLACE TABLE touched.last AS
		SELECT DISTINCT row_key FROM store.kept.shared_id
		WHERE id IN (SELECT id FROM touched.id)
			AND row_key NOT IN (SELECT row_key FROM touched.found);
		INSERT INTO touched.found FROM touched.last;
		CREATE OR REPLACE TABLE touched.id AS
		SELECT DISTINCT id FROM store.kept.shared_id
		WHERE row_key IN (SELECT row_key FROM touched.last)
			AND id NOT IN (SELECT id FROM touched.seen);
		`
	for i, leg := range touchedLegs() {
		script += fmt.Sprintf("INSERT INTO touched.%s SELECT row_key // 4 FROM touched.last "+
			"WHERE row_key %% 4 = %d;\n", leg, i)
	}
	if err := r.store.exec(ctx, script); err != nil {
		return err
	}
	return r.countTouched(ctx, t)
}

// addFound adds the rows that were found to those that are new.
func (r *run) addFound(ctx context.Context) error {
	var script string
	for i, leg := range touchedLegs() {
		script += fmt.Sprintf("INSERT INTO memory.raw.%[1]s FROM store.raw.%[1]s WHERE row_id IN "+
			"(SELECT row_key // 4 FROM touched.found WHERE row_key %% 4 = %[2]d);\n", leg, i)
	}
	return r.store.exec(ctx, script)
}

// viewsInTheirPlace makes the views of raw, of the rows that stand in for those of the store.
func viewsInTheirPlace() (script string) {
	of := strings.NewReplacer("VIEW raw.", "VIEW memory.raw.", "FROM raw.", "FROM memory.raw.",
		"JOIN raw.", "JOIN store.raw.")
	for _, view := range strings.SplitAfter(rawScript(), ";\n") {
		if _, text, isView := strings.Cut(view, "CREATE VIEW raw."); isView {
			script += of.Replace("CREATE VIEW raw." + text)
		}
	}
	return script
}

// matchTouched matches the rows that are touched and keeps how; from then on raw holds all rows
// again, and names are those of all.
func (r *run) matchTouched(ctx context.Context, t *touch) error {
	if err := r.match(ctx, t); err != nil {
		return err
	}
	if err := r.findNamed(ctx, t); err != nil {
		return err
	}
	err := r.keep(ctx, matchedKept(), r.settings.Threads)
	if err == nil {
		err = r.viewKept(ctx, matchedKept())
	}
	if err != nil {
		return err
	}
	if err := r.leaveTouched(ctx); err != nil {
		return err
	}
	if t.isNamed {
		return r.addKeptNames(ctx, t)
	}
	return r.nameAll(ctx)
}

// leaveTouched ends that the rows that are touched stand in for raw.
func (r *run) leaveTouched(ctx context.Context) error {
	script := "DROP VIEW memory.raw.request;\nDROP VIEW memory.raw.span;\n"
	for _, leg := range touchedLegs() {
		script += "DROP TABLE memory.raw." + leg + ";\n"
	}
	if err := r.store.exec(ctx, script); err != nil {
		return fmt.Errorf("rows that are not touched: %w", err)
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

// goneSQL finds kinds that met where a touched row was there before, and meet in no row that is
// touched now: nobody knows whether they still do in others. What other spans of a call knew of
// its model, tier and provider belongs to them.
const goneSQL = `
WITH before AS (
	SELECT row_key // 4 AS row_id FROM touched.found WHERE row_key % 4 = 0
),
known AS (
	SELECT row_id, model, service_tier, provider FROM store.kept.same_call
	WHERE row_id IN (SELECT row_key // 4 FROM touched.found WHERE row_key % 4 = 1)
		AND is_kept
		AND (model IS NOT NULL OR service_tier IS NOT NULL OR provider IS NOT NULL)
),
met AS (
	SELECT p.request_row, p.request_kind, p.span_kind, k.model, k.service_tier, k.provider
	FROM store.kept.pair AS p LEFT JOIN known AS k ON p.span_row = k.row_id
	WHERE p.request_row IN (SELECT row_id FROM before)
),
gone AS (
	SELECT request_kind, span_kind, model, service_tier, provider FROM met
	UNION ALL
	SELECT kind_id, NULL, NULL, NULL, NULL FROM memory.raw.request_row
	WHERE row_id IN (SELECT row_id FROM before)
		AND row_id NOT IN (SELECT request_row FROM met)
	UNION ALL
	SELECT NULL, s.kind_id, k.model, k.service_tier, k.provider
	FROM known AS k INNER JOIN memory.raw.span_row AS s ON k.row_id = s.row_id
	EXCEPT
	(
		SELECT p.request_kind, p.span_kind, k.model, k.service_tier, k.provider
		FROM memory.book.pair AS p
		LEFT JOIN memory.book.same_call AS k ON p.span_row = k.row_id
		UNION ALL
		SELECT kind_id, NULL, NULL, NULL, NULL FROM memory.raw.request_row
		WHERE row_id NOT IN (SELECT request_row FROM memory.book.pair)
		UNION ALL
		SELECT NULL, s.kind_id, k.model, k.service_tier, k.provider
		FROM memory.book.same_call AS k
		INNER JOIN memory.raw.span_row AS s ON k.row_id = s.row_id
		WHERE k.is_kept
	)
)
SELECT COUNT(*) = 0 FROM gone`

// findNamed finds out whether all names that are kept are still those of rows: then there is no
// need to look at all rows for that. A span's names come from its kind, which stays.
func (r *run) findNamed(ctx context.Context, t *touch) error {
	if t.isCut {
		return nil
	}
	if err := r.store.db.QueryRowContext(ctx, goneSQL).Scan(&t.isNamed); err != nil {
		return fmt.Errorf("names of the rows that are touched: %w", err)
	}
	return nil
}

// errNamesGone says that names had been looked up that no row has any more.
var errNamesGone = errors.New("names are gone")

// nameAll finds the names of all rows.
func (r *run) nameAll(ctx context.Context) error {
	err := r.store.exec(ctx, "DROP TABLE book.name;\n"+stageNamed(nameStage).Create())
	if err != nil {
		return fmt.Errorf("names of all rows: %w", err)
	}
	return nil
}

// nameAnew finds the names of all rows, when prices were looked up for those of touched rows and
// those that were kept.
func (r *run) nameAnew(ctx context.Context, t *touch) error {
	if t.isNamed {
		return nil
	}
	var before, now int64
	row := r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM book.name")
	if err := row.Scan(&before); err != nil {
		return fmt.Errorf("names of all rows: %w", err)
	}
	if err := r.nameAll(ctx); err != nil {
		return err
	}
	row = r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM book.name")
	if err := row.Scan(&now); err != nil {
		return fmt.Errorf("names of all rows: %w", err)
	}
	if now != before {
		return errNamesGone
	}
	return nil
}

// keepNames keeps the names of all rows, from which on what is kept is whole.
func (r *run) keepNames(ctx context.Context) error {
	with, err := r.keptWith(ctx)
	if err != nil {
		return err
	}
	err = r.store.execTogether(ctx,
		"CREATE OR REPLACE TABLE store.kept.name AS FROM memory.book.name;\n"+
			"INSERT INTO store.kept.state SELECT "+literal(with.rated+" ")+" || "+filesHeld+
			" || "+literal(" "+with.matched))
	if err != nil {
		return fmt.Errorf("keep the names: %w", err)
	}
	return nil
}
