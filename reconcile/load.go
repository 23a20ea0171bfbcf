package reconcile

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/marcboeker/go-duckdb"

	"tieout/loaders"
)

// loaded is what became of one input file.
type loaded struct {
	file   inputFile
	result loaders.Result
}

// newLoader knows our formats and those of the mapping files that the settings name.
func newLoader(settings Settings, emit loaders.Emit) (*loaders.Loader, error) {
	loader, err := loaders.NewLoader(loaders.Options{Threads: settings.Threads,
		Mappings: settings.Mappings}, emit)
	var wrong *loaders.MappingError
	if errors.As(err, &wrong) {
		return nil, &SettingError{Problem: wrong.Error(),
			Hint: "tieout formats --mapping " + wrong.Path + " lists all that is wrong"}
	}
	return loader, err
}

// load reads all inputs into raw, several files at once.
func (r *run) load(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	in := newIntake(ctx, fail, r.store)
	loader, err := newLoader(r.settings, in.emit)
	if err != nil {
		return err
	}
	results := make([]loaded, len(r.files))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(max(r.settings.Threads, 1), len(r.files)) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := int(next.Add(1)) - 1; i < len(r.files) && ctx.Err() == nil; {
				result, err := r.loadFile(ctx, r.files[i], loader)
				if err != nil {
					fail(err)
				}
				results[i] = loaded{r.files[i], result}
				i = int(next.Add(1)) - 1
			}
		}()
	}
	workers.Wait()
	if ctx.Err() == nil {
		if err := loader.Close(); err != nil {
			fail(err)
		}
	}
	in.close()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := checkPages(results); err != nil {
		return err
	}
	if err := r.record(ctx, results); err != nil {
		return err
	}
	return r.judgeInput(ctx, results)
}

// manyFiles is from how many files on the files that a folder holds are told of in one line.
const manyFiles = 200

// loadFile reads one file. A file that a folder merely contains and that resembles no format is
// listed and passed over; all else that cannot be read is an error.
func (r *run) loadFile(
	ctx context.Context, file inputFile, loader *loaders.Loader,
) (loaders.Result, error) {
	result, err := loader.Load(ctx, file.path, file.id)
	var unusable *loaders.FileError
	if errors.As(err, &unusable) {
		if file.found && !unusable.Resembles && strings.HasPrefix(unusable.Problem, "not a known") {
			r.say("skip", unusable.Error())
			return loaders.Result{Format: "unrecognised", Why: unusable.Problem}, nil
		}
		return result, &InputError{Problem: unusable.Error(), Hint: unusable.Hint}
	}
	if err != nil {
		return result, fmt.Errorf("load %s: %w", file.path, err)
	}
	if !file.found || len(r.files) < manyFiles {
		r.say("loaded",
			fmt.Sprintf("%s: %s, %d rows", file.path, result.Format, result.Loaded))
	}
	return result, nil
}

// record fills raw.source_file.
func (r *run) record(ctx context.Context, results []loaded) error {
	conn, err := r.store.connector.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	appender, err := duckdb.NewAppenderFromConn(conn, "raw", "source_file")
	if err != nil {
		return fmt.Errorf("record the files: %w", err)
	}
	for _, l := range results {
		res := l.result
		err := appender.AppendRow(l.file.id, l.file.path, res.SHA256, res.Bytes, res.Format,
			res.Leg, res.Why, res.Read, res.Loaded, res.Rejected, res.Ignored,
			res.RoundedAmounts, nullable(res.FirstUS), nullable(res.LastUS))
		if err != nil {
			return errors.Join(fmt.Errorf("record %s: %w", l.file.path, err), appender.Close())
		}
	}
	return appender.Close()
}

func nullable(count loaders.Count) driver.Value {
	if !count.Known {
		return nil
	}
	return count.N
}

// judgeInput decides whether what was loaded can be tied out at all.
func (r *run) judgeInput(ctx context.Context, results []loaded) error {
	var read, delivered, rejected int64
	legs := map[string]bool{}
	for _, l := range results {
		read += l.result.Read
		delivered += l.result.Loaded
		rejected += l.result.Rejected
		if l.result.Loaded > 0 || l.result.Format != "unrecognised" {
			legs[l.result.Leg] = true
		}
	}
	if r.settings.MaxRejects.IsSet && r.settings.MaxRejects.exceeded(rejected, read) {
		return &InputError{Problem: fmt.Sprintf("%d of %d rows were rejected, more than the limit",
			rejected, read), Hint: r.firstRejects(ctx)}
	}
	if delivered == 0 {
		return &InputError{Problem: fmt.Sprintf("nothing readable: %d files, %d rows, %d rejected",
			len(results), read, rejected), Hint: r.firstRejects(ctx)}
	}
	for _, leg := range r.settings.Require {
		if !legs[leg] {
			return &InputError{
				Problem: "no " + leg + " file among the inputs, and --require asks for one",
				Hint:    "add the export, or drop " + leg + " from --require"}
		}
	}
	return nil
}

// firstRejects names some rejects for a hint.
func (r *run) firstRejects(ctx context.Context) string {
	rows, err := r.store.db.QueryContext(ctx, `SELECT f.path, r.line, r.reason
		FROM raw.reject AS r INNER JOIN raw.source_file AS f ON r.file_id = f.file_id
		ORDER BY r.file_id, r.line LIMIT 3`)
	if err != nil {
		return ""
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var path, reason string
		var line int64
		if rows.Scan(&path, &line, &reason) == nil {
			lines = append(lines, fmt.Sprintf("%s:%d: %s", path, line, reason))
		}
	}
	if len(lines) == 0 {
		return "tieout formats lists what can be read"
	}
	return "the first: " + strings.Join(lines, "; ")
}

// checkPages holds paged exports to their own counts: every page of an export must be there.
func checkPages(results []loaded) error {
	type export struct{ total, pages, size int64 }
	numbers := map[export][]int64{}
	paths := map[export]string{}
	for _, l := range results {
		for _, page := range l.result.Pages {
			key := export{page.Total, page.TotalPages, page.Size}
			numbers[key] = append(numbers[key], page.Number)
			paths[key] = page.Path
		}
	}
	for key, have := range numbers {
		var missing []string
		for number := int64(1); number <= key.pages; number++ {
			if !slices.Contains(have, number) {
				missing = append(missing, fmt.Sprint(number))
			}
		}
		if len(missing) > 0 {
			return &InputError{
				Problem: fmt.Sprintf("%s: the export has %d pages of %d rows in all, and page %s "+
					"is not among the inputs", paths[key], key.pages, key.total,
					strings.Join(missing, ", ")),
				Hint: "export all pages of a window that has ended"}
		}
	}
	return nil
}
