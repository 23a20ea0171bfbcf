package reconcile

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	reports "tieout/sql"
)

// Reports with many rows are published a day at a time. A day of which nothing has changed since
// the reports in OUT were made is taken over from them: its row groups as they are, its rows in
// report.duckdb as they stand there. What decides is noted in the schema kept of the store, with
// the prints of the files that it holds for, and forgotten as soon as the store changes.

// heldReports is what the reports in OUT hold, as the store knows it.
type heldReports struct {
	out, madeWith string
	files         map[string]string    // print by name
	days          map[string][]heldDay // by report, in order
}

// heldDay is a day of a report: how many row groups it has, and the hash of what decides them
// beside the rows of the store.
type heldDay struct {
	dayUS, groups int64
	told          string
}

const heldScript = `DROP TABLE IF EXISTS store.kept.published; -- what earlier programs noted
CREATE TABLE IF NOT EXISTS store.kept.report (
	out_folder VARCHAR, made_with VARCHAR, file VARCHAR, print VARCHAR);
CREATE TABLE IF NOT EXISTS store.kept.day (
	report VARCHAR, day_us BIGINT, row_groups BIGINT, told VARCHAR)`

// databaseName is the file that all reports stand in as tables.
const databaseName = "report.duckdb"

// readHeld reads what the reports in OUT hold, before a change makes it out of date.
func (r *run) readHeld(ctx context.Context) (*heldReports, error) {
	if err := r.store.exec(ctx, heldScript); err != nil {
		return nil, fmt.Errorf("what is published: %w", err)
	}
	held := &heldReports{files: map[string]string{}, days: map[string][]heldDay{}}
	err := r.each(ctx, "SELECT out_folder, made_with, file, print FROM store.kept.report",
		func(rows *sql.Rows) error {
			var file, sum string
			err := rows.Scan(&held.out, &held.madeWith, &file, &sum)
			held.files[file] = sum
			return err
		})
	if err == nil {
		err = r.each(ctx, `SELECT report, day_us, row_groups, told FROM store.kept.day
			ORDER BY report, day_us`, func(rows *sql.Rows) error {
			var report string
			var day heldDay
			err := rows.Scan(&report, &day.dayUS, &day.groups, &day.told)
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
	anew map[string]map[int64]bool // by report, the days that are not taken over
}

// canReuse finds out what can be taken over; nil is nothing.
func (r *run) canReuse(ctx context.Context) (*reuse, error) {
	held := r.held
	if r.touched == nil || held == nil || held.out != folderName(r.settings.Out) ||
		len(held.days) == 0 {
		return nil, nil
	}
	if madeWith, err := r.publishedWith(ctx); err != nil || madeWith != held.madeWith {
		return nil, err
	}
	for file, sum := range held.files {
		found, err := printFile(filepath.Join(r.settings.Out, file), r.settings.Threads)
		if err != nil || found.sum != sum {
			return nil, nil
		}
	}
	use := &reuse{held: held, anew: map[string]map[int64]bool{}}
	for _, report := range dayReports() {
		if err := r.compareDays(ctx, use, report); err != nil {
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
	told string // a query: each day, with the hash of what decides it beside the rows
	anew string // a query: the days of rows that are touched
}

func dayReports() []dayReport {
	const dayOf = "epoch_us(CAST(CAST(%s AS DATE) AS TIMESTAMP))"
	return []dayReport{
		{"requests",
			"SELECT " + fmt.Sprintf(dayOf, "day") + ", told FROM book.request_day WHERE day <> ''",
			"SELECT DISTINCT " + fmt.Sprintf(dayOf, "started_day") + " FROM touched.rated"},
		{"workflows", "SELECT 0, '' WHERE FALSE", "SELECT day_us FROM touched.run_day"},
	}
}

// compareDays notes which days of a report are not as they are held.
func (r *run) compareDays(ctx context.Context, use *reuse, report dayReport) error {
	isAnew := map[int64]bool{}
	err := r.each(ctx, report.anew, func(rows *sql.Rows) error {
		var day int64
		err := rows.Scan(&day)
		isAnew[day] = true
		return err
	})
	if err != nil {
		return err
	}
	told, err := r.daysTold(ctx, report)
	if err != nil {
		return err
	}
	for _, day := range use.held.days[report.name] {
		if told[day.dayUS] != day.told {
			isAnew[day.dayUS] = true
		}
		delete(told, day.dayUS)
	}
	for day := range told {
		isAnew[day] = true
	}
	use.anew[report.name] = isAnew
	return nil
}

func (r *run) daysTold(ctx context.Context, report dayReport) (map[int64]string, error) {
	told := map[int64]string{}
	return told, r.each(ctx, report.told, func(rows *sql.Rows) error {
		var day int64
		var text string
		err := rows.Scan(&day, &text)
		told[day] = text
		return err
	})
}

// holds reports that days of a report are taken over.
func (u *reuse) holds(report string) bool { return u != nil && len(u.held.days[report]) > 0 }

// daysAnew are the days of a report that are not taken over, in order.
func (u *reuse) daysAnew(report string) []int64 {
	return slices.Sorted(maps.Keys(u.anew[report]))
}

// groups finds the row groups of a day that is taken over: from which to which in the file in OUT.
func (u *reuse) groups(report string, dayUS int64) (from, to int64, isHeld bool) {
	if !u.holds(report) || u.anew[report][dayUS] {
		return 0, 0, false
	}
	for _, day := range u.held.days[report] {
		if day.dayUS == dayUS {
			return from, from + day.groups, true
		}
		from += day.groups
	}
	return 0, 0, false
}

// takeOver copies report.duckdb and takes all out of it that is made anew.
func (r *run) takeOver(ctx context.Context, use *reuse, database string) error {
	if err := copyFile(filepath.Join(r.settings.Out, databaseName), database); err != nil {
		return err
	}
	if err := r.attach(ctx, database); err != nil {
		return err
	}
	var script string
	err := r.each(ctx, `SELECT 'VIEW', view_name FROM duckdb_views()
		WHERE database_name = 'published' AND NOT internal
		UNION ALL
		SELECT 'TABLE', table_name FROM duckdb_tables() WHERE database_name = 'published'
		ORDER BY 1 DESC`, func(rows *sql.Rows) error {
		var kind, name string
		err := rows.Scan(&kind, &name)
		if !use.holds(name) {
			script += "DROP " + kind + ` published.main."` + name + "\";\n"
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, report := range dayReports() {
		if !use.holds(report.name) {
			continue
		}
		for _, day := range use.daysAnew(report.name) {
			script += fmt.Sprintf("DELETE FROM published.%s WHERE %s;\n", report.name,
				startsWithin(day, day+wholeDay))
		}
	}
	return r.store.exec(ctx, script)
}

// startsWithin is the condition that a row of a report begins in some time.
func startsWithin(fromUS, toUS int64) string {
	return fmt.Sprintf("started_at >= make_timestamp(%d) AND started_at < make_timestamp(%d)",
		fromUS, toUS)
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// noteHeld is a script that notes what the reports that were just published hold.
func (r *run) noteHeld(ctx context.Context) (string, error) {
	madeWith, err := r.publishedWith(ctx)
	if err != nil {
		return "", err
	}
	script := "DELETE FROM store.kept.report;\nDELETE FROM store.kept.day;\n"
	if len(r.days["requests"]) == 0 {
		return script, nil
	}
	for _, name := range []string{databaseName, "requests.parquet", "workflows.parquet"} {
		file, err := printFile(filepath.Join(r.settings.Out, name), r.settings.Threads)
		if err != nil {
			return "", err
		}
		script += "INSERT INTO store.kept.report VALUES (" + strings.Join([]string{
			literal(folderName(r.settings.Out)), literal(madeWith), literal(name),
			literal(file.sum)}, ", ") + ");\n"
	}
	for _, report := range dayReports() {
		told, err := r.daysTold(ctx, report)
		if err != nil {
			return "", err
		}
		for _, day := range r.days[report.name] {
			script += fmt.Sprintf("INSERT INTO store.kept.day VALUES ('%s', %d, %d, '%s');\n",
				report.name, day.dayUS, day.groups, told[day.dayUS])
		}
	}
	return script, nil
}

// publishedWith names what decides, beside the rows and what is told of each day, what is
// published of them: more than what decides how they are rated.
func (r *run) publishedWith(ctx context.Context) (string, error) {
	madeWith, err := r.keptWith(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	sum.Write([]byte(madeWith))
	for _, stage := range reports.Stages() {
		sum.Write([]byte(stage.Text))
	}
	for _, report := range reports.Reports() {
		sum.Write([]byte(report.OrderBy))
	}
	fmt.Fprint(sum, r.settings.rowsMax())
	return hex.EncodeToString(sum.Sum(nil)), nil
}
