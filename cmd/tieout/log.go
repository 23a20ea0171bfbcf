package main

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"

	"tieout/reconcile"
)

// watch tells of a run's steps on stderr: one line that changes on a terminal, a log elsewhere; end
// is for the end of the run, before anything else is said.
func watch(io streams, f *runFlags) (tell func(reconcile.Step), end func()) {
	if width := terminalWidth(io.err); width != nil && !f.isGiven("log-format") {
		line := newProgressLine(io.err, width)
		return line.show, line.end
	}
	if f.logFormat == "json" {
		return jsonLog(io), func() {}
	}
	log := slog.New(slog.NewTextHandler(io.err, nil))
	return func(step reconcile.Step) {
		if step.Name != reconcile.StepReading {
			log.Info(step.Name, "detail", step.Detail)
		}
	}, func() {}
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
