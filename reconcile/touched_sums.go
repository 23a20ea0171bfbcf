package reconcile

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	stages "tieout/sql"
)

// What the stages after rating sum up by workflow run and by day holds for the runs and days that
// no touched request is in. So the requests of the others stand in for book.rated where these
// stages read it.

// workflowsKept are the sums of workflow runs: a run is summed anew when a request of it is
// touched.
func workflowsKept() []keptTable {
	const ofRun = "workflow_id IN (SELECT workflow_id FROM touched.workflow)"
	return []keptTable{{"dearest", ofRun, ""}, {"workflow", ofRun, ""}}
}

// daysKept are the sums of days: a day is summed anew when a request of it is touched, and when
// another request makes the run of one of it a run of several or of another class.
func daysKept() []keptTable {
	const ofDay = "started_day IN (SELECT day FROM touched.day)"
	return []keptTable{{"day_sum", ofDay, ""}, {"day_hour", ofDay, ""}, {"day_kind", ofDay, ""},
		{"met_usage", "day IN (SELECT day FROM touched.day)", ""}}
}

// sum runs the stages after one, up to another.
func (r *run) sum(ctx context.Context, after, last string) error {
	return r.runThose(ctx, func(stage stages.Stage) bool {
		return stage.Name > after && stage.Name <= last
	})
}

// ofSome has a stage that sums up read the requests that stand in for all.
func ofSome(stage stages.Stage) stages.Stage {
	rated := regexp.MustCompile(`\bbook\.rated\b`)
	stage.Text = rated.ReplaceAllString(stage.Text, "touched.request")
	stage.Check = rated.ReplaceAllString(stage.Check, "touched.request")
	return stage
}

// Requests of some runs or days mostly begin in a short time, and of all others little is read when
// that is known.

// findRuns finds the time that requests of touched workflow runs begin in, as they were and as they
// are, whether the store keeps them yet or not.
func (r *run) findRuns(ctx context.Context, t *touch) error {
	row := r.store.db.QueryRowContext(ctx, `
		SELECT COALESCE(MIN(from_us), 0), COALESCE(MAX(to_us), 0) FROM (
			SELECT started_us AS from_us, started_us + 1 AS to_us FROM store.kept.rated
			WHERE COALESCE(workflow_id, '') IN (SELECT workflow_id FROM touched.workflow)
			UNION ALL
			SELECT minute_us, minute_us + 60000000 FROM touched.rated) AS either`)
	if err := row.Scan(&t.runs.fromUS, &t.runs.toUS); err != nil {
		return fmt.Errorf("requests of touched workflows: %w", err)
	}
	return nil
}

// someRated is a query of the requests that are kept, begin in some time and are what it says.
func (r *run) someRated(ctx context.Context, within timeSpan, what string) (string, error) {
	return r.asText(ctx, "store.kept.rated", fmt.Sprintf("(SELECT * FROM store.kept.rated "+
		"WHERE started_us >= %d AND started_us < %d AND %s)", within.fromUS, within.toUS, what))
}

// sumWorkflows runs the stages that sum up workflow runs, and keeps what they make.
func (r *run) sumWorkflows(ctx context.Context, t *touch) error {
	if t == nil {
		// Words are read as such: the first and last of a run's are found in half the time.
		err := r.store.exec(ctx,
			"CREATE OR REPLACE VIEW memory.book.rated AS FROM memory.book.rated_words")
		if err == nil {
			err = r.sum(ctx, rateStage, workflowStage)
		}
		if err != nil {
			return err
		}
		return r.readRated(ctx)
	}
	some, err := r.someRated(ctx, t.runs,
		"COALESCE(workflow_id, '') IN (SELECT workflow_id FROM touched.workflow)")
	if err == nil {
		err = r.store.exec(ctx, "CREATE TABLE touched.request AS "+some)
	}
	if err != nil {
		return fmt.Errorf("requests of touched workflows: %w", err)
	}
	found := meanwhile(func() error {
		return r.store.exec(ctx, `CREATE TABLE touched.run_before AS
			SELECT workflow_id, workflow_name, calls, started_us FROM store.kept.workflow
			WHERE workflow_id IN (SELECT workflow_id FROM touched.workflow)`)
	})
	err = r.sum(ctx, rateStage, workflowStage)
	if err := errors.Join(err, found()); err != nil {
		return err
	}
	err = r.store.exec(ctx, touchedDays+`;
		DROP TABLE touched.request;
		CREATE TABLE touched.run_minute AS
		SELECT DISTINCT started_us // 60000000 * 60000000 AS minute_us FROM (
			SELECT started_us FROM touched.run_before
			UNION ALL
			SELECT started_us FROM memory.book.workflow) AS either`)
	if err != nil {
		return fmt.Errorf("requests of all workflows: %w", err)
	}
	if err := r.keep(ctx, workflowsKept(), r.settings.Threads); err != nil {
		return err
	}
	return r.viewKept(ctx, workflowsKept())
}

// touchedDays notes the days to sum anew, while touched.request holds the requests of touched
// workflow runs, touched.run_before what these were and book.workflow what they are now.
const touchedDays = `CREATE TABLE touched.day AS
	SELECT started_day AS day FROM touched.rated
	UNION
	SELECT r.started_day
	FROM touched.request AS r
	INNER JOIN memory.book.workflow AS w ON r.workflow_id = w.workflow_id
	LEFT JOIN touched.run_before AS k ON w.workflow_id = k.workflow_id
	WHERE (w.calls > 1) <> (COALESCE(k.calls, 0) > 1)
		OR w.workflow_name IS DISTINCT FROM k.workflow_name`

// sumDays runs the stages that sum up days, and keeps what they make.
func (r *run) sumDays(ctx context.Context, t *touch) error {
	if t == nil {
		return r.sum(ctx, workflowStage, dayStage)
	}
	var within timeSpan
	row := r.store.db.QueryRowContext(ctx, `
		SELECT COALESCE(MIN(day_us), 0), COALESCE(MAX(day_us), 0) FROM (
			SELECT epoch_us(CAST(CAST(day AS DATE) AS TIMESTAMP)) AS day_us FROM touched.day) AS d`)
	if err := row.Scan(&within.fromUS, &within.toUS); err != nil {
		return fmt.Errorf("requests of touched days: %w", err)
	}
	within.toUS += wholeDay
	some, err := r.someRated(ctx, within, "started_day IN (SELECT day FROM touched.day)")
	if err == nil {
		err = r.store.exec(ctx, "CREATE VIEW touched.request AS "+some)
	}
	if err != nil {
		return fmt.Errorf("requests of touched days: %w", err)
	}
	if err := r.sum(ctx, workflowStage, dayStage); err != nil {
		return err
	}
	if err := r.store.exec(ctx, "DROP VIEW touched.request"); err != nil {
		return fmt.Errorf("requests of all days: %w", err)
	}
	if err := r.keep(ctx, daysKept(), r.settings.Threads); err != nil {
		return err
	}
	return r.viewKept(ctx, daysKept())
}
