package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets a script start the program as tieout.
func TestMain(m *testing.M) {
	flag.Bool("update", false, "write what the scripts compare with anew")
	testscript.Main(m, map[string]func(){"tieout": main})
}

// TestScripts holds the command line to its scripts: what a user types, reads and gets as exit
// code. Each begins in a folder with the files of testdata/input and the fixture month as month.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       flag.Lookup("update").Value.String() == "true",
		Setup:               layInputs,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "jsonlines": jsonLines, "interrupt": interrupt,
		},
	})
}

// layInputs puts the inputs into a script's folder.
func layInputs(env *testscript.Env) error {
	month, err := filepath.Abs(root + "/fixtures/2026-10")
	if err != nil {
		return err
	}
	return errors.Join(os.CopyFS(env.WorkDir, os.DirFS("testdata/input")),
		os.Symlink(month, filepath.Join(env.WorkDir, "month")))
}

// exits CODE PROGRAM ARGS... runs a program and wants that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exited *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exited) {
		code = exited.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// jsonlines FILE... wants files of at least one line, each line a JSON object with a message.
func jsonLines(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := strings.TrimSuffix(ts.ReadFile(name), "\n")
		for _, line := range strings.Split(text, "\n") {
			var entry struct{ Time, Level, Msg string }
			if err := json.Unmarshal([]byte(line), &entry); err != nil || neg {
				ts.Fatalf("%s: %q is no JSON object: %v", name, line, err)
			}
			if entry.Time == "" || entry.Level == "" || entry.Msg == "" {
				ts.Fatalf("%s: %q lacks time, level or msg", name, line)
			}
		}
	}
}

// interrupt SIGNAL STEP CODE ARGS... runs tieout, sends it the signal when its log tells of the
// step, and wants the exit code. Its standard error is left in the file interrupted.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT}
	if neg || len(args) < 4 || signals[args[0]] == nil {
		ts.Fatalf("usage: interrupt TERM|INT STEP CODE ARGS...")
	}
	command := exec.Command("tieout", args[3:]...)
	command.Dir = ts.Getenv("WORK")
	errs, err := command.StderrPipe()
	ts.Check(err)
	ts.Check(command.Start())
	var said bytes.Buffer
	for lines := bufio.NewScanner(errs); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "msg="+args[1]+" ") {
			ts.Check(command.Process.Signal(signals[args[0]]))
		}
	}
	_ = command.Wait() // the exit code is what counts
	ts.Check(os.WriteFile(ts.MkAbs("interrupted"), said.Bytes(), 0o644))
	if code := command.ProcessState.ExitCode(); strconv.Itoa(code) != args[2] {
		ts.Fatalf("exit code %d, want %s:\n%s", code, args[2], said.String())
	}
}
