package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"tieout/reconcile"
)

// screenRows is how many causes and tenants the last screen shows; the reports hold all.
const screenRows = 15

// screen prints the result of a run so that a person understands it.
func screen(out io.Writer, s *reconcile.Summary, folder string) {
	fmt.Fprintf(out, "%s to %s (UTC, end excluded): %s\n\n", s.Period.From, s.Period.To,
		s.VerdictWords())
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "spend the gateway recorded\t%s\tUSD\t\n", s.SpendUSD)
	fmt.Fprintf(table, "charge by tokens and prices\t%s\tUSD\t\n", s.ChargeUSD)
	if s.BillUSD != nil {
		fmt.Fprintf(table, "bill of the providers\t%s\tUSD\t\n", *s.BillUSD)
	} else {
		fmt.Fprint(table, "bill of the providers\tnot loaded\t\t\n")
	}
	fmt.Fprintf(table, "unexplained\t%s\tUSD\t\n", s.UnexplainedUSD)
	table.Flush()
	fmt.Fprintf(out, "\n%s; rows: %d read = %d loaded + %d rejected + %d duplicate\n",
		counted(s.Requests, "request"), s.Rows.Read, s.Rows.Loaded, s.Rows.Rejected,
		s.Rows.Duplicate)
	if len(s.MatchStates) > 0 {
		fmt.Fprintln(out, "met: "+statesText(s))
	}
	if s.Outside > 0 {
		fmt.Fprintf(out, "%d gateway rows and traced calls lie outside the period\n", s.Outside)
	}
	if s.PassedOver > 0 {
		fmt.Fprintf(out, "%s of the folders in no known format, passed over\n",
			counted(s.PassedOver, "file"))
	}
	if s.Unpriced > 0 {
		fmt.Fprintf(out, "%s without a price, in no charge\n", counted(s.Unpriced, "request"))
	}
	causes(out, s)
	bridges(out, s)
	tenants(out, s)
	for _, reject := range s.Rejects {
		fmt.Fprintf(out, "rejected: %s:%d: %s (%s)\n", shown(reject.File), reject.Line,
			shown(reject.Reason), counted(reject.Rows, "row"))
	}
	fmt.Fprintf(out, "\nreports in %s; open %s/report.duckdb with DuckDB\n", folder, folder)
}

// counted is a number of things, one or several.
func counted(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// shownMax is how many characters of a name the screen shows.
const shownMax = 60

// shown makes a name from the data fit for a terminal: no control characters, not too long.
func shown(name string) string {
	name = reconcile.Printable(name)
	if runes := []rune(name); len(runes) > shownMax {
		return string(runes[:shownMax]) + "…"
	}
	if name == "" {
		return "(no name)"
	}
	return name
}

func statesText(s *reconcile.Summary) string {
	states := make([]string, len(s.MatchStates))
	for i, state := range s.MatchStates {
		states[i] = fmt.Sprintf("%d %s", state.Requests, state.State)
	}
	return strings.Join(states, ", ")
}

func causes(out io.Writer, s *reconcile.Summary) {
	if len(s.Causes) == 0 {
		return
	}
	fmt.Fprintln(out, "\ncauses (earlier figure less later one: spend - charge, charge - bill)")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, cause := range s.Causes {
		if i == screenRows {
			fmt.Fprintf(table, "… %d more\t\t\t\t\n", len(s.Causes)-i)
			break
		}
		kind := "break"
		if !cause.IsBreak {
			kind = "note"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\tUSD\t\n", cause.Cause, kind, cause.Rows,
			cause.AmountUSD)
	}
	table.Flush()
}

func bridges(out io.Writer, s *reconcile.Summary) {
	for _, bridge := range s.Bridge {
		name := shown(strings.TrimSpace(bridge.Provider + " " + bridge.Account))
		if len(bridge.Steps) == 0 && bridge.BillUSD == nil {
			continue
		}
		fmt.Fprintf(out, "\nbridge of %s\n", name)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(table, "spend\t%s\tUSD\t\n", bridge.SpendUSD)
		for _, step := range bridge.Steps {
			fmt.Fprintf(table, "%s\t%s\tUSD\t\n", step.Cause, signed(step.AmountUSD))
		}
		if bridge.BillUSD != nil {
			fmt.Fprintf(table, "= bill\t%s\tUSD\t\n", *bridge.BillUSD)
		} else {
			fmt.Fprintf(table, "= charge (no bill)\t%s\tUSD\t\n", bridge.ChargeUSD)
		}
		table.Flush()
	}
}

func signed(amount string) string {
	if strings.HasPrefix(amount, "-") {
		return amount
	}
	return "+" + amount
}

// tenants shows what each tenant pays, and the line that proves it is all.
func tenants(out io.Writer, s *reconcile.Summary) {
	fmt.Fprintln(out, "\nchargeback by tenant")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, tenant := range s.Tenants {
		if i == screenRows {
			fmt.Fprintf(table, "… %d more\t\t\t\t\n", len(s.Tenants)-i)
			break
		}
		requests := counted(tenant.Requests, "request")
		if tenant.Kind == "pool" {
			requests = "pool"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\tUSD\tpayable %s\t\n", shown(tenant.Tenant), requests,
			tenant.AmountUSD, tenant.PayableUSD)
	}
	table.Flush()
	c := s.Chargeback
	fmt.Fprintf(out, "all together %s USD = bill %s + not billed yet %s, difference %s\n",
		c.AmountUSD, c.BillUSD, c.UnbilledUSD, c.DifferenceUSD)
	fmt.Fprintf(out, "             %s USD = payable %s + rounding %s\n", c.AmountUSD, c.PayableUSD,
		c.RoundingUSD)
	for _, unbilled := range s.Unbilled {
		fmt.Fprintln(out, "no bill of", reconcile.Printable(unbilled.Words()))
	}
}
