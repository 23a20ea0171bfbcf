package main

import (
	"context"
	"errors"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tieout/loaders"
	"tieout/pricing"
	"tieout/reconcile"
)

// runFlags are the flags of tieout run.
type runFlags struct {
	period, from, to           string
	out, store, config         string
	prices, mappings, require  []string
	toleranceUSD, tolerancePct string
	asOf                       string
	isGiven                    func(flag string) bool
	maxRejects                 string
	threads                    int
	memoryLimit, tempDir       string
	logFormat                  string
	quiet, exact               bool
	metrics                    string
	set                        *pflag.FlagSet
	read                       *reconcile.Config // the file of --config
}

func runCommand() command {
	return command{
		name: "run", args: "[flags] INPUT...",
		about: "load the inputs, tie them out, write the reports",
		flags: func(set *pflag.FlagSet) any { return newRunFlags(set) },
		run: func(ctx context.Context, io streams, flags any, args []string) (int, error) {
			return runJob(ctx, io, flags.(*runFlags), args)
		},
	}
}

// newRunFlags declares the flags; sources.go says where else their values come from.
func newRunFlags(set *pflag.FlagSet) *runFlags {
	f := &runFlags{isGiven: set.Changed, set: set}
	set.StringVar(&f.period, "period", "",
		"the month (2026-10) or day (2026-10-05), UTC; or month, last-month, yesterday")
	set.StringVar(&f.from, "from", "", "first day of the period, instead of --period")
	set.StringVar(&f.to, "to", "", "day after the last day of the period")
	set.StringVar(&f.out, "out", "report", "folder for the reports, replaced as a whole")
	set.StringVar(&f.store, "store", "tieout.duckdb", "the job's own DuckDB file")
	set.BoolVar(&f.exact, "exact", false,
		"the inputs are all there is: what else the store holds is dropped")
	set.StringVar(&f.config, "config", "", "settings file (YAML)")
	set.StringArrayVar(&f.prices, "prices", nil,
		"price list that adds to or overrides ours (CSV; may be repeated)")
	set.StringArrayVar(&f.mappings, "mapping", nil,
		"mapping file of a format that is not ours (YAML; may be repeated)")
	set.StringVar(&f.toleranceUSD, "tolerance-usd", reconcile.DefaultToleranceUSD,
		"a difference up to this many USD is no break")
	set.StringVar(&f.tolerancePct, "tolerance-pct", reconcile.DefaultTolerancePct,
		"nor is one up to this percentage of the charge")
	set.StringVar(&f.asOf, "as-of", "",
		"judge days as settled or not at this time (2026-11-03 or RFC 3339; default now)")
	set.StringVar(&f.maxRejects, "max-rejects", "",
		"fail when more rows (20) or a larger share (1%) cannot be read")
	set.StringSliceVar(&f.require, "require", nil,
		"legs of which the inputs must have rows of the period: gateway,trace,provider")
	set.IntVar(&f.threads, "threads", runtime.NumCPU(),
		"threads for loading and for DuckDB")
	set.StringVar(&f.memoryLimit, "memory-limit", "",
		"memory for the whole process, such as 2GB (default 80% of the container's)")
	set.StringVar(&f.tempDir, "temp-dir", "",
		"folder for what does not fit into memory (default beside the store)")
	set.StringVar(&f.logFormat, "log-format", "text", "progress on stderr: text or json")
	set.BoolVar(&f.quiet, "quiet", false, "no progress on stderr")
	set.StringVar(&f.metrics, "metrics", "", "file for the run's metrics, as Prometheus reads them")
	return f
}

func runJob(ctx context.Context, io streams, f *runFlags, args []string) (int, error) {
	measured := newMetrics()
	inputs, _, err := f.gather(args, environment())
	var settings reconcile.Settings
	if err == nil {
		settings, err = f.settings(inputs)
	}
	if err != nil {
		return 0, f.endEarly(ctx, measured, err)
	}
	told, end := func(reconcile.Step) {}, func() {}
	if !f.quiet {
		told, end = watch(io, f)
	}
	settings.Progress = func(step reconcile.Step) {
		measured.note(step)
		told(step)
	}
	settings.Forced = reconcile.ForceEnd(ctx, func() {
		end()
		os.Exit(report(io.err, context.Canceled))
	})
	summary, err := reconcile.Run(ctx, settings)
	end()
	if err == nil {
		screen(io.out, summary, f.out)
	}
	if err := f.measure(ctx, measured, summary, err); err != nil {
		return 0, err
	}
	return verdictCode(summary, nil), nil
}

// endEarly writes the metrics of a run that flags or settings end before it begins, wherever the
// file for them is named.
func (f *runFlags) endEarly(ctx context.Context, m *metrics, err error) error {
	if f.metrics == "" {
		f.metrics = strings.Join(listOf(environment(), envName("metrics")), ",")
	}
	if f.metrics == "" && f.read != nil {
		for _, setting := range f.read.Run {
			if setting.Key == "metrics" {
				f.metrics = strings.Join(setting.Values, "")
			}
		}
	}
	return f.measure(ctx, m, nil, err)
}

// measure writes what --metrics asks for and gives the run's error back.
func (f *runFlags) measure(
	ctx context.Context, m *metrics, summary *reconcile.Summary, err error,
) error {
	if f.metrics == "" {
		return err
	}
	return errors.Join(err, m.write(ctx, f.metrics, f.out, verdictCode(summary, err), summary))
}

// verdictCode is the exit code of a run.
func verdictCode(summary *reconcile.Summary, err error) int {
	switch {
	case err != nil:
		code, _, _ := judge(err)
		return code
	case summary.Verdict == reconcile.VerdictTied, summary.Verdict == reconcile.VerdictEmpty:
		return exitTied
	}
	return exitBreaks
}

// settings checks the flags and turns them into what a run is told.
func (f *runFlags) settings(inputs []string) (reconcile.Settings, error) {
	s := reconcile.Settings{Inputs: inputs, Out: f.out, Store: f.store, Prices: f.prices,
		Mappings: f.mappings, Require: f.require, Threads: f.threads, TempDir: f.tempDir,
		Exact: f.exact, Version: version()}
	var err error
	if s.From, s.To, err = f.span(); err != nil {
		return s, err
	}
	if s.AsOf, err = f.moment(); err != nil {
		return s, err
	}
	s.Config = f.read
	if f.isGiven("tolerance-usd") {
		s.ToleranceUSD = f.toleranceUSD
	}
	if f.isGiven("tolerance-pct") {
		s.TolerancePct = f.tolerancePct
	}
	if s.MaxRejects, err = rejectLimit(f.maxRejects); err != nil {
		return s, err
	}
	if s.MemoryBytes, err = memoryLimit(f.memoryLimit); err != nil {
		return s, err
	}
	return s, f.check()
}

// check holds the flags that stand for themselves to what they may be.
func (f *runFlags) check() error {
	for name, amount := range map[string]string{
		"--tolerance-usd": f.toleranceUSD, "--tolerance-pct": f.tolerancePct,
	} {
		if usd, err := pricing.ParseUSD(amount); err != nil || usd.Sign() < 0 {
			return usage(name+" "+amount+": not a number from 0 up", "write it as 0.01")
		}
	}
	for _, leg := range f.require {
		if leg != loaders.LegGateway && leg != loaders.LegTrace && leg != loaders.LegProvider {
			return usage("--require "+leg+": no such leg", "use gateway, trace or provider")
		}
	}
	if f.logFormat != "text" && f.logFormat != "json" {
		return usage("--log-format "+f.logFormat+": not a format", "use text or json")
	}
	if f.threads < 1 {
		return usage("--threads "+strconv.Itoa(f.threads)+": must be at least 1", "")
	}
	return nil
}

// span reads the period from --period or from --from and --to.
func (f *runFlags) span() (from, to time.Time, err error) {
	if f.period != "" && (f.from != "" || f.to != "") {
		return from, to, usage("--period together with --from or --to", "use one of the two")
	}
	if from, to, isNamed := namedPeriod(f.period, f.now()); isNamed {
		return from, to, nil
	}
	if f.period != "" {
		if from, err = time.Parse("2006-01", f.period); err == nil {
			return from, from.AddDate(0, 1, 0), nil
		}
		if from, err = time.Parse(time.DateOnly, f.period); err == nil {
			return from, from.AddDate(0, 0, 1), nil
		}
		return from, to, usage("--period "+f.period+": not a month or day",
			"write it as 2026-10, 2026-10-05, month, last-month or yesterday")
	}
	if f.from == "" || f.to == "" {
		return from, to, usage("no period", "name it: --period 2026-10, or --from D --to D")
	}
	from, fromErr := time.Parse(time.DateOnly, f.from)
	to, toErr := time.Parse(time.DateOnly, f.to)
	if fromErr != nil || toErr != nil || !from.Before(to) {
		return from, to, usage("--from "+f.from+" --to "+f.to+": not a span of days",
			"write days as 2026-10-05; --to is the day after the last")
	}
	return from, to, nil
}

// namedPeriod knows the periods that a job without a shell names by words. The month is that of
// yesterday, so that the run in the night after a month's last day closes it.
func namedPeriod(word string, now time.Time) (from, to time.Time, isNamed bool) {
	today := now.UTC().Truncate(24 * time.Hour)
	yesterday := today.AddDate(0, 0, -1)
	month := yesterday.AddDate(0, 0, 1-yesterday.Day())
	switch word {
	case "yesterday":
		return yesterday, today, true
	case "month":
		return month, month.AddDate(0, 1, 0), true
	case "last-month":
		return month.AddDate(0, -1, 0), month, true
	}
	return from, to, false
}

// now is --as-of, or the clock.
func (f *runFlags) now() time.Time {
	if at, err := f.moment(); err == nil && !at.IsZero() {
		return at
	}
	return time.Now()
}

// moment reads --as-of; the zero time stands for now.
func (f *runFlags) moment() (time.Time, error) {
	if f.asOf == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(form, f.asOf); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, usage("--as-of "+f.asOf+": not a day or time",
		"write it as 2026-11-03 or 2026-11-03T08:00:00Z")
}

func rejectLimit(text string) (reconcile.RejectLimit, error) {
	limit := reconcile.RejectLimit{IsSet: text != ""}
	if text == "" {
		return limit, nil
	}
	digits, isPercent := strings.CutSuffix(text, "%")
	const all = 100_000 // thousandths of a percent
	most := int64(math.MaxInt64)
	if isPercent {
		whole, part, _ := strings.Cut(digits, ".")
		if len(part) <= 3 {
			digits = whole + (part + "000")[:3]
		}
		most = all
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > most {
		return limit, usage("--max-rejects "+text+": not a number of rows or a share",
			"write it as 20 or 0.5%")
	}
	limit.Count, limit.Milli, limit.IsPercent = n, n, isPercent
	return limit, nil
}

// memoryLimit reads --memory-limit; 0 stands for what the machine allows.
func memoryLimit(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	bytes, err := reconcile.ParseMemory(text)
	if err != nil {
		return 0, usage("--memory-limit "+text+": "+err.Error(), "write it as 2GB or 512MiB")
	}
	if bytes < reconcile.MemoryLimitMin {
		return 0, usage("--memory-limit "+text+": too little to run in", "128MiB is the least")
	}
	return bytes, nil
}

func usage(problem, hint string) error {
	return &reconcile.SettingError{Problem: problem, Hint: hint}
}
