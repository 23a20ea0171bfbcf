package reconcile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// report.duckdb is large, and when a night has little to work out anew most of it is taken over. So
// it is copied while the rows that are touched are found, on one thread: the draft of the new one.
// Whether it is what the store knows is found out of the copy.

// copyStep is how much is copied before a run that is told to stop is.
const copyStep = 32 << 20

// beginDraft begins to copy, if report.duckdb may be taken over.
func (r *run) beginDraft(ctx context.Context) {
	if !r.isHeld() {
		return
	}
	r.drafting = meanwhile(func() error {
		folder := r.settings.buildingFolder()
		if err := makeAnew(folder); err != nil {
			return err
		}
		return copyFile(ctx, filepath.Join(r.settings.Out, databaseName),
			filepath.Join(folder, databaseName))
	})
}

// isDrafted waits for the draft and reports that there is a whole one.
func (r *run) isDrafted() bool { return r.drafting != nil && r.drafting() == nil }

// openEarly takes over what stays of report.duckdb, when it is drafted, beside the stages that no
// large report comes from.
func (r *run) openEarly(ctx context.Context) error {
	if r.touched == nil || !r.isDrafted() {
		return nil
	}
	r.working.RLock()
	defer r.working.RUnlock()
	use, err := r.canReuse(ctx)
	if err != nil || use == nil {
		return err
	}
	err = r.takeOver(ctx, use, filepath.Join(r.settings.buildingFolder(), databaseName))
	if err != nil {
		return fmt.Errorf("publish report.duckdb: %w", err)
	}
	r.opened = use
	return nil
}

func copyFile(ctx context.Context, from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(target, source, copyStep)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err == nil {
		err = target.Sync() // by and by, where the end of a run would wait for all of it
	}
	return errors.Join(err, target.Close())
}
