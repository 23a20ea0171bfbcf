package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

// auditFlags are the flags of tieout audit.
type auditFlags struct {
	out, gateway      string
	least, leastUSD   []string
	request, response string
	json              bool
}

func auditCommand() command {
	return command{
		name: "audit", args: "[flags]",
		about: "show which of the five signals requests carry, what is at risk, and what to do",
		flags: func(set *pflag.FlagSet) any {
			f := &auditFlags{}
			set.StringVar(&f.out, "out", "report", "folder of the reports")
			set.StringVar(&f.gateway, "gateway", "", "look at this gateway alone")
			set.StringSliceVar(&f.least, "min", nil,
				"exit 1 when fewer requests carry a signal: request_id=95%,tenant=99.5%")
			set.StringSliceVar(&f.leastUSD, "min-usd", nil,
				"exit 1 when less of the USD carries a signal: tenant=99%")
			set.StringVar(&f.request, "request", "",
				"judge one example instead: its request, as HTTP text or JSON")
			set.StringVar(&f.response, "response", "", "and its response")
			set.BoolVar(&f.json, "json", false, "write JSON")
			return f
		},
		run: func(ctx context.Context, io streams, flags any, args []string) (int, error) {
			f := flags.(*auditFlags)
			if len(args) > 0 {
				return 0, usage("audit takes no "+args[0], "name the reports with --out")
			}
			if f.request != "" || f.response != "" {
				return auditExample(io, f)
			}
			return auditReports(ctx, io, f)
		},
	}
}

func auditReports(ctx context.Context, io streams, f *auditFlags) (int, error) {
	least, err := minima("--min", f.least)
	if err != nil {
		return 0, err
	}
	leastUSD, err := minima("--min-usd", f.leastUSD)
	if err != nil {
		return 0, err
	}
	audit, err := reconcile.ReadAudit(ctx, f.out, f.gateway)
	if err != nil {
		return 0, err
	}
	if err := canHold(audit, f, least, leastUSD); err != nil {
		return 0, err
	}
	missed := below(audit, least, leastUSD)
	if f.json {
		err = writeAudit(io.out, audit, missed)
	} else {
		showAudit(io.out, audit, missed)
	}
	if err == nil && len(missed) > 0 {
		return exitBreaks, nil
	}
	return exitTied, err
}

// canHold fails when there is nothing that a minimum could be held against: it would pass.
func canHold(audit *reconcile.Audit, f *auditFlags, least, leastUSD map[string]int64) error {
	if len(audit.Signals) == 0 && len(least)+len(leastUSD) > 0 {
		return &reconcile.InputError{Hint: "look at the --period of the run",
			Problem: "no requests in " + f.out + " to hold --min against"}
	}
	for _, s := range audit.Signals {
		if _, isAsked := leastUSD[s.Signal]; isAsked && s.PresentInBP == nil {
			return &reconcile.InputError{Hint: "use --min, or give the requests prices",
				Problem: "no USD in " + f.out + " to hold --min-usd against"}
		}
	}
	return nil
}

// minima reads SIGNAL=PERCENT into hundredths of a percent.
func minima(flag string, texts []string) (map[string]int64, error) {
	least := map[string]int64{}
	form := regexp.MustCompile(`^(\d{1,3})(?:\.(\d{1,2}))?%?$`)
	for _, text := range texts {
		signal, percent, _ := strings.Cut(text, "=")
		if !slices.Contains(reconcile.Signals(), signal) {
			return nil, usage(flag+" "+text+": no signal "+strconv.Quote(signal),
				"signals are "+strings.Join(reconcile.Signals(), ", "))
		}
		digits := form.FindStringSubmatch(percent)
		if digits == nil {
			return nil, usage(flag+" "+text+": not a percentage",
				"write it as "+signal+"=95% or "+signal+"=99.95%")
		}
		if digits[1] == "0" && digits[2] != "" && !strings.HasSuffix(percent, "%") {
			return nil, usage(flag+" "+text+": a share, or less than one percent?", "write it as "+
				signal+"=95%, or with its % sign")
		}
		bp, err := strconv.ParseInt(digits[1]+(digits[2] + "00")[:2], 10, 64)
		if err != nil || bp > 10000 {
			return nil, usage(flag+" "+text+": above 100%", "write it as "+signal+"=95%")
		}
		least[signal] = bp
	}
	return least, nil
}

// shortfall is a signal that too few requests carry, or too little of the money.
type shortfall struct {
	Signal    string `json:"signal"`
	Of        string `json:"of"` // requests or usd
	PresentBP int64  `json:"present_bp"`
	WantedBP  int64  `json:"wanted_bp"`
}

func below(audit *reconcile.Audit, least, leastUSD map[string]int64) []shortfall {
	missed := []shortfall{}
	for _, s := range audit.Signals {
		want, isAsked := least[s.Signal]
		if isAsked && 10000*s.Present < want*s.Requests {
			missed = append(missed, shortfall{s.Signal, "requests", s.PresentBP, want})
		}
		want, isAsked = leastUSD[s.Signal]
		if isAsked && *s.PresentInBP < want {
			missed = append(missed, shortfall{s.Signal, "usd", *s.PresentInBP, want})
		}
	}
	return missed
}

func writeAudit(out io.Writer, audit *reconcile.Audit, missed []shortfall) error {
	text, err := json.MarshalIndent(struct {
		*reconcile.Audit
		Below []shortfall `json:"below_minimum"`
	}{audit, missed}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, string(text))
	return err
}

// gapsShown is how many gaps the screen shows; --json and signals.parquet hold all.
const gapsShown = 12

func showAudit(out io.Writer, audit *reconcile.Audit, missed []shortfall) {
	for i, s := range audit.Gateway {
		if i == 0 || audit.Gateway[i-1].Gateway != s.Gateway {
			end := i + 1
			for end < len(audit.Gateway) && audit.Gateway[end].Gateway == s.Gateway {
				end++
			}
			showGateway(out, audit.Gateway[i:end])
		}
	}
	fmt.Fprintln(out, "default: what the gateway gives without configuration; "+
		"● present, ◐ partial, ○ absent")
	for i, gap := range audit.Gaps {
		if i == 0 {
			fmt.Fprintln(out, "\nwhat to do, the most USD at risk first")
		}
		if i == gapsShown {
			fmt.Fprintf(out, "… %d more\n", len(audit.Gaps)-i)
			break
		}
		fmt.Fprintf(out, "%s %s: %s in %s, %s USD: %s\n    most of it: %s, %s\n",
			shown(strings.TrimSpace(gap.Gateway+" "+gap.Version)), gap.Signal, gap.State,
			counted(gap.Requests, "request"), gap.AtRiskUSD, gap.How, shown(gap.Tenant),
			shown(gap.Route))
		if gap.Remedy != "" {
			fmt.Fprintln(out, "    "+gap.Remedy)
		}
	}
	for _, m := range missed {
		of := m.Of
		if of == "usd" {
			of = "USD"
		}
		fmt.Fprintf(out, "\nbelow the minimum: %s is present in %s of the %s, %s wanted\n",
			m.Signal, percent(m.PresentBP), of, percent(m.WantedBP))
	}
}

func showGateway(out io.Writer, signals []reconcile.SignalShare) {
	fmt.Fprintf(out, "%s: %s, %s USD\n", shown(signals[0].Gateway),
		counted(signals[0].Requests, "request"), signals[0].USD)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "signal\tdefault\tpresent\tpartial\tabsent\tdenied\tof USD\tUSD at risk\t")
	for _, s := range signals {
		usd := "-"
		if s.PresentInBP != nil {
			usd = percent(*s.PresentInBP)
		}
		share := func(n int64) string { return percent(10000 * n / max(s.Requests, 1)) }
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", s.Signal, mark(s.ByDefault),
			share(s.Present), share(s.Partial), share(s.Absent), share(s.Denied), usd, s.AtRiskUSD)
	}
	table.Flush()
	fmt.Fprintln(out)
}

func percent(bp int64) string { return fmt.Sprintf("%d.%02d %%", bp/100, bp%100) }

// mark is the sign for a state.
func mark(state string) string {
	switch state {
	case "present":
		return "●"
	case "partial":
		return "◐"
	case "absent":
		return "○"
	case "denied":
		return "✕"
	}
	return "-"
}

// auditExample judges one request and its response.
func auditExample(io streams, f *auditFlags) (int, error) {
	if len(f.least)+len(f.leastUSD) > 0 || f.gateway != "" {
		return 0, usage("--min and --gateway look at a population, not at one example",
			"leave out --request and --response, or these")
	}
	example, err := reconcile.JudgeExample(f.request, f.response)
	if err != nil {
		return 0, err
	}
	if f.json {
		text, err := json.MarshalIndent(example, "", "  ")
		if err == nil {
			_, err = fmt.Fprintln(io.out, string(text))
		}
		return exitTied, err
	}
	if example.Gateway != "" {
		fmt.Fprintf(io.out, "gateway: %s, by its headers\n",
			shown(strings.TrimSpace(example.Gateway+" "+example.Version)))
	}
	for _, s := range example.Signals {
		fmt.Fprintf(io.out, "%s %-14s %-7s  %s\n", mark(s.State), s.Signal, s.State, s.How)
		if s.Remedy != "" {
			fmt.Fprintln(io.out, "    "+s.Remedy)
		}
	}
	return exitTied, nil
}
