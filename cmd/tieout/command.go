package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

// The voice: results go to stdout, talk to stderr. An error is one line "error: what went wrong",
// in lower case, without a full stop, and a line "hint: what to try next" where there is one.

// Exit codes. Schedulers act on them, so they never change their meaning.
const (
	exitTied    = 0 // all ties out
	exitBreaks  = 1 // breaks were found; the reports are written
	exitUsage   = 2 // flags or configuration make no sense
	exitInput   = 3 // the input cannot be used
	exitFailed  = 4 // it failed while running
	exitRefused = 5 // it refused to run: the store is in use, the output is not ours
)

// streams are where a command writes.
type streams struct{ out, err io.Writer }

// command is one subcommand.
type command struct {
	name, args, about string
	flags             func(*pflag.FlagSet) any
	run               func(ctx context.Context, io streams, flags any, args []string) (int, error)
}

func commands() []command {
	return []command{
		runCommand(), explainCommand(), disputeCommand(), auditCommand(),
		rateCommand(), pricesCommand(),
		sqlCommand(), configCommand(), formatsCommand(), versionCommand(),
	}
}

// dispatch runs the command that the arguments name and returns the exit code.
func dispatch(ctx context.Context, args []string, io streams) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		overview(io.out)
		if len(args) == 0 {
			return exitUsage
		}
		return exitTied
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.start(ctx, args[1:], io)
		}
	}
	return report(io.err, &reconcile.SettingError{Problem: "no command " + args[0],
		Hint: "tieout help lists the commands"})
}

func overview(out io.Writer) {
	fmt.Fprint(out, "tieout ties out AI spend: what the gateway claims, what the prices say, "+
		"what the provider bills.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(out, "  tieout %-32s %s\n", strings.TrimSpace(c.name+" "+c.args), c.about)
	}
	fmt.Fprint(out, "\n  tieout COMMAND --help shows a command's flags.\n"+
		"  Exit codes: 0 tied, 1 breaks found, 2 usage, 3 input unusable, 4 failed, 5 refused.\n")
}

func (c command) start(ctx context.Context, args []string, io streams) int {
	set := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	set.SortFlags = false
	set.SetOutput(io.err)
	set.Usage = func() {
		fmt.Fprintf(io.out, "tieout %s %s\n%s\n\n%s", c.name, c.args, c.about, set.FlagUsages())
	}
	values := c.flags(set)
	switch err := set.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return exitTied
	case err != nil:
		err = usage(err.Error(), "tieout "+c.name+" --help shows the flags")
		if f, isRun := values.(*runFlags); isRun && c.name == "run" {
			err = f.endEarly(ctx, newMetrics(), err)
		}
		return report(io.err, err)
	}
	code, err := c.run(ctx, io, values, set.Args())
	if err != nil {
		return report(io.err, err)
	}
	return code
}

// judge gives the exit code that an error stands for, a hint, and the error as it is to be said.
func judge(err error) (code int, hint string, said error) {
	code = exitFailed
	var setting *reconcile.SettingError
	var input *reconcile.InputError
	var refused *reconcile.RefusedError
	var memory *reconcile.MemoryError
	switch {
	case errors.As(err, &memory):
		hint = memory.Hint
	case errors.As(err, &setting):
		code, hint = exitUsage, setting.Hint
	case errors.As(err, &input):
		code, hint = exitInput, input.Hint
	case errors.As(err, &refused):
		code, hint = exitRefused, refused.Hint
	case errors.Is(err, context.Canceled):
		err, hint = errors.New("stopped before the end"), "nothing was published; run it again"
	case isFull(err):
		hint = "make room there and run it again; the reports that were there are whole"
	case errors.Is(err, fs.ErrPermission):
		hint = "let the user that runs it write there, or name another place"
	}
	return code, hint, err
}

// isFull reports a disk without room. The database tells of it in words alone.
func isFull(err error) bool {
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT} {
		if errors.Is(err, full) || strings.Contains(strings.ToLower(err.Error()), full.Error()) {
			return true
		}
	}
	return false
}

// report writes an error with its hint and returns the exit code that it stands for.
func report(to io.Writer, err error) int {
	code, hint, err := judge(err)
	fmt.Fprintln(to, "error: "+plainLines(err.Error()))
	if hint != "" {
		fmt.Fprintln(to, "hint: "+plainLines(hint))
	}
	return code
}

// plainLines keeps what data could tell a terminal to do from it; lines stay lines.
func plainLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n")
	for i, line := range lines {
		lines[i] = reconcile.Printable(line)
	}
	return strings.Join(lines, "\n")
}
