//go:build bench

package reconcile

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/marcboeker/go-duckdb"

	"tieout/fixtures"
)

// What the environment may ask of TestAgainstScript.
const (
	rowsVariable    = "BENCH_ROWS"    // requests of the month
	timesVariable   = "BENCH_TIMES"   // runs of each side
	growthVariable  = "BENCH_GROWTH"  // how many times smaller a month is that is measured before
	analystVariable = "BENCH_ANALYST" // the analyst's script, instead of ours
	readmeVariable  = "BENCH_README"  // a README whose section on performance is written anew
)

// TestAgainstScript makes a month, runs tieout and the analyst's script on it in turn, each in a
// process of its own, and compares them. Every run of tieout must come to the truth of the month.
func TestAgainstScript(t *testing.T) {
	if folder := os.Getenv(scriptVariable); folder != "" {
		runScript(t, folder)
		return
	}
	b := newSpeedTest(t, asked(t, rowsVariable, 1_000_000))
	if times := asked(t, growthVariable, 1); times > 1 {
		b.measureSmaller(b.rows / times)
	}
	for i := range b.times {
		t.Logf("%d of %d", i+1, b.times)
		// Breaks are what the month is made of.
		b.tieout = append(b.tieout, b.timed(b.tieoutCommand(), 1))
		b.checkTruth()
		b.bounded = append(b.bounded, b.timed(b.tieoutCommand("--memory-limit", b.bound()), 1))
		b.checkTruth()
		if !b.isAlone {
			b.script = append(b.script, b.timed(b.scriptCommand(), 0))
		}
	}
	table := b.table()
	t.Log("\n" + table)
	if path := os.Getenv(readmeVariable); path != "" {
		writeSection(t, path, table)
	}
}

// speedTest is a month and what was measured on it.
type speedTest struct {
	t              *testing.T
	rows, times    int
	isAlone        bool // without the script: for months that it takes too long for
	dir, binary    string
	bytes          [2]int64 // of the gateway's rows and of the traces
	truth          fixtures.Truth
	tieout, script []measure
	bounded        []measure // tieout with a memory limit
	smallerRows    int
	smaller        []measure // tieout with that limit, on a month of so many requests
}

// smallerTimes is how often a smaller month is run: it takes little time, and decides the growth.
const smallerTimes = 3

// measureSmaller runs tieout on a smaller month with the memory that this month must do with.
func (b *speedTest) measureSmaller(rows int) {
	small := newSpeedTest(b.t, rows)
	for range smallerTimes {
		command := small.tieoutCommand("--memory-limit", b.bound())
		b.smaller = append(b.smaller, small.timed(command, 1))
		small.checkTruth()
	}
	b.smallerRows = rows
}

// bound is the memory that a month of this size must do with.
func (b *speedTest) bound() string {
	if b.rows > 1_000_000 {
		return "4GiB"
	}
	return "2GiB"
}

// measure is what one process took.
type measure struct {
	wall, cpu time.Duration
	rssKB     int64
}

func newSpeedTest(t *testing.T, rows int) *speedTest {
	t.Helper()
	b := &speedTest{t: t, rows: rows,
		times: asked(t, timesVariable, 3), isAlone: os.Getenv(analystVariable) == "none",
		dir: t.TempDir()}
	b.binary = filepath.Join(b.dir, "tieout")
	build := exec.Command("go", "build", "-o", b.binary, "./cmd/tieout")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var err error
	b.truth, err = fixtures.Generate(b.dir, fixtures.Plan{Requests: b.rows, Seed: 7, IsPlain: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, link := range [][2]string{{"gateway/litellm-2026-10.jsonl", "spend.jsonl"},
		{"traces/otlp-2026-10.jsonl", "traces.jsonl"},
		{"provider/openai_completions_usage_2026-10.csv", "usage.csv"}} {
		info, err := os.Stat(filepath.Join(b.dir, link[0]))
		if err != nil {
			t.Fatal(err)
		}
		if i < len(b.bytes) {
			b.bytes[i] = info.Size()
		}
		if err := os.MkdirAll(filepath.Join(b.dir, "script"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(b.dir, link[0]),
			filepath.Join(b.dir, "script", link[1])); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(b.dir, "script", "prices.csv"), []byte(scriptPrices))
	return b
}

// scriptPrices are the prices of the month's models as the script wants them.
const scriptPrices = `model,token_type,usd_per_million
gpt-5-2025-08-07,input,1.2
gpt-5-2025-08-07,cache_read,0.12
gpt-5-2025-08-07,cache_write,0
gpt-5-2025-08-07,output,9.6
gpt-5-mini-2025-08-07,input,0.25
gpt-5-mini-2025-08-07,cache_read,0.025
gpt-5-mini-2025-08-07,cache_write,0
gpt-5-mini-2025-08-07,output,2
gpt-4o-mini-2024-07-18,input,0.15
gpt-4o-mini-2024-07-18,cache_read,0.075
gpt-4o-mini-2024-07-18,cache_write,0
gpt-4o-mini-2024-07-18,output,0.6
claude-sonnet-5,input,2
claude-sonnet-5,cache_read,0.2
claude-sonnet-5,cache_write,2.5
claude-sonnet-5,output,10
`

func asked(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return value
}

// tieoutCommand is the whole job on a store that does not exist yet.
func (b *speedTest) tieoutCommand(more ...string) *exec.Cmd {
	for _, old := range []string{"store.duckdb", "report"} {
		if err := os.RemoveAll(filepath.Join(b.dir, old)); err != nil {
			b.t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(b.dir, name) }
	args := append([]string{"run", "--quiet", "--period", "2026-10", "--as-of", "2026-12-01",
		"--prices", in(b.truth.Prices), "--store", in("store.duckdb"), "--out", in("report"),
		in("gateway"), in("traces"), in("provider")}, more...)
	return exec.Command(b.binary, args...)
}

func (b *speedTest) scriptCommand() *exec.Cmd {
	command := exec.Command(os.Args[0], "-test.run", "^TestAgainstScript$")
	command.Dir = "reconcile"
	command.Env = append(os.Environ(), scriptVariable+"="+filepath.Join(b.dir, "script"))
	return command
}

// timed runs a command to its end.
func (b *speedTest) timed(command *exec.Cmd, wantCode int) measure {
	b.t.Helper()
	began := time.Now()
	said, err := command.CombinedOutput()
	wall := time.Since(began)
	if code := command.ProcessState.ExitCode(); code != wantCode {
		b.t.Fatalf("%v: %v\n%s", command.Args, err, said)
	}
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	return measure{wall: wall, rssKB: usage.Maxrss,
		cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
}

// checkTruth holds the reports of the last run to the truth of the month, to the last digit.
func (b *speedTest) checkTruth() {
	b.t.Helper()
	settings := Settings{Out: filepath.Join(b.dir, "report")}
	var summary Summary
	text := readFile(b.t, filepath.Join(settings.Out, "summary.json"))
	if err := json.Unmarshal(text, &summary); err != nil {
		b.t.Fatal(err)
	}
	checkTruth(b.t, outcome{&summary, settings, openParquet(b.t, settings.Out)}, b.truth)
}

// table shows both sides: the median of all runs.
func (b *speedTest) table() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s requests: %d MB of LiteLLM JSON lines, %d MB of OTLP JSON. %s, "+
		"%d cores, %s, median of %d.\n\n", grouped(b.rows), b.bytes[0]>>20, b.bytes[1]>>20,
		processor(), runtime.NumCPU(), time.Now().UTC().Format(time.DateOnly), b.times)
	out.WriteString("| | wall | CPU | peak RSS |\n| --- | ---: | ---: | ---: |\n")
	line := func(name string, of []measure) {
		m := median(of)
		fmt.Fprintf(&out, "| %s | %.1f s | %.1f s | %d MiB |\n", name, m.wall.Seconds(),
			m.cpu.Seconds(), m.rssKB>>10)
	}
	line("`tieout run`", b.tieout)
	line("`tieout run --memory-limit "+b.bound()+"`", b.bounded)
	if len(b.smaller) > 0 {
		line("the same of "+grouped(b.smallerRows)+" requests", b.smaller)
		large, small := median(b.bounded), median(b.smaller)
		fmt.Fprintf(&out, "| growth with that limit | %.2f | %.2f | %.2f |\n",
			large.wall.Seconds()/small.wall.Seconds(), large.cpu.Seconds()/small.cpu.Seconds(),
			float64(large.rssKB)/float64(small.rssKB))
	}
	if len(b.script) == 0 {
		return out.String()
	}
	line("the script", b.script)
	ours, theirs := median(b.tieout), median(b.script)
	fmt.Fprintf(&out, "| ratio | %.2f | %.2f | %.2f |\n",
		ours.wall.Seconds()/theirs.wall.Seconds(), ours.cpu.Seconds()/theirs.cpu.Seconds(),
		float64(ours.rssKB)/float64(theirs.rssKB))
	return out.String()
}

func median(of []measure) measure {
	mid := func(value func(measure) int64) int64 {
		values := make([]int64, len(of))
		for i, m := range of {
			values[i] = value(m)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return measure{
		wall:  time.Duration(mid(func(m measure) int64 { return int64(m.wall) })),
		cpu:   time.Duration(mid(func(m measure) int64 { return int64(m.cpu) })),
		rssKB: mid(func(m measure) int64 { return m.rssKB })}
}

// grouped writes a number with a comma between thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// processor names the processor, as Linux tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(line, ":"); found &&
			strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// runScript is the analyst's side: the script, statement by statement, in a DuckDB file.
func runScript(t *testing.T, folder string) {
	t.Helper()
	path := os.Getenv(analystVariable)
	if path == "" {
		path = "fixtures/analyst.sql"
	}
	file := filepath.Join(folder, "analyst.duckdb")
	if err := os.RemoveAll(file); err != nil {
		t.Fatal(err)
	}
	connector, err := duckdb.NewConnector(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	script := strings.ReplaceAll(string(readFile(t, path)), "DIR", folder)
	if _, err := db.ExecContext(context.Background(), script); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := connector.Close(); err != nil {
		t.Fatal(err)
	}
}

// writeSection puts the table between the marks of a README.
func writeSection(t *testing.T, path, table string) {
	t.Helper()
	const from, to = "<!-- measured by make bench -->\n", "<!-- end of measured -->"
	text := string(readFile(t, path))
	before, rest, hasFrom := strings.Cut(text, from)
	_, after, hasTo := strings.Cut(rest, to)
	if !hasFrom || !hasTo {
		t.Fatalf("%s has no place for what is measured", path)
	}
	writeFile(t, path, []byte(before+from+"\n"+table+"\n"+to+after))
}
