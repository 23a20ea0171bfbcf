package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"tieout/pricing"
	"tieout/reconcile"
)

// metrics is what --metrics writes, in the text form that Prometheus reads; README.md lists all.
type metrics struct {
	text  strings.Builder
	steps map[string]time.Duration // by step: load, stage, report
	began time.Time
}

func newMetrics() *metrics { return &metrics{steps: map[string]time.Duration{}, began: time.Now()} }

// note adds up how long the steps take.
func (m *metrics) note(step reconcile.Step) { m.steps[step.Name] += step.Took }

const lastSuccess = "tieout_last_success_timestamp_seconds"

// write replaces the file as a whole. A run that failed says so and keeps when one last succeeded.
func (m *metrics) write(
	ctx context.Context, path, out string, code int, summary *reconcile.Summary,
) error {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	success := now
	if summary == nil {
		success = before(path)
	}
	m.gauge("tieout_last_run_timestamp_seconds", "when the last run ended", "", now)
	if success != "" {
		m.gauge(lastSuccess, "when a run last wrote or confirmed reports", "", success)
	}
	m.gauge("tieout_last_run_exit_code", "its exit code", "", strconv.Itoa(code))
	m.durations()
	if summary != nil {
		m.figures(summary)
		if err := m.coverage(ctx, out); err != nil {
			return fmt.Errorf("--metrics: %w", err)
		}
	}
	return m.save(path)
}

// before reads when a run last succeeded from the file that is there.
func before(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for _, line := range strings.Split(string(text), "\n") {
		if value, isIt := strings.CutPrefix(line, lastSuccess+" "); isIt {
			return value
		}
	}
	return ""
}

// gauge writes a value; the first of a name is announced.
func (m *metrics) gauge(name, help, labels, value string) {
	if !strings.Contains(m.text.String(), "# TYPE "+name+" ") {
		fmt.Fprintf(&m.text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
	}
	if labels != "" {
		name += "{" + labels + "}"
	}
	fmt.Fprintf(&m.text, "%s %s\n", name, value)
}

// label writes a label; %q escapes what Prometheus wants escaped.
func label(name, value string) string { return fmt.Sprintf("%s=%q", name, shown(value)) }

func (m *metrics) durations() {
	for _, step := range []struct{ name, label string }{{"takein", "load"}, {"stage", "stages"},
		{"report", "publish"}} {
		m.gauge("tieout_run_duration_seconds", "how long the last run took, by part",
			label("part", step.label), seconds(m.steps[step.name]))
	}
	m.gauge("tieout_run_duration_seconds", "", label("part", "all"), seconds(time.Since(m.began)))
}

func seconds(d time.Duration) string {
	return fmt.Sprintf("%d.%03d", d.Milliseconds()/1000, d.Milliseconds()%1000)
}

func (m *metrics) figures(s *reconcile.Summary) {
	count := func(name, help, labels string, n int64) {
		m.gauge(name, help, labels, strconv.FormatInt(n, 10))
	}
	const rows = "rows of the files in the store"
	count("tieout_rows", rows, label("state", "read"), s.Rows.Read)
	count("tieout_rows", rows, label("state", "loaded"), s.Rows.Loaded)
	count("tieout_rows", rows, label("state", "rejected"), s.Rows.Rejected)
	count("tieout_rows", rows, label("state", "duplicate"), s.Rows.Duplicate)
	count("tieout_requests", "requests of the period", "", s.Requests)
	count("tieout_unpriced_requests", "requests without a price", "", s.Unpriced)
	count("tieout_breaks", "breaks of the period", label("material", "true"), s.Material)
	count("tieout_breaks", "", label("material", "false"), s.Breaks-s.Material)
	m.gauge("tieout_spend_usd", "what the gateways recorded", "", s.SpendUSD)
	m.gauge("tieout_charge_usd", "what it should have cost", "", s.ChargeUSD)
	if s.BillUSD != nil {
		m.gauge("tieout_bill_usd", "what the providers billed", "", *s.BillUSD)
	}
	spend, errSpend := pricing.ParseUSD(s.SpendUSD)
	charge, errCharge := pricing.ParseUSD(s.ChargeUSD)
	if errors.Join(errSpend, errCharge) == nil {
		m.gauge("tieout_drift_usd", "spend less charge", "", spend.Sub(charge).String())
	}
	m.gauge("tieout_unexplained_usd", "drift without a cause, in absolute terms", "",
		s.UnexplainedUSD)
}

// coverage reads from the reports how much of each provider's bill the other legs saw.
func (m *metrics) coverage(ctx context.Context, out string) error {
	var found bytes.Buffer
	err := reconcile.Query(ctx, reconcile.Asked{Out: out, Format: "csv", RowsMax: 1000,
		Timeout: time.Minute, Query: `SELECT provider, gateway_bp, trace_bp FROM coverage
			WHERE scope = 'provider' ORDER BY provider`}, &found)
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(&found).ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		for i, leg := range []string{"gateway", "trace"} {
			points, err := strconv.ParseInt(row[i+1], 10, 64)
			if err != nil {
				continue // nothing was billed
			}
			m.gauge("tieout_coverage_ratio", "share of the bill for use that a leg saw",
				label("provider", row[0])+","+label("leg", leg),
				fmt.Sprintf("%d.%04d", points/10000, points%10000))
		}
	}
	return nil
}

// save replaces the file: a scraper, which may be another user, sees the old metrics or the new.
func (m *metrics) save(path string) error {
	err := putBeside(path, func(path string) error {
		return errors.Join(os.WriteFile(path, []byte(m.text.String()), 0o644),
			os.Chmod(path, 0o644))
	})
	if err != nil {
		return fmt.Errorf("--metrics %s: %w", path, err)
	}
	return nil
}
