package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"tieout/reconcile"
)

// terminalWidth gives what tells the width of the terminal that something is written to; nil when
// it is none, or one that cannot write over its last line.
func terminalWidth(to io.Writer) func() int {
	file, isFile := to.(*os.File)
	if term := os.Getenv("TERM"); !isFile || term == "" || term == "dumb" {
		return nil
	}
	if _, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ); err != nil {
		return nil
	}
	return func() int {
		size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
		if err != nil || size.Col == 0 {
			return 80
		}
		return int(size.Col)
	}
}

// progressLine shows a run on one line of a terminal, which is gone when the run has ended. What
// the run says beside stays above it.
type progressLine struct {
	to     io.Writer
	width  func() int
	now    func() time.Time
	mu     sync.Mutex
	began  time.Time // of the part in hand
	loaded int64     // files
	of     int64     // files to load
	stage  int64
	hasEnd bool
}

func newProgressLine(to io.Writer, width func() int) *progressLine {
	return &progressLine{to: to, width: width, now: time.Now, began: time.Now()}
}

// show may be called from several goroutines.
func (p *progressLine) show(step reconcile.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hasEnd {
		return
	}
	switch step.Name {
	case reconcile.StepReading:
		p.line(fmt.Sprintf("load  %s  %d of %d MB  %d rows%s", p.files(), step.Bytes/1e6,
			step.BytesAll/1e6, step.Rows, p.left(step.Bytes, step.BytesAll)))
	case "loaded":
		p.loaded++
	case "load":
		p.began, p.of = p.now(), step.Of
		p.line("load  " + p.files())
	case "stage":
		if p.stage++; p.stage == 1 {
			p.began = p.now()
		}
		p.line(fmt.Sprintf("stage  %d of %d  %s%s", p.stage, step.Of, step.Detail,
			p.left(p.stage, step.Of)))
	case "publish":
		p.line("publish")
	case "report":
		p.line("publish  " + step.Detail)
	case "unchanged":
		p.line("")
	default:
		p.line("")
		fmt.Fprintln(p.to, step.Name+": "+shown(step.Detail))
	}
}

// files tells how many of them are loaded; of very many each one is not told of.
func (p *progressLine) files() string {
	if p.loaded == 0 {
		return fmt.Sprintf("%d files", p.of)
	}
	return fmt.Sprintf("%d of %d files", p.loaded, p.of)
}

// end clears the line; nothing is shown afterwards.
func (p *progressLine) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.hasEnd {
		p.line("")
	}
	p.hasEnd = true
}

// line replaces what the line says, cut to the terminal's width: a longer one would wrap and could
// not be written over.
func (p *progressLine) line(text string) {
	if all, width := []rune(text), p.width()-1; len(all) > width {
		text = string(all[:max(width, 0)])
	}
	fmt.Fprint(p.to, "\r\x1b[K"+text)
}

// left estimates the time that the part in hand still takes, once there is something to go by.
func (p *progressLine) left(done, all int64) string {
	spent := p.now().Sub(p.began)
	if done <= 0 || done >= all || spent < 2*time.Second {
		return ""
	}
	left := time.Duration(spent.Milliseconds()*(all-done)/done) * time.Millisecond
	return fmt.Sprintf("  about %v left", left.Round(time.Second))
}
