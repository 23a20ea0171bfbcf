package reconcile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// exchange puts the folder building in the place of out; where out exists both are swapped in one
// step, so that a reader sees the old reports or the new ones and nothing between.
func exchange(building, out string) error {
	err := os.Rename(building, out)
	if err == nil {
		return nil
	}
	if _, missing := os.Stat(out); missing != nil {
		return err
	}
	err = unix.Renameat2(unix.AT_FDCWD, building, unix.AT_FDCWD, out, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return replace(building, out) // a file system that cannot swap
	}
	return err
}
