package reconcile

import (
	"context"
	"os"
	"testing"
)

// TestForcedEnd wants a run that is told to stop, and does not, to remove what is its own: nothing
// before it holds its locks, as that may be another run's.
func TestForcedEnd(t *testing.T) {
	for _, isLocked := range []bool{false, true} {
		settings := settingsIn(t.TempDir())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		settings.Forced = ForceEnd(ctx, func() { close(ended) })
		if isLocked {
			store, err := lockStore(settings)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(store.discard)
		}
		for _, folder := range []string{settings.buildingFolder(), settings.spillFolder()} {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		<-ended
		for _, folder := range []string{settings.buildingFolder(), settings.spillFolder()} {
			if _, err := os.Stat(folder); (err == nil) == isLocked {
				t.Errorf("%s with locks held %v: %v", folder, isLocked, err)
			}
		}
	}
}
