package reconcile

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	reports "tieout/sql"
)

// Reports with many rows are published a day at a time. A day of which nothing has changed since
// the reports in OUT were made is taken over from them: its row groups as they are, its rows in
// report.duckdb as they stand there. Of a day that has changed, its Parquet is made anew, and in
// report.duckdb the time from the first minute that has changed to the last: rows that are deleted
// there let the database write what is left of many others anew. What decides is noted in the
// schema kept of the store, with the seals of the files that it holds for, and forgotten as
// soon as the store changes.

// heldReports is what the reports in OUT hold, as the store knows it.
type heldReports struct {
	out, madeWith string
	files         map[string]string    // seal by name
	days          map[string][]heldDay // by report, in order
}

// heldDay is a day of a report, and how many row groups it has.
type heldDay struct{ dayUS, groups int64 }

// heldScript makes the tables that note what is published. What decides, beside the rows of the
// store, what is published of some time stands in told, as a hash.
const heldScript = `-- What earlier programs noted.
DROP TABLE IF EXISTS store.kept.published;
DROP TABLE IF EXISTS store.kept.day;
CREATE TABLE IF NOT EXISTS store.kept.report (
	out_folder VARCHAR, made_with VARCHAR, file VARCHAR, fingerprint VARCHAR);
CREATE TABLE IF NOT EXISTS store.kept.report_day (
	report VARCHAR, day_us BIGINT, row_groups BIGINT);
CREATE TABLE IF NOT EXISTS store.kept.told (from_us BIGINT, to_us BIGINT, told VARCHAR)`

// databaseName is the file that all reports stand in as tables, requestsName the largest of the
// others.
const (
	databaseName = "report.duckdb"
	requestsName = "requests.parquet"
)

// readHeld reads what the reports in OUT hold, before a change makes it out of date.
func (r *run) readHeld(ctx context.Context) (*heldReports, error) {
	if err := r.store.exec(ctx, heldScript); err != nil {
		return nil, fmt.Errorf("what is published: %w", err)
	}
	held := &heldReports{files: map[string]string{}, days: map[string][]heldDay{}}
	err := r.each(ctx, "SELECT out_folder, made_with, file, fingerprint FROM store.kept.report",
		func(rows *sql.Rows) error {
			var file, seal string
			err := rows.Scan(&held.out, &held.madeWith, &file, &seal)
			held.files[file] = seal
			return err
		})
	if err == nil {
		err = r.each(ctx, `SELECT report, day_us, row_groups FROM store.kept.report_day
			ORDER BY report, day_us`, func(rows *sql.Rows) error {
			var report string
			var day heldDay
			err := rows.Scan(&report, &day.dayUS, &day.groups)
			held.days[report] = append(held.days[report], day)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("what is published: %w", err)
	}
	return held, nil
}

// reuse is what a run takes over from the reports in OUT.
type reuse struct {
	held *heldReports
	anew map[string]map[int64]timeSpan // by report and day, the time that is not taken over

	filled map[string]bool // reports whose rows of that time are in report.duckdb already
}

// isHeld reports that the store knows what the reports in OUT hold.
func (r *run) isHeld() bool {
	return r.held != nil && r.held.out == folderName(r.settings.Out) && len(r.held.days) > 0
}

// canReuse finds out what can be taken over; nil is nothing.
func (r *run) canReuse(ctx context.Context) (*reuse, error) {
	held := r.held
	if r.touched == nil || !r.isHeld() {
		return nil, nil
	}
	if madeWith, err := r.publishedWith(ctx); err != nil || madeWith != held.madeWith {
		return nil, err
	}
	for file, seal := range held.files {
		if !isSealed(filepath.Join(r.settings.Out, file), seal, r.settings.Threads) {
			return nil, nil
		}
	}
	use := &reuse{held: held, anew: map[string]map[int64]timeSpan{}, filled: map[string]bool{}}
	for _, report := range dayReports() {
		if err := r.findAnew(ctx, use, report); err != nil {
			return nil, fmt.Errorf("days of %s that have changed: %w", report.name, err)
		}
	}
	if len(use.anew["requests"])*2 > len(held.days["requests"]) {
		return nil, nil // not worth it
	}
	r.say("reuse", fmt.Sprintf("%d of %d days of requests are published anew, the others stay",
		len(use.anew["requests"]), len(held.days["requests"])))
	return use, nil
}

// dayReport is a report that is published by the day.
type dayReport struct {
	name string
	anew string // a query: the times, each within a day, that are not as they are held
}

func dayReports() []dayReport {
	return []dayReport{
		{"requests", `SELECT minute_us, minute_us + 60000000 FROM touched.rated
			UNION
			SELECT COALESCE(h.from_us, t.from_us), COALESCE(h.to_us, t.to_us)
			FROM store.kept.told AS h
			FULL JOIN book.request_told AS t ON h.from_us = t.from_us AND h.to_us = t.to_us
			WHERE h.told IS DISTINCT FROM t.told`},
		{"workflows", "SELECT minute_us, minute_us + 60000000 FROM touched.run_minute"},
	}
}

// findAnew notes which times of a report are not as they are held: of each day, from the first to
// the last.
func (r *run) findAnew(ctx context.Context, use *reuse, report dayReport) error {
	anew := map[int64]timeSpan{}
	use.anew[report.name] = anew
	return r.each(ctx, report.anew, func(rows *sql.Rows) error {
		var time timeSpan
		err := rows.Scan(&time.fromUS, &time.toUS)
		day := dayOf(time.fromUS)
		if other, isThere := anew[day]; isThere {
			time = timeSpan{min(time.fromUS, other.fromUS), max(time.toUS, other.toUS)}
		}
		anew[day] = time
		return err
	})
}

// holds reports that days of a report are taken over.
func (u *reuse) holds(report string) bool { return u != nil && len(u.held.days[report]) > 0 }

// timesAnew are the times of a report that are not taken over, in order; those one behind the other
// are one.
func (u *reuse) timesAnew(report string) (times []timeSpan) {
	for _, day := range slices.Sorted(maps.Keys(u.anew[report])) {
		time := u.anew[report][day]
		if last := len(times) - 1; last >= 0 && times[last].toUS == time.fromUS {
			times[last].toUS = time.toUS
			continue
		}
		times = append(times, time)
	}
	return times
}

// timeSpan is some time, half-open.
type timeSpan struct{ fromUS, toUS int64 }

// dayOf is when the UTC day of a moment begins.
func dayOf(us int64) int64 { return us - us%wholeDay }

// piecesHeld are the days of a report that are taken over: their row groups in the file in OUT.
func (u *reuse) piecesHeld(report string) (pieces []piece) {
	if u == nil {
		return nil
	}
	var groups int64
	for _, day := range u.held.days[report] {
		if _, isAnew := u.anew[report][day.dayUS]; !isAnew {
			pieces = append(pieces, piece{dayUS: day.dayUS, fromUS: day.dayUS,
				groupFrom: groups, groupTo: groups + day.groups})
		}
		groups += day.groups
	}
	return pieces
}

// takeOver copies report.duckdb and takes all out of it that is made anew.
func (r *run) takeOver(ctx context.Context, use *reuse, database string) error {
	if !r.isDrafted() {
		err := copyFile(ctx, filepath.Join(r.settings.Out, databaseName), database)
		if err != nil {
			return err
		}
	}
	if err := r.attach(ctx, database); err != nil {
		return err
	}
	var script string
	for _, view := range reports.ViewNames() {
		script += "DROP VIEW published.main." + view + ";\n"
	}
	for _, report := range reports.Reports() {
		if !use.holds(report.Name) {
			script += "DROP TABLE published.main." + report.Name + ";\n"
		}
	}
	for _, report := range dayReports() {
		if !use.holds(report.name) {
			continue
		}
		if times := use.timesAnew(report.name); len(times) > 0 {
			err := r.addWords(ctx, "published."+report.name, publishedWords(report.name,
				times[0].fromUS, times[len(times)-1].toUS))
			if err != nil {
				return err
			}
		}
		for _, anew := range use.timesAnew(report.name) {
			script += fmt.Sprintf("DELETE FROM published.%s WHERE %s;\n", report.name,
				startsWithin(anew.fromUS, anew.toUS))
		}
	}
	if err := r.store.execTogether(ctx, script); err != nil {
		return err
	}
	if err := r.spareVacuum(ctx, use); err != nil {
		return err
	}
	return r.fillAll(ctx, use)
}

// vacuumShare is the part of a report's rows, those that were deleted among them, from which on
// it pays to vacuum it.
const vacuumShare = 10

// spareVacuum has no checkpoint of this run vacuum, unless much of a report was deleted. It moves
// rows into one row group less, a third of a million at a time, also where none was deleted and
// threads that filled the table side by side left two groups that are not full.
func (r *run) spareVacuum(ctx context.Context, use *reuse) error {
	for _, report := range dayReports() {
		if !use.holds(report.name) {
			continue
		}
		var rows, gone int64
		row := r.store.db.QueryRowContext(ctx, "SELECT estimated_size, estimated_size - "+
			"(SELECT COUNT(*) FROM published."+report.name+") FROM duckdb_tables() "+
			"WHERE database_name = 'published' AND table_name = ?", report.name)
		if err := row.Scan(&rows, &gone); err != nil || gone*vacuumShare > rows {
			return err
		}
	}
	return r.store.exec(ctx, "SET max_vacuum_tasks = 0")
}

// fillAll inserts what is not taken over of the reports that are held, side by side; but for those
// that memory does not suffice for so, which are filled by and by.
func (r *run) fillAll(ctx context.Context, use *reuse) error {
	all := dayReports()
	filled, ended := make([]bool, len(all)), make([]func() error, len(all))
	for i, report := range all {
		ended[i] = meanwhile(func() (err error) {
			filled[i], err = r.fill(ctx, use, report.name)
			return err
		})
	}
	var errs []error
	for i, report := range all {
		errs = append(errs, ended[i]())
		use.filled[report.name] = filled[i]
	}
	return errors.Join(errs...)
}

// fill inserts what is not taken over of a report, and reports whether it has.
func (r *run) fill(ctx context.Context, use *reuse, report string) (bool, error) {
	if !use.holds(report) {
		return false, nil // it is gathered whole
	}
	var script string
	for _, anew := range use.timesAnew(report) {
		query := fmt.Sprintf("book.workflows_between(%d, %d)", anew.fromUS, anew.toUS)
		if report == "requests" {
			spans, err := r.spans(ctx, anew.fromUS, anew.toUS, r.requestsAtOnce())
			if err != nil || len(spans) > 1 {
				return false, err
			}
			if len(spans) == 0 {
				continue
			}
			query = spans[0].report()
		}
		script += "INSERT INTO published." + report + " SELECT * FROM " + query + ";\n"
	}
	if script == "" {
		return false, nil
	}
	err := r.store.execTogether(ctx, script)
	if err != nil && isOutOfMemory(err) {
		return false, nil
	}
	return err == nil, err
}

// startsWithin is the condition that a row of a report begins in some time.
func startsWithin(fromUS, toUS int64) string {
	return fmt.Sprintf("started_at >= make_timestamp(%d) AND started_at < make_timestamp(%d)",
		fromUS, toUS)
}

// noteHeld is a script that notes what the reports that were just published hold.
func (r *run) noteHeld(ctx context.Context) (string, error) {
	madeWith, err := r.publishedWith(ctx)
	if err != nil {
		return "", err
	}
	script := "DELETE FROM store.kept.report;\nDELETE FROM store.kept.report_day;\n" +
		"DELETE FROM store.kept.told;\n"
	names := []string{databaseName}
	if len(r.days["requests"]) > 0 {
		names = append(names, requestsName, "workflows.parquet")
	}
	manifest, err := readManifest(r.settings.Out)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		seal, err := manifest.sealOf(filepath.Join(r.settings.Out, name))
		if err != nil {
			return "", err
		}
		script += "INSERT INTO store.kept.report VALUES (" + strings.Join([]string{
			literal(folderName(r.settings.Out)), literal(madeWith), literal(name),
			literal(seal)}, ", ") + ");\n"
	}
	if len(names) == 1 {
		return script, nil
	}
	var days []string
	for _, report := range dayReports() {
		for _, day := range r.days[report.name] {
			days = append(days, fmt.Sprintf("('%s', %d, %d)", report.name, day.dayUS, day.groups))
		}
	}
	return script + "INSERT INTO store.kept.report_day VALUES " + strings.Join(days, ", ") +
		";\nINSERT INTO store.kept.told SELECT from_us, to_us, told FROM book.request_told;\n", nil
}

// sealOf gives the seal of a report: the manifest has the hashes of all that is no database.
func (m *Manifest) sealOf(path string) (string, error) {
	for _, output := range m.Outputs {
		if output.Path == filepath.Base(path) {
			return sealWith(path, output.SHA256)
		}
	}
	return sealOf(path)
}

// publishedWith names what decides, beside the rows and what is told of each day, what is
// published of them: more than what decides how they are rated.
func (r *run) publishedWith(ctx context.Context) (string, error) {
	with, err := r.keptWith(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	sum.Write([]byte(with.rated))
	for _, stage := range reports.Stages() {
		sum.Write([]byte(stage.Text))
	}
	for _, report := range reports.Reports() {
		sum.Write([]byte(report.OrderBy + reports.Comment(report.Name)))
	}
	fmt.Fprint(sum, reports.Views(), r.settings.rowsMax())
	return hex.EncodeToString(sum.Sum(nil)), nil
}
