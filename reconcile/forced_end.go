package reconcile

import (
	"context"
	"os"
	"sync"
	"time"
)

// patience is how long a run that is told to stop may take to do so.
const patience = 2 * time.Second

// ForcedEnd ends the process when a run that is told to stop does not come to its end in time, as
// the database may not while it writes to a slow disk. Nothing is lost, since a run may die at any
// moment; what it would leave beside its reports and its store is removed first.
type ForcedEnd struct {
	sync.Mutex
	leaves []string // what is this run's own for as long as it holds its locks
}

// ForceEnd waits for the context to end, and some more, and then calls exit.
func ForceEnd(ctx context.Context, exit func()) *ForcedEnd {
	f := &ForcedEnd{}
	context.AfterFunc(ctx, func() {
		time.Sleep(patience)
		f.Lock()
		defer f.Unlock()
		for _, path := range f.leaves {
			os.RemoveAll(path)
		}
		exit()
	})
	return f
}

// owns says what to remove: nothing before the run holds its locks, and nothing after, as it may
// be another run's.
func (f *ForcedEnd) owns(paths ...string) {
	if f != nil {
		f.Lock()
		defer f.Unlock()
		f.leaves = paths
	}
}
