package reconcile

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// stateOf writes what tells a file from what it was before any change: its size, and when it and
// what is noted of it were changed last, which no program can set back. It is "" for a file that
// has just been changed.
func stateOf(info os.FileInfo, now time.Time) string {
	stat, isThere := info.Sys().(*syscall.Stat_t)
	if !isThere {
		return ""
	}
	changed := time.Unix(stat.Ctim.Unix())
	if now.Sub(changed) < settledFor || now.Sub(info.ModTime()) < settledFor {
		return ""
	}
	return fmt.Sprintf("%d %d %d", info.Size(), info.ModTime().UnixNano(), changed.UnixNano())
}
