package reconcile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// report.duckdb is large, and when a night has little to work out anew most of it is taken over. So
// it is copied as soon as the files are read, while what they hold is put in its place on one
// thread: the draft of the new one. Whether it is what the store knows is found out of the copy.

// copyStep is how much is copied before a run that is told to stop is.
const copyStep = 32 << 20

// beginDraft begins to copy, if report.duckdb may be taken over.
func (r *run) beginDraft(ctx context.Context) {
	if !r.isHeld() || !r.store.isAsLeft {
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

// syncDraft begins to make the draft durable, which the end of the run would wait for. What is
// loaded is by then: a disk that is busy with the draft has kept that waiting.
func (r *run) syncDraft() {
	r.syncing = meanwhile(func() error {
		if !r.isDrafted() {
			return nil
		}
		return syncPath(filepath.Join(r.settings.buildingFolder(), databaseName))
	})
}

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
	// The most of it, which closing waits for otherwise.
	if err := r.store.exec(ctx, "CHECKPOINT published"); err != nil {
		return fmt.Errorf("publish report.duckdb: %w", err)
	}
	r.opened = use
	return nil
}

// begunFile is the begin of requests.parquet, the largest of the others: the row groups of the days
// before the first that a change touches.
type begunFile struct {
	join   *parquetJoin
	groups int64
	copied func() error
}

// beginRequests begins to copy these row groups, while what is touched is summed on one thread.
// That they are taken over is found out later, as for all days.
func (r *run) beginRequests(ctx context.Context, t *touch) error {
	if t == nil || r.drafting == nil {
		return nil
	}
	var firstUS sql.NullInt64
	row := r.store.db.QueryRowContext(ctx, "SELECT MIN(minute_us) FROM touched.rated")
	if err := row.Scan(&firstUS); err != nil {
		return err
	}
	begun := &begunFile{}
	for _, day := range r.held.days["requests"] {
		if firstUS.Valid && day.dayUS >= dayOf(firstUS.Int64) {
			break
		}
		begun.groups += day.groups
	}
	if begun.groups == 0 {
		return nil
	}
	r.begun = begun
	begun.copied = meanwhile(func() (err error) {
		if !r.isDrafted() {
			return errors.New("no folder for it")
		}
		begun.join, err = beginJoin(r.begunPath())
		if err == nil {
			err = begun.join.add(parquetPart{filepath.Join(r.settings.Out, requestsName), 0,
				int(begun.groups)})
		}
		if err == nil {
			err = begun.join.to.Sync()
		}
		return err
	})
	return nil
}

func (r *run) begunPath() string {
	return filepath.Join(r.settings.buildingFolder(), requestsName+".begun")
}

// join joins a report's parts, behind those that were copied before.
func (r *run) join(file string, parts []parquetPart) error {
	if filepath.Base(file) != requestsName || r.begun == nil {
		return joinParquet(file, parts)
	}
	first, groups := &parts[0], int(r.begun.groups)
	isHeld := first.path == filepath.Join(r.settings.Out, requestsName) && first.from == 0
	if r.begun.copied() != nil || !isHeld || first.to < groups {
		return errors.Join(r.dropBegun(), joinParquet(file, parts))
	}
	if first.from = groups; first.from == first.to {
		parts = parts[1:]
	}
	begun := r.begun.join
	r.begun = nil
	return begun.finish(file, parts)
}

// dropBegun removes what was copied and not taken.
func (r *run) dropBegun() error {
	if r.begun == nil {
		return nil
	}
	r.begun.copied()
	begun := r.begun.join
	r.begun = nil
	if begun == nil {
		return nil
	}
	return begun.drop()
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
	return errors.Join(err, target.Close())
}
