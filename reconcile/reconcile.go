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
	Require      []string // legs that must be there
	Threads      int
	MemoryLimit  string // for the database, as DuckDB writes sizes; "" leaves its default
	Version      string
	Progress     func(step, detail string)
}

// RejectLimit is how many rejects a run accepts: a number, or a share of the rows read.
type RejectLimit struct {
	Count     int64
	Percent   int64
	IsPercent bool
	IsSet     bool
}

// exceeded reports whether the rejects among the rows read are more than the limit allows.
func (l RejectLimit) exceeded(rejected, read int64) bool {
	if l.IsPercent {
		return rejected*100 > l.Percent*read
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
	if _, err := newLoader(settings, nil); err != nil { // before anything is opened
		return nil, err
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
	defer lock.Close()
	store, err := newStore(ctx, settings)
	if err != nil {
		return nil, err
	}
	defer store.discard()
	run := &run{settings: settings, store: store, book: book, files: files}
	summary, err := run.all(ctx)
	if err != nil {
		return nil, err
	}
	return summary, nil
}

// run is one run in progress.
type run struct {
	settings Settings
	store    *store
	book     *pricing.Book
	files    []inputFile
}

func (r *run) all(ctx context.Context) (*Summary, error) {
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	r.say("load", fmt.Sprintf("%d files", len(r.files)))
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	if err := r.runStages(ctx); err != nil {
		return nil, err
	}
	summary, err := r.summarise(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.store.settle(ctx); err != nil {
		return nil, err
	}
	r.say("publish", r.settings.Out)
	if err := r.publish(ctx, summary); err != nil {
		return nil, err
	}
	return summary, r.store.keep()
}

func (r *run) say(step, detail string) {
	if r.settings.Progress != nil {
		r.settings.Progress(step, detail)
	}
}
