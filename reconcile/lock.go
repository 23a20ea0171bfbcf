package reconcile

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// acquire locks what a run replaces, by a file beside it that holds the number of the process.
// The kernel frees the lock when the process dies, however it dies.
func acquire(path, what, hint string) (*os.File, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(path + ".lock")
		lock.Close()
		return nil, &RefusedError{
			Problem: what + " is in use by process " + strings.TrimSpace(string(holder)),
			Hint:    hint}
	}
	if err := lock.Truncate(0); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if _, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return lock, nil
}
