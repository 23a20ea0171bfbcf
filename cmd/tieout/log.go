package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"time"

	"tieout/reconcile"
)

// watch tells of a run's steps on stderr: one line that changes on a terminal, a log elsewhere.
func watch(io streams, f *runFlags) func(reconcile.Step) {
	if isTerminal(io) && !f.isGiven("log-format") {
		return newTicker(io).show
	}
	if f.logFormat == "json" {
		return jsonLog(io)
	}
	log := slog.New(slog.NewTextHandler(io.err, nil))
	return func(step reconcile.Step) {
		if step.Name != reconcile.StepReading {
			log.Info(step.Name, "detail", step.Detail)
		}
	}
}

// jsonLog writes one object a step, for machines.
func jsonLog(io streams) func(reconcile.Step) {
	log := slog.New(slog.NewJSONHandler(io.err, nil)).With("run", runID())
	return func(step reconcile.Step) {
		if step.Name == reconcile.StepReading {
			return
		}
		log.Info(step.Name, "step", step.Name, "detail", step.Detail, "rows", step.Rows,
			"bytes", step.Bytes, "ms", step.Took.Milliseconds())
	}
}

// runID tells the lines of one run from those of another. It is in no report.
func runID() string {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

func isTerminal(io streams) bool {
	file, isFile := io.err.(*os.File)
	if !isFile {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// ticker shows a run on one line of a terminal.
type ticker struct {
	io           streams
	began        time.Time
	files, stage int64
}

func newTicker(io streams) *ticker { return &ticker{io: io, began: time.Now()} }

func (t *ticker) show(step reconcile.Step) {
	switch step.Name {
	case reconcile.StepReading:
		t.line(fmt.Sprintf("load  %d files  %d of %d MB  %d rows%s", t.files, step.Bytes>>20,
			step.BytesAll>>20, step.Rows, t.left(step.Bytes, step.BytesAll)))
	case "loaded":
		t.files++
	case "load":
		t.began = time.Now()
	case "stage":
		if t.stage++; t.stage == 1 {
			t.began = time.Now()
		}
		t.line(fmt.Sprintf("stage  %d of %d  %s%s", t.stage, step.Of, step.Detail,
			t.left(t.stage, step.Of)))
	case "report":
		t.line("publish  " + step.Detail)
	case "publish", "unchanged":
		t.line("")
	default:
		t.line("")
		fmt.Fprintln(t.io.err, step.Name+": "+shown(step.Detail))
	}
}

// line replaces what the line says.
func (t *ticker) line(text string) { fmt.Fprint(t.io.err, "\r\x1b[K"+text) }

// left estimates the time that the part in hand still takes, once there is something to go by.
func (t *ticker) left(done, all int64) string {
	spent := time.Since(t.began)
	if done <= 0 || done >= all || spent < 2*time.Second {
		return ""
	}
	left := time.Duration(int64(spent) / done * (all - done)).Round(time.Second)
	return fmt.Sprintf("  about %v left", left)
}
