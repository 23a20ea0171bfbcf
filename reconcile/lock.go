package reconcile

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// acquire locks what a run replaces, by a file beside it that names the holder. The kernel frees
// the lock when the process dies, however it dies: what a dead holder wrote locks nobody out.
func acquire(path, what, hint string) (*os.File, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(path + ".lock")
		lock.Close()
		return nil, &RefusedError{Hint: hint, Problem: what + " is in use by " +
			cmp.Or(strings.TrimSpace(string(holder)), "another process")}
	}
	if err := lock.Truncate(0); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if _, err := lock.WriteAt([]byte(holderText()), 0); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return lock, nil
}

// holderText names this process for one that finds the lock taken.
func holderText() string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host,
		time.Now().UTC().Format(time.RFC3339))
}
