package reconcile

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"tieout/fixtures"
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
		case <-time.After(5 * time.Millisecond):
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
// random moments, while a reader polls the reports and new files arrive. Each time some were
// killed a run comes to its end, and gives the bytes of a run from nothing.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	kills := 200
	switch {
	case os.Getenv(soakVariable) != "":
		kills = 3000
	case testing.Short():
		kills = 20
	}
	chance := rand.New(rand.NewPCG(9, 2026))
	dir, source := t.TempDir(), t.TempDir()
	if _, err := fixtures.Generate(source, fixtures.Plan{Requests: 300, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	plan := smallArrivals(t, source, 10, chance)
	run := childRun{Dir: dir, Inputs: []string{filepath.Join(dir, "in")}}
	var reading sync.WaitGroup
	stop := make(chan struct{})
	polled := 0
	reading.Add(1)
	go func() {
		defer reading.Done()
		polled = poll(t, filepath.Join(dir, "report"), stop)
	}()
	whole, killed, ended, slowest := 2*time.Second, 0, 0, time.Duration(0)
	for round := 0; killed < kills && !t.Failed(); round++ {
		for _, d := range plan[round%len(plan)] {
			name := fmt.Sprintf("%d-%s", round/len(plan), d.name)
			writeFile(t, filepath.Join(dir, "in", filepath.Base(name)), []byte(d.text))
		}
		for range max(kills/10, 1) {
			took, wasKilled := killAfter(t, run, time.Duration(chance.Int64N(int64(whole))),
				chance.IntN(5) == 0)
			if slowest = max(slowest, took); wasKilled {
				killed++
			} else {
				ended++
			}
		}
		began := time.Now()
		settings := settingsIn(dir, run.Inputs...)
		done := runWith(t, settings)
		whole = time.Since(began)
		if round%3 == 0 || killed >= kills {
			sameReports(t, runOf(t, run.Inputs...), done)
			nothingElse(t, dir, "in")
		}
	}
	close(stop)
	reading.Wait()
	if polled < 10 {
		t.Errorf("the reader found reports only %d times", polled)
	}
	t.Logf("%d killed, %d had ended, slowest end after SIGTERM %v, %d reads", killed, ended,
		slowest, polled)
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
					filepath.Base(path)), piece})
			}
		}
	}
	return plan
}

// killAfter starts a run and kills it; a run that is told to end must do so within five seconds.
func killAfter(
	t *testing.T, run childRun, after time.Duration, isTold bool,
) (took time.Duration, wasKilled bool) {
	t.Helper()
	command := run.start(t)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	signal := syscall.SIGKILL
	if isTold {
		signal = syscall.SIGTERM
	}
	told := time.Now()
	_ = command.Process.Signal(signal)
	_ = command.Wait()
	code := command.ProcessState.ExitCode()
	if !isTold {
		return 0, code == -1
	}
	took = time.Since(told)
	if took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if code != childFailed && code != childRan && code != -1 {
		t.Errorf("told to end, exit %d", code)
	}
	return took, code != childRan
}
