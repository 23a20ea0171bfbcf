package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"tieout/reconcile"
)

// TestJudge holds errors to their exit codes, and those that a user can do something about to a
// hint.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code int
		hint string
	}{
		{&reconcile.SettingError{Hint: "write it as 1"}, exitUsage, "write it as 1"},
		{fmt.Errorf("a: %w", &reconcile.InputError{Hint: "name it"}), exitInput, "name it"},
		{&reconcile.RefusedError{Hint: "wait"}, exitRefused, "wait"},
		{&reconcile.MemoryError{Hint: "more"}, exitFailed, "more"},
		{context.Canceled, exitFailed, "run it again"},
		{errors.New("Could not write \"s\": No space left on device"), exitFailed, "make room"},
		{&fs.PathError{Op: "write", Path: "s", Err: syscall.EDQUOT}, exitFailed, "make room"},
		{&fs.PathError{Op: "open", Path: "s", Err: syscall.EACCES}, exitFailed, "let the user"},
		{errors.New("an invariant is broken"), exitFailed, ""},
	} {
		code, hint, _ := judge(c.err)
		if code != c.code || !strings.Contains(hint, c.hint) || (hint == "") != (c.hint == "") {
			t.Errorf("%v: exit %d, hint %q", c.err, code, hint)
		}
	}
}
