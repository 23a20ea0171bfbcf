package reconcile

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tieout/fixtures"
	reports "tieout/sql"
)

// wholeReports reads the reports as somebody does who opens the folder once: all that the manifest
// lists is there with the hash that it gives. It reports whether it found any.
func wholeReports(out string) (bool, error) {
	folder, err := os.OpenRoot(out)
	if err != nil {
		return false, nil // none yet
	}
	defer folder.Close()
	err = checkFolder(folder)
	if errors.Is(err, fs.ErrNotExist) && !isSameFolder(folder, out) {
		return false, nil // replaced by newer reports and cleared away while we read
	}
	return err == nil, err
}

func isSameFolder(folder *os.Root, out string) bool {
	held, err := folder.Stat(".")
	now, errNow := os.Stat(out)
	return err == nil && errNow == nil && os.SameFile(held, now)
}

func checkFolder(folder *os.Root) error {
	text, err := readIn(folder, manifestName)
	if err != nil {
		return err
	}
	var manifest Manifest
	if err := json.Unmarshal(text, &manifest); err != nil {
		return err
	}
	if len(manifest.Outputs) < 10 {
		return fmt.Errorf("the manifest lists only %d outputs", len(manifest.Outputs))
	}
	for _, output := range manifest.Outputs {
		text, err := readIn(folder, output.Path)
		if err != nil {
			return err
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(text)); sum != output.SHA256 {
			return fmt.Errorf("%s is not what the manifest says", output.Path)
		}
	}
	return nil
}

func readIn(folder *os.Root, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// poll reads the reports until it is told to stop, and returns how often they were whole.
func poll(t *testing.T, out string, stop <-chan struct{}) int {
	times := 0
	for {
		select {
		case <-stop:
			return times
		case <-time.After(20 * time.Millisecond):
		}
		isThere, err := wholeReports(out)
		if err != nil {
			t.Errorf("a reader found the reports broken: %v", err)
			return times
		}
		if isThere {
			times++
		}
	}
}

// TestKilledAtAnyMoment kills runs of their own process, most by SIGKILL and some by SIGTERM, at
// random moments of every phase, while a reader polls the reports and new files arrive. Each time
// some were killed a run comes to its end, and gives the bytes of a run from nothing.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	const lanes = 2
	kills := 200
	switch {
	case os.Getenv(soakVariable) != "":
		kills = 3000
	case testing.Short():
		kills = 20
	}
	source := t.TempDir()
	if _, err := fixtures.Generate(source, fixtures.Plan{Requests: 300, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	all := make([]*lane, lanes)
	t.Run("lanes", func(t *testing.T) {
		for i := range all {
			all[i] = &lane{chance: rand.New(rand.NewPCG(9, uint64(i))), kills: kills / lanes,
				died: map[phase]int{}}
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				all[i].run(t, source)
			})
		}
	})
	if t.Failed() || testing.Short() {
		return
	}
	for p := range phases {
		died := 0
		for _, l := range all {
			died += l.died[p]
		}
		if died < 5 {
			t.Errorf("only %d were killed in phase %d", died, p)
		}
	}
}

// phase is a part of a run, in order.
type phase int

const (
	opening    phase = iota // the store, until files are loaded
	loading                 // until the stages begin
	deriving                // the stages
	publishing              // until the last report is written
	ending                  // manifest, rename, the store's last words
	phases
)

// phaseAfter is the phase that a run is in when it has told of a step.
func phaseAfter(step string) (phase, bool) {
	name, detail, _ := strings.Cut(strings.TrimSpace(step), " ")
	switch {
	case name == "load" || name == "loaded" || name == "takein":
		return loading, true
	case name == "stage":
		return deriving, true
	case name == "publish" || name == "report" && detail != lastReport():
		return publishing, true
	case name == "report":
		return ending, true
	}
	return opening, false
}

func lastReport() string { return reports.Reports()[len(reports.Reports())-1].Name }

// lane is one store whose runs are killed again and again.
type lane struct {
	chance *rand.Rand
	kills  int
	edges  [phases + 1]time.Duration // when each phase began in the last whole run, and its end
	died   map[phase]int
}

func (l *lane) run(t *testing.T, source string) {
	dir := t.TempDir()
	plan := smallArrivals(t, source, 5, l.chance)
	run := childRun{Dir: dir, Inputs: []string{filepath.Join(dir, "in")}, Tells: true}
	stop, polled := make(chan struct{}), make(chan int)
	go func() { polled <- poll(t, filepath.Join(dir, "report"), stop) }()
	killed, ended, slowest := 0, 0, time.Duration(0)
	for round := 0; killed < l.kills && !t.Failed(); round++ {
		for _, d := range plan[round%len(plan)] {
			name := fmt.Sprintf("%d-%s", round/len(plan), d.name)
			writeFile(t, filepath.Join(dir, "in", filepath.Base(name)), []byte(d.text))
		}
		for n := 0; n < max(l.kills/5, 1) && killed < l.kills; n++ {
			took, wasKilled := l.killOne(t, run)
			if slowest = max(slowest, took); wasKilled {
				killed++
			} else {
				ended++
			}
		}
		if code := l.watch(t, run.start(t), opening, func() {}); code != childRan {
			t.Errorf("after %d kills a run ends with %d", killed, code)
		}
		if round%3 == 0 || killed >= l.kills {
			done := outcome{settings: settingsIn(dir, run.Inputs...)}
			sameReports(t, runOf(t, run.Inputs...), done)
			nothingElse(t, dir, "in")
		}
	}
	close(stop)
	times := <-polled
	if times < 10 {
		t.Errorf("the reader found reports only %d times", times)
	}
	t.Logf("%d killed (by phase %v), %d had ended, slowest end after SIGTERM %v, %d reads", killed,
		l.died, ended, slowest, times)
}

// moment picks when to kill: a phase first, so that the short ones have their share, and how long
// after that has begun.
func (l *lane) moment() (phase, time.Duration) {
	// Early ones cost less time, and what they leave is the store's.
	p := [...]phase{opening, opening, loading, loading, loading, loading, loading, deriving,
		publishing, ending}[l.chance.IntN(10)]
	usual := max(l.edges[p+1]-l.edges[p], time.Millisecond)
	return p, time.Duration(l.chance.Int64N(int64(usual)))
}

// killOne starts a run and kills it; a run that is told to end must do so within five seconds.
func (l *lane) killOne(t *testing.T, run childRun) (took time.Duration, wasKilled bool) {
	t.Helper()
	how := syscall.SIGKILL
	if l.chance.IntN(5) == 0 {
		how = syscall.SIGTERM
	}
	command := run.start(t)
	told := make(chan time.Time, 1)
	in, after := l.moment()
	code := l.watch(t, command, in, func() {
		time.Sleep(after)
		told <- time.Now()
		_ = command.Process.Signal(how)
	})
	select {
	case at := <-told:
		took = time.Since(at)
	default: // it had ended
	}
	switch {
	case code == -1 || code == childRan:
	case how == syscall.SIGKILL || code != childFailed:
		t.Errorf("it ended with %d, by itself or after %v", code, how)
	case took > 5*time.Second:
		t.Errorf("it took %v to end", took)
	}
	return took, code != childRan
}

// watch starts a process, does something to it as soon as it is in a phase, and waits for its end;
// it notes the phases that it tells of.
func (l *lane) watch(t *testing.T, command *exec.Cmd, in phase, do func()) (code int) {
	t.Helper()
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	began := time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var edges [phases + 1]time.Duration
	at, isDone := opening, false
	for steps := bufio.NewScanner(output); ; {
		if at >= in && !isDone {
			isDone = true
			go do()
		}
		if !steps.Scan() {
			break
		}
		if next, isKnown := phaseAfter(steps.Text()); isKnown && next > at {
			at, edges[next] = next, time.Since(began)
		}
	}
	_ = command.Wait()
	if code = command.ProcessState.ExitCode(); code == childRan {
		edges[phases] = time.Since(began)
		l.edges = edges
	} else {
		l.died[at]++
	}
	return code
}

// smallArrivals deals a generated month out to rounds.
func smallArrivals(t *testing.T, source string, rounds int, chance *rand.Rand) [][]drop {
	t.Helper()
	plan := make([][]drop, rounds)
	for _, leg := range []string{"gateway", "traces", "provider"} {
		for _, path := range files(t, filepath.Join(source, leg)) {
			for n, piece := range parts(t, path, 1+chance.IntN(rounds), chance) {
				round := chance.IntN(rounds)
				if n == 0 {
					round = 0
				}
				plan[round] = append(plan[round], drop{fmt.Sprintf("%02d-%s.txt", n,
					filepath.Base(path)), piece, ""})
			}
		}
	}
	return plan
}
