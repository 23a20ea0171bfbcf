package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	reports "tieout/sql"
)

// lockOut keeps other runs away from OUT, whichever store they have.
func lockOut(out string) (*os.File, error) {
	out = filepath.Clean(out)
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return nil, fmt.Errorf("--out %s: %w", out, err)
	}
	lock, _, err := acquire(out, "--out "+out,
		"wait for that run to end, or give this one its own --out")
	return lock, err
}

// publish writes all reports into a folder beside OUT and then puts it in OUT's place.
func (r *run) publish(ctx context.Context) (summary *Summary, err error) {
	out, building := filepath.Clean(r.settings.Out), r.settings.buildingFolder()
	if !r.isDrafted() {
		if err := makeAnew(building); err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
	}
	summarised := meanwhile(func() (err error) {
		summary, err = r.summarise(ctx)
		return err
	})
	err = r.writeReports(ctx, building)
	if err := errors.Join(err, summarised()); err != nil {
		return nil, err
	}
	if err := r.writeRest(ctx, building, summary); err != nil {
		return nil, err
	}
	if err := exchange(building, out); err != nil {
		return nil, fmt.Errorf("publish %s: %w", out, err)
	}
	r.removing = meanwhile(func() error { return os.RemoveAll(building) })
	return summary, syncPath(filepath.Dir(out))
}

// dropBuilding waits for what goes on beside the run, and removes what the run leaves beside OUT:
// the reports of before, or what nothing came of.
func (r *run) dropBuilding() {
	r.dropBegun()
	for _, wait := range []func() error{r.preparing, r.drafting, r.syncing, r.removing} {
		if wait != nil {
			wait()
		}
	}
	r.preparing, r.drafting, r.syncing, r.removing, r.opened = nil, nil, nil, nil, nil
	os.RemoveAll(r.settings.buildingFolder())
}

// settle begins to write what is in the store's log into its file, beside what reads little of the
// store: each of its tables is locked while it is written.
func (r *run) settle(ctx context.Context) {
	r.settling = meanwhile(func() error { return r.store.settle(ctx) })
}

// settled waits for what settle began.
func (r *run) settled() error {
	if r.settling == nil {
		return nil
	}
	err := r.settling()
	r.settling = nil
	return err
}

// buildingFolder is where reports are written before they take the place of OUT.
func (s Settings) buildingFolder() string { return filepath.Clean(s.Out) + ".building" }

// makeAnew makes an empty folder.
func makeAnew(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.Mkdir(folder, 0o755)
}

// meanwhile does something while the caller goes on; what it gives waits for it to end.
func meanwhile(do func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return sync.OnceValue(func() error { return <-done })
}

// writeReports writes the reports.
func (r *run) writeReports(ctx context.Context, folder string) error {
	if err := r.openReports(ctx, folder); err != nil {
		return err
	}
	r.days = nil
	return errors.Join(r.writeEach(ctx, folder, r.opened), r.dropBegun())
}

// writeRest writes what tells of the reports, and the folder to the disk. No report is read from
// the store any more; so the whole store is written into its file meanwhile.
func (r *run) writeRest(ctx context.Context, folder string, summary *Summary) error {
	if r.settling == nil {
		r.settle(ctx)
	}
	synced := meanwhile(func() error { return syncReports(folder) })
	err := r.describe(ctx, folder, summary)
	err = errors.Join(err, r.settled(), synced())
	if r.syncing != nil {
		err = errors.Join(err, r.syncing()) // the disk tells only once that it failed
	}
	if err != nil {
		return err
	}
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// describe checks what the reports hold and tells of it: in report.duckdb, in the summary, on the
// page and in the manifest.
func (r *run) describe(ctx context.Context, folder string, summary *Summary) error {
	if err := r.complete(ctx, summary); err != nil {
		return err
	}
	closed := meanwhile(func() error { return r.closeReports(ctx) })
	err := writeJSON(filepath.Join(folder, "summary.json"), summary)
	if err == nil {
		err = r.writePage(ctx, folder, summary)
	}
	if err == nil {
		err = r.writeManifest(ctx, folder)
	}
	return errors.Join(err, closed())
}

// openReports begins report.duckdb, with what is taken over from the reports in OUT.
func (r *run) openReports(ctx context.Context, folder string) error {
	if r.opened != nil {
		return nil
	}
	use, err := r.canReuse(ctx)
	if err != nil {
		return err
	}
	database := filepath.Join(folder, databaseName)
	if use != nil {
		err = r.takeOver(ctx, use, database)
	} else if err = errors.Join(r.dropBegun(), os.RemoveAll(database)); err == nil { // of no use
		err = r.attach(ctx, database)
	}
	if err != nil {
		return fmt.Errorf("publish report.duckdb: %w", err)
	}
	r.opened = use
	return nil
}

// complete checks report.duckdb and adds what is no report.
func (r *run) complete(ctx context.Context, summary *Summary) error {
	if err := r.check(ctx, reports.Published()); err != nil {
		return err
	}
	if err := r.addStates(ctx, summary); err != nil {
		return fmt.Errorf("summary: %w", err)
	}
	views := "SET search_path = 'published.main';\n" + reports.Views() + inWork
	if err := r.store.execTogether(ctx, views); err != nil {
		return fmt.Errorf("publish report.duckdb: views: %w", err)
	}
	return nil
}

// closeReports writes the whole of report.duckdb into its file.
func (r *run) closeReports(ctx context.Context) error {
	// DETACH writes out too, and does not say when it fails.
	if err := r.store.exec(ctx, "CHECKPOINT published"); err != nil {
		return fmt.Errorf("publish report.duckdb: %w", err)
	}
	if err := r.store.exec(ctx, "DETACH published"); err != nil {
		return fmt.Errorf("publish report.duckdb: %w", err)
	}
	return nil
}

// writeEach gathers each report in a table of report.duckdb and writes the table as Parquet, in a
// total order: both hold the same rows, and what takes memory to gather is done before sorting.
// When little is touched, each statement runs alone: then two reports are written at once, first
// that of requests, by far the largest, if there is memory for it and others.
func (r *run) writeEach(ctx context.Context, folder string, use *reuse) error {
	isBeside, err := r.canWriteBeside(ctx)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	atOnce := 1
	if isBeside {
		atOnce = 2
		r.settle(ctx) // the largest reports come from tables of report.duckdb
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	line := queue{}
	for _, report := range reports.Reports() {
		line = append(line, job{do: func() error {
			return r.writeReport(ctx, folder, report, use)
		}})
	}
	line.work(atOnce, fail)
	return context.Cause(ctx)
}

// canWriteBeside reports that each statement runs alone, as little is touched or there, while
// there are threads for two, and that the requests of the period take at most half of what there is
// memory for.
func (r *run) canWriteBeside(ctx context.Context) (bool, error) {
	if r.store.idle.Load() < 2 {
		return false, nil
	}
	var requests int64
	err := r.store.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM book.rated").Scan(&requests)
	return requests <= r.requestsAtOnce()/2, err
}

func (r *run) writeReport(
	ctx context.Context, folder string, report reports.Report, use *reuse,
) error {
	began := time.Now()
	if err := r.gather(ctx, report.Name, use); err != nil {
		return fmt.Errorf("publish report.duckdb: %s: %w", report.Name, err)
	}
	if !use.holds(report.Name) { // else they are there
		if err := r.store.execTogether(ctx, reports.Comment(report.Name)); err != nil {
			return fmt.Errorf("publish report.duckdb: comments: %w", err)
		}
	}
	file := filepath.Join(folder, report.Name+".parquet")
	if err := r.writeParquet(ctx, report, file, use); err != nil {
		return fmt.Errorf("publish %s.parquet: %w", report.Name, err)
	}
	r.tell(Step{Name: "report", Detail: report.Name, Took: time.Since(began)})
	return nil
}

func (r *run) attach(ctx context.Context, database string) error {
	return r.store.exec(ctx, "ATTACH "+literal(database)+" AS published")
}

// gather makes a report's table, or fills in the days that are not taken over.
func (r *run) gather(ctx context.Context, name string, use *reuse) error {
	if use.holds(name) {
		if use.filled[name] {
			return nil
		}
		for _, anew := range use.timesAnew(name) {
			if err := r.insertReport(ctx, name, anew.fromUS, anew.toUS); err != nil {
				return err
			}
		}
		return nil
	}
	words, err := r.wordsToFind(ctx, name)
	if err != nil {
		return err
	}
	err = r.withWords(ctx, words, func(types map[string]string) error {
		create, err := r.createLike(ctx, "published."+name, "report."+name, types)
		if err != nil {
			return err
		}
		return r.store.exec(ctx, create)
	})
	if err != nil {
		return err
	}
	return r.insertReport(ctx, name, math.MinInt64, math.MaxInt64)
}

// jsonText is how a value is written for machines.
func jsonText(value any) ([]byte, error) {
	text, err := json.MarshalIndent(value, "", "  ")
	return append(text, '\n'), err
}

func writeJSON(path string, value any) error {
	text, err := jsonText(value)
	if err != nil {
		return fmt.Errorf("publish %s: %w", filepath.Base(path), err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("publish %s: %w", filepath.Base(path), err)
	}
	return nil
}

// syncReports makes the Parquet files durable, which take longest, while other files are written.
func syncReports(folder string) error {
	for _, report := range reports.Reports() {
		if err := syncPath(filepath.Join(folder, report.Name+".parquet")); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	return nil
}

// syncFolder makes the files of a folder durable before the folder takes its place.
func syncFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := syncPath(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return syncPath(folder)
}

func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
