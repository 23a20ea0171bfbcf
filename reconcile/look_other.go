//go:build !linux

package reconcile

import (
	"os"
	"time"
)

// lookOf knows no file by its look here.
func lookOf(os.FileInfo) (state string, changed time.Time) { return "", time.Time{} }
