// Package reconcile is the job: it opens the store, loads the inputs, resolves names to prices,
// runs the stages of package sql in order with their checks, and publishes all reports or none.
//
// It promises that a run leaves either whole new reports or the old ones untouched, that the same
// inputs and settings give the same bytes (report.duckdb apart), and that no text from an input
// becomes SQL. It knows no file format and no flag.
package reconcile

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"tieout/pricing"
)

// Settings is what a run is told.
type Settings struct {
	Inputs       []string
	From, To     time.Time // the period, half-open, UTC midnights
	Out          string
	Store        string
	Prices       []string
	Mappings     []string  // mapping files of formats that are not ours
	ToleranceUSD string    // "" takes the configuration's, or the built-in one
	TolerancePct string    // likewise
	AsOf         time.Time // days are judged as they were settled then; zero is now
	Config       *Config   // nil when there is no configuration file
	MaxRejects   RejectLimit
	Exact        bool     // the inputs are the whole set: what else the store holds is dropped
	Require      []string // legs that must have rows
	Threads      int
	TempDir      string // for what does not fit into memory; "" is beside the store
	MemoryBytes  int64  // for the whole process; 0 is a share of the container's or machine's
	Version      string
	Progress     func(Step) // called for one step at a time
	Forced       *ForcedEnd // nil lets a run that is told to stop take its time

	rowGroupRows int64 // the most rows of a Parquet row group; 0 is rowGroupRows
	wordsMax     int64 // the most words of a column; 0 is wordsMax
}

// RejectLimit is how many rejects a run accepts: a number, or a share of the rows read.
type RejectLimit struct {
	Count     int64
	Milli     int64 // thousandths of a percent
	IsPercent bool
	IsSet     bool
}

// exceeded reports whether the rejects among the rows read are more than the limit allows.
func (l RejectLimit) exceeded(rejected, read int64) bool {
	if l.IsPercent {
		return rejected*100_000 > l.Milli*read
	}
	return rejected > l.Count
}

// InputError is input that cannot be used: nothing readable, too many rejects, a leg missing.
type InputError struct {
	Problem, Hint string
}

// Error names what is wrong.
func (e *InputError) Error() string { return e.Problem }

// RefusedError is a run that must not start: the store is in use, or the output is not ours.
type RefusedError struct {
	Problem, Hint string
}

// Error names what is wrong.
func (e *RefusedError) Error() string { return e.Problem }

// SettingError is a setting that makes no sense.
type SettingError struct {
	Problem, Hint string
}

// Error names what is wrong.
func (e *SettingError) Error() string { return e.Problem }

// Run does the whole job and returns what the summary says.
func Run(ctx context.Context, settings Settings) (*Summary, error) {
	book, err := OpenBook(settings.Prices)
	if err != nil {
		return nil, err
	}
	if err := settings.Config.CheckNames(book); err != nil {
		return nil, err
	}
	if len(settings.Mappings) > 0 { // a wrong one is told of before anything is opened
		if _, err := newLoader(settings, 0, nil); err != nil {
			return nil, err
		}
	}
	files, err := findInputs(settings)
	if err != nil {
		return nil, err
	}
	if err := checkOut(settings.Out); err != nil {
		return nil, err
	}
	lock, err := lockOut(settings.Out)
	if err != nil {
		return nil, err
	}
	defer unlock(lock)
	defer settings.limitGo()()
	run := &run{settings: settings, book: book, files: files, asOf: settings.AsOf}
	if run.asOf.IsZero() {
		run.asOf = time.Now()
	}
	if run.store, err = lockStore(settings); err != nil {
		return nil, err
	}
	defer run.store.discard()
	if err := run.openStore(ctx); err != nil {
		return nil, err
	}
	summary, err := run.all(ctx)
	err = settings.outOfMemory(err)
	if err != nil && isCorrupt(err) {
		form := &formError{isBroken: true, problem: "store " + run.store.path + " is damaged: " +
			lastLine(err.Error())}
		if err := run.rebuild(ctx, form); err != nil {
			return nil, err
		}
		summary, err = run.all(ctx)
		err = settings.outOfMemory(err)
	}
	return summary, err
}

// spillFolder is where the database puts what does not fit into memory, for as long as it runs.
func (s Settings) spillFolder() string {
	if s.TempDir != "" {
		return filepath.Join(s.TempDir, filepath.Base(s.Store)+".spill")
	}
	return s.Store + ".spill"
}

// run is one run in progress.
type run struct {
	settings  Settings
	store     *store
	book      *pricing.Book
	files     []inputFile
	asOf      time.Time         // when the days are judged
	kept      madeWith          // what the store keeps, as the run found it
	touched   *touch            // what this run works out anew of matching and rating
	isWhole   bool              // stages that run now work out all of it
	words     map[string]string // types of columns that hold words, while stages make these
	held      *heldReports
	days      map[string][]heldDay // of the reports that were published by the day
	preparing func() error         // waits for what prepare makes, or nil
	settling  func() error         // waits for what settle began, or nil
	opened    *reuse               // what is taken over from the reports in OUT, or nil
	removing  func() error         // waits for the reports of before to be gone, or nil
	drafting  func() error         // waits for the copy of report.duckdb that is being made, or nil
	syncing   func() error         // waits for that copy to be on the disk, or nil
	begun     *begunFile           // of requests.parquet, or nil
	working   sync.RWMutex         // held for writing by a stage that memory did not suffice for
	telling   sync.Mutex
	noting    sync.Mutex // of days
	wording   sync.Mutex // while there are types for words, whose names are the same each time
}

// all brings the store up to the inputs, and the reports up to the store.
func (r *run) all(ctx context.Context) (*Summary, error) {
	defer r.dropBuilding()
	change, err := r.takeIn(ctx)
	if err != nil {
		return nil, err
	}
	if change.isNothing() {
		if summary := r.published(ctx); summary != nil {
			r.say("unchanged", "nothing is new: the reports in "+r.settings.Out+" stay")
			return summary, r.store.leave()
		}
	}
	defer r.settled()
	if err := r.runStages(ctx, change); err != nil {
		return nil, err
	}
	r.say("publish", r.settings.Out)
	var summary *Summary
	err = r.perTouch(ctx, r.touched, func() (err error) {
		summary, err = r.publish(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := r.notePublished(ctx); err != nil {
		return nil, err
	}
	return summary, r.store.leave()
}

// takeIn loads what the store does not hold yet of the inputs.
func (r *run) takeIn(ctx context.Context) (*change, error) {
	if err := r.sweepRows(ctx); err != nil {
		return nil, err
	}
	if err := r.readKept(ctx); err != nil {
		return nil, err
	}
	held, err := r.readHoldings(ctx)
	if err == nil {
		err = r.readBeginnings(ctx, held)
	}
	if err != nil {
		return nil, fmt.Errorf("what the store holds: %w", err)
	}
	plan, err := r.compare(ctx, held)
	if err != nil {
		return nil, err
	}
	r.tell(Step{Name: "load", Detail: fmt.Sprintf("%d files", len(plan.load)),
		Of: int64(len(plan.load))})
	began := time.Now()
	change, err := r.load(ctx, held, plan)
	if err != nil {
		return nil, err
	}
	if err := r.noteLooks(ctx, plan); err != nil {
		return nil, err
	}
	r.store.dropAside()
	r.tell(takenIn(change, began))
	return change, nil
}

// say tells of a step.
func (r *run) say(step, detail string) { r.tell(Step{Name: step, Detail: detail}) }

// tell tells of a step; files are read and stages run several at once.
func (r *run) tell(step Step) {
	if r.settings.Progress != nil {
		r.telling.Lock()
		defer r.telling.Unlock()
		r.settings.Progress(step)
	}
}
