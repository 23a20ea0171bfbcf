package reconcile

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// acquire locks what a run replaces, by a file beside it that names the holder; it gives what that
// file said before. The kernel frees the lock when the process dies, however it dies: what a dead
// holder wrote locks nobody out.
func acquire(path, what, hint string) (lock *os.File, before string, err error) {
	lock, err = os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", what, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		text, _ := os.ReadFile(path + ".lock")
		lock.Close()
		holder, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		return nil, "", &RefusedError{Hint: hint, Problem: what + " is in use by " +
			cmp.Or(holder, "another process")}
	}
	text, err := io.ReadAll(lock)
	if err == nil {
		err = writeOver(lock, holderText())
	}
	if err != nil {
		unlock(lock)
		return nil, "", fmt.Errorf("%s: %w", what, err)
	}
	return lock, string(text), nil
}

// unlock gives a lock back, at once: a process that this one has just started holds the file open,
// and what is not unlocked is locked, until it has become the program that it starts.
func unlock(lock *os.File) {
	syscall.Flock(int(lock.Fd()), syscall.LOCK_UN)
	lock.Close()
}

// writeOver writes a file anew.
func writeOver(file *os.File, text string) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(text), 0)
	return err
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
