package reconcile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tieout/loaders"
)

// loadedFile is an input that was loaded and what became of it.
type loadedFile struct {
	*given
	content *content
	result  loaders.Result
}

// unrecognised stands as the format of a file that resembles none.
const unrecognised = "unrecognised"

// newLoader knows our formats and those of the mapping files that the settings name.
func newLoader(
	settings Settings, lastKind int64, emit loaders.Emit,
) (*loaders.Loader, error) {
	loader, err := loaders.NewLoader(loaders.Options{Threads: settings.Threads,
		LastKind: lastKind, Mappings: settings.Mappings}, emit)
	var wrong *loaders.MappingError
	if errors.As(err, &wrong) {
		return nil, &SettingError{Problem: wrong.Error(),
			Hint: "tieout formats --mapping " + wrong.Path + " lists all that is wrong"}
	}
	return loader, err
}

// load reads the inputs that the store does not hold into raw and records them, all or none.
func (r *run) load(ctx context.Context, h *holdings, plan *intent) (*change, error) {
	added := r.announce(h, plan)
	if err := r.noteLoading(ctx, added); err != nil {
		return nil, err
	}
	beginners := plan.beginners(h)
	// Each insert on one thread: what several gather beyond their whole row groups goes through the
	// write-ahead log before it is written to where it stays.
	err := r.store.alone(ctx, func() error { return r.loadFiles(ctx, added, beginners) })
	if err != nil {
		return nil, err
	}
	for _, l := range added {
		if l.given.sha256 != "" && l.given.sha256 != l.result.SHA256 {
			return nil, changed(l.path)
		}
		l.given.sha256 = l.result.SHA256
		l.content.take(l.result)
		if h.contents[l.given.sha256] == nil { // else it is loaded anew
			l.noteGrown(l.result.Hashes)
		}
	}
	added, err = r.dropRepeats(ctx, added)
	if err != nil {
		return nil, err
	}
	change := changeOf(h, plan, added, r.settings.Exact)
	if err := checkPages(h, change); err != nil {
		return nil, err
	}
	if err := r.judgeInput(ctx, plan, change); err != nil {
		return nil, err
	}
	return change, r.record(ctx, change)
}

// dropRepeats takes out the files whose content another file has brought too: the first counts.
func (r *run) dropRepeats(ctx context.Context, added []*loadedFile) ([]*loadedFile, error) {
	seen := make(map[string]bool, len(added))
	var kept []*loadedFile
	var repeats []int64
	for _, l := range added {
		if seen[l.content.sha256] {
			repeats = append(repeats, l.content.stored)
			continue
		}
		seen[l.content.sha256] = true
		kept = append(kept, l)
	}
	if len(repeats) == 0 {
		return added, nil
	}
	return kept, r.store.inTransaction(ctx, func(conn *sql.Conn) error {
		for _, table := range rawTables() {
			_, err := conn.ExecContext(ctx, "DELETE FROM raw."+table+" WHERE file_id IN ("+
				idList(repeats)+")")
			if err != nil {
				return fmt.Errorf("take out repeated files: raw.%s: %w", table, err)
			}
		}
		return dropUnusedKinds(ctx, conn)
	})
}

// announce gives the files to load their ids.
func (r *run) announce(h *holdings, plan *intent) []*loadedFile {
	first := firstPaths(h.deliveries)
	added := make([]*loadedFile, len(plan.load))
	all, loadedWith := slices.Collect(maps.Values(h.contents)), r.loadedWith()
	for i, g := range plan.load {
		path := g.path
		if known, isKnown := first[g.sha256]; isKnown && known < path {
			path = known
		}
		added[i] = &loadedFile{given: g, content: &content{path: path, sha256: g.sha256,
			loadedWith: loadedWith}}
		all = append(all, added[i].content)
	}
	number(all)
	for _, l := range added {
		l.content.stored = l.content.id
	}
	return added
}

// take fills in what loading found.
func (c *content) take(result loaders.Result) {
	c.sha256, c.bytes, c.format, c.leg = result.SHA256, result.Bytes, result.Format, result.Leg
	c.read, c.delivered, c.rejected = result.Read, result.Loaded, result.Rejected
	c.ignored = result.Ignored
	c.first = sql.NullInt64{Int64: result.FirstUS.N, Valid: result.FirstUS.Known}
	c.last = sql.NullInt64{Int64: result.LastUS.N, Valid: result.LastUS.Known}
}

// loadFiles reads several files at once.
func (r *run) loadFiles(
	ctx context.Context, files []*loadedFile, beginners map[int64][]*content,
) error {
	reading, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	in, err := newIntake(reading, fail, r.store)
	if err != nil {
		return err
	}
	loader, err := newLoader(r.settings, in.lastKind(), in.emit)
	if err != nil {
		return err
	}
	defer r.tellReading(loader, files)()
	// One more than there are threads: while one file is opened, another is read.
	err = inParallel(reading, r.settings.Threads+1, files, func(l *loadedFile) error {
		var err error
		l.result, err = r.loadFile(reading, l.given, l.content.id, loader, beginners)
		if err == nil && !l.isReadAtOnce() && l.isChanged() {
			err = changed(l.path)
		}
		return err
	})
	if err == nil {
		err = loader.Close()
	}
	if err != nil {
		fail(err)
	} else if len(files) > 0 {
		r.beginDraft(ctx)
		r.preparing = meanwhile(func() error { return r.prepare(ctx) })
	}
	in.close()
	return context.Cause(reading)
}

// tellReading tells every now and then how far reading is, until it is stopped.
func (r *run) tellReading(loader *loaders.Loader, files []*loadedFile) (stop func()) {
	var all int64
	for _, l := range files {
		all += l.size
	}
	ticks, done := time.NewTicker(500*time.Millisecond), make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticks.C:
				bytes, rows := loader.SoFar()
				r.tell(Step{Name: StepReading, Bytes: bytes, BytesAll: all, Rows: rows})
			}
		}
	}()
	return func() {
		ticks.Stop()
		close(done)
	}
}

// manyFiles is from how many files on the files that a folder holds are told of in one line.
const manyFiles = 200

// loadFile reads one file. A file that a folder merely contains and that resembles no format is
// listed and passed over; all else that cannot be read is an error.
func (r *run) loadFile(
	ctx context.Context, file *given, id int64, loader *loaders.Loader,
	beginners map[int64][]*content,
) (loaders.Result, error) {
	began := time.Now()
	marks := func(first []byte) []int64 { return file.marks(first, beginners) }
	result, err := loader.LoadFirst(ctx, file.path, file.size, id, marks)
	var unusable *loaders.FileError
	if errors.As(err, &unusable) {
		if file.found && !unusable.Resembles && strings.HasPrefix(unusable.Problem, "not a known") {
			r.say("skip", unusable.Error())
			if err := file.hash(ctx, file.before); err != nil {
				return result, err
			}
			return loaders.Result{Format: unrecognised, Why: unusable.Problem,
				SHA256: file.sha256, Bytes: file.size}, nil
		}
		return result, &InputError{Problem: unusable.Error(), Hint: unusable.Hint}
	}
	if err != nil {
		return result, fmt.Errorf("load %s: %w", file.path, err)
	}
	if !file.found || len(r.files) < manyFiles {
		r.tell(Step{Name: "loaded", Rows: result.Loaded, Bytes: result.Bytes,
			Took: time.Since(began), Detail: fmt.Sprintf("%s: %s, %d rows", file.path,
				result.Format, result.Loaded)})
	}
	return result, nil
}

// judgeInput decides whether the files, those of former runs too, can be tied out at all. The
// limit of rejects is for the files that are named, whichever run loaded them.
func (r *run) judgeInput(ctx context.Context, plan *intent, change *change) error {
	var read, delivered, rejected, ignored int64
	isGiven := map[string]bool{}
	for _, g := range plan.given {
		isGiven[g.sha256] = true
	}
	var named []*content
	paths := map[int64]string{} // of the files that are named
	for _, c := range change.contents {
		delivered += c.delivered
		ignored += c.ignored
		if isGiven[c.sha256] {
			read += c.read
			rejected += c.rejected
			named = append(named, c)
			paths[c.stored] = c.path
		}
	}
	for _, l := range change.add {
		paths[l.content.stored] = l.path
	}
	if r.settings.MaxRejects.IsSet && r.settings.MaxRejects.exceeded(rejected, read) {
		return &InputError{Problem: fmt.Sprintf("%d of %d rows were rejected, more than the limit",
			rejected, read), Hint: r.firstRejects(ctx, paths)}
	}
	if delivered == 0 {
		problem := fmt.Sprintf("nothing readable: %d files, %d rows, %d rejected",
			len(change.contents), read, rejected)
		if ignored > 0 {
			problem += fmt.Sprintf(", %d passed over that hold no call and no bill", ignored)
		}
		return &InputError{Problem: problem, Hint: r.firstRejects(ctx, paths)}
	}
	return r.judgeLegs(ctx, named)
}

// judgeLegs holds the files that are named to the legs that --require asks for: each must have
// rows of the period, whichever run loaded them.
func (r *run) judgeLegs(ctx context.Context, named []*content) error {
	if len(r.settings.Require) == 0 {
		return nil
	}
	ofPeriod, err := r.filesOfPeriod(ctx)
	if err != nil {
		return fmt.Errorf("files of the period: %w", err)
	}
	for _, leg := range r.settings.Require {
		problem := "no " + leg + " file among the inputs, and --require asks for one"
		isMissing := true
		for _, c := range named {
			switch {
			case c.leg != leg:
			case ofPeriod[c.stored]:
				isMissing = false
			case c.delivered > 0:
				problem = "no row of the period in the " + leg +
					" files that are named, and --require asks for them"
			default:
				problem = "no row in the " + leg + " files, and --require asks for them"
			}
		}
		if isMissing {
			return &InputError{Problem: problem,
				Hint: "add the export, or drop " + leg + " from --require"}
		}
	}
	return nil
}

// filesOfPeriod are the files with a row of the period.
func (r *run) filesOfPeriod(ctx context.Context) (map[int64]bool, error) {
	found := map[int64]bool{}
	return found, r.each(ctx, fmt.Sprintf(`
		WITH record AS (
			SELECT file_id, started_us AS from_us, started_us AS to_us FROM raw.request_row
			UNION ALL SELECT file_id, started_us, started_us FROM raw.span_row
			UNION ALL SELECT file_id, bucket_from_us, bucket_to_us FROM raw.usage
			UNION ALL SELECT file_id, bucket_from_us, bucket_to_us FROM raw.bill
		)
		SELECT DISTINCT file_id FROM record
		WHERE from_us < %[2]d AND (from_us >= %[1]d OR to_us > %[1]d)`,
		r.settings.From.UnixMicro(), r.settings.To.UnixMicro()), func(rows *sql.Rows) error {
		var file int64
		err := rows.Scan(&file)
		found[file] = true
		return err
	})
}

// firstRejects names some rejects of files for a hint.
func (r *run) firstRejects(ctx context.Context, paths map[int64]string) string {
	var lines []string
	err := r.each(ctx, `SELECT file_id, line, reason FROM raw.reject WHERE file_id IN (`+
		idList(append(slices.Collect(maps.Keys(paths)), 0))+`)
		ORDER BY file_id, line LIMIT 3`, func(rows *sql.Rows) error {
		var file, line int64
		var reason string
		err := rows.Scan(&file, &line, &reason)
		lines = append(lines, fmt.Sprintf("%s:%d: %s", paths[file], line, reason))
		return err
	})
	if err != nil || len(lines) == 0 {
		return "tieout formats lists what can be read"
	}
	return "the first: " + strings.Join(lines, "; ")
}

// checkPages holds paged exports to their own counts: every page of an export must be there.
func checkPages(h *holdings, change *change) error {
	type export struct{ total, pages, size int64 }
	numbers, paths := map[export][]int64{}, map[export]string{}
	add := func(path string, p page) {
		key := export{p.total, p.pages, p.size}
		numbers[key] = append(numbers[key], p.number)
		if paths[key] == "" || path < paths[key] {
			paths[key] = path
		}
	}
	for _, l := range change.add {
		for _, p := range l.result.Pages {
			add(p.Path, page{p.Total, p.TotalPages, p.Size, p.Number})
		}
	}
	for _, c := range change.contents {
		for _, p := range h.pages[c.stored] {
			add(c.path, p)
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
