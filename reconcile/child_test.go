package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/marcboeker/go-duckdb"
)

// childVariable holds, in a process that a test starts, the run to do as JSON.
const childVariable = "TIEOUT_TEST_RUN"

// childRun is a run that a process of its own does, under limits that must not touch the test.
type childRun struct {
	Dir          string // where its reports and store are
	Inputs       []string
	FileBytesMax uint64 // the longest file that it may write, 0 for no limit
	FullAt       string // the step from which that holds, "" for the whole run
	KillAt       string // the step at which it kills itself, "" for none
	MemoryBytes  int64  // the limit of its memory, 0 for the default
	TempDir      string // where it spills
	RowGroupRows int64  // the most rows of a Parquet row group, 0 for the default
	Tells        bool   // it prints each step
	Holds        bool   // it only opens the store, as an analyst would, until its input ends
	Settles      bool   // it only adds to the store, and settles it under the limit and without
}

// Exit codes of a child.
const (
	childRan    = 0
	childFailed = 4
	childBroken = 99 // it could not even try
)

// child does the run and prints its error.
func child(asked string) int {
	var run childRun
	if err := json.Unmarshal([]byte(asked), &run); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childBroken
	}
	if run.FullAt == "" && !run.Settles {
		run.fillDisk()
	}
	settings := settingsIn(run.Dir, run.Inputs...)
	settings.Progress = func(told Step) {
		step := told.Name
		if run.Tells {
			fmt.Println(step, told.Detail)
		}
		if step == run.FullAt {
			run.fillDisk()
		}
		if step == run.KillAt {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}
	settings.MemoryBytes, settings.TempDir = run.MemoryBytes, run.TempDir
	settings.rowGroupRows = run.RowGroupRows
	if run.Holds {
		return hold(settings.Store)
	}
	if run.Settles {
		return settleTwice(settings)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	settings.Forced = ForceEnd(ctx, func() { os.Exit(childFailed) })
	if _, err := Run(ctx, settings); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childFailed
	}
	if run.MemoryBytes > 0 {
		status, _ := os.ReadFile("/proc/self/status")
		os.Stdout.Write(status)
	}
	return childRan
}

// hold opens a store for writing and keeps it open.
func hold(store string) int {
	connector, err := duckdb.NewConnector(store, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childBroken
	}
	defer connector.Close()
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return childRan
}

// settleTwice adds rows to a store, fails to settle it on a full disk, and closes it when there is
// room again.
func settleTwice(settings Settings) int {
	ctx := context.Background()
	s, err := newStore(ctx, settings)
	if err == nil {
		err = s.exec(ctx, addToMany)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childBroken
	}
	info, err := os.Stat(s.path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childBroken
	}
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before)
	full := syscall.Rlimit{Cur: uint64(info.Size()), Max: before.Max}
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full)
	err = s.settle(ctx)
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)
	s.discard()
	if err == nil {
		return childRan
	}
	fmt.Fprintln(os.Stderr, err)
	return childFailed
}

// start begins a run in a process of its own.
func (r childRun) start(t *testing.T) *exec.Cmd {
	t.Helper()
	asked, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), childVariable+"="+string(asked))
	return command
}

// fillDisk lets no file grow beyond the limit.
func (r childRun) fillDisk() {
	if r.FileBytesMax == 0 {
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // a full disk gives an error and no signal
	limit := syscall.Rlimit{Cur: r.FileBytesMax, Max: r.FileBytesMax}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(childBroken)
	}
}

// runInChild does a run in a process of its own and returns its exit code and what it said.
func runInChild(t *testing.T, run childRun) (code int, said string) {
	t.Helper()
	command := run.start(t)
	output, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), string(output) + command.ProcessState.String()
}
