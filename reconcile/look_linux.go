package reconcile

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// lookOf writes what tells a file from what it was before any change: its size, and when it and
// what is noted of it were changed last, which no program can set back.
func lookOf(info os.FileInfo) (state string, changed time.Time) {
	stat, isThere := info.Sys().(*syscall.Stat_t)
	if !isThere {
		return "", time.Time{}
	}
	changed = time.Unix(stat.Ctim.Unix())
	return fmt.Sprintf("%d %d %d", info.Size(), info.ModTime().UnixNano(), changed.UnixNano()),
		changed
}
