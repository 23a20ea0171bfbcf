package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tieout/pricing"
)

// explained is one row of the ledger as explain shows it.
type explained struct {
	id                                                                          string // as it is
	requestID, tenant, tenantRule, provider, requested, response, evidence      string
	priceModel                                                                  string
	workflow, started, state, rule, status, spend, charge, drift                string
	chargeStatus                                                                string
	usageSource, convention, cause, why, sourceFile, traceFile, traceID, spanID string
	low, high, other, gateway                                                   string
	sourceLine, traceLine, sheetID                                              sql.NullInt64
	isBreak                                                                     bool
	counts                                                                      []sql.NullInt64
}

func explainSQL() string {
	types := pricing.TokenTypes()
	names := make([]string, len(types))
	for i, tokenType := range types {
		names[i] = string(tokenType)
	}
	return `SELECT request_id, tenant_id, tenant_rule, provider, COALESCE(requested_model, ''),
  COALESCE(response_model, ''), response_model_evidence, COALESCE(price_model, ''),
  COALESCE(workflow_id, ''), strftime(started_at, '%Y-%m-%d %H:%M:%S.%g'), match_state,
  COALESCE(match_rule, ''), status, COALESCE(CAST(spend_usd AS VARCHAR), ''),
  COALESCE(CAST(charge_usd AS VARCHAR), ''), COALESCE(CAST(drift_usd AS VARCHAR), ''),
  COALESCE(CAST(charge_low_usd AS VARCHAR), ''), COALESCE(CAST(charge_high_usd AS VARCHAR), ''),
  charge_status, usage_source, COALESCE(usage_convention, ''), COALESCE(cause, ''),
  COALESCE(evidence, ''), COALESCE(source_file, ''), COALESCE(trace_file, ''),
  COALESCE(trace_id, ''), COALESCE(span_id, ''), COALESCE(other_charges, ''),
  COALESCE(gateway || ' ' || gateway_version, ''), source_line,
  trace_line, sheet_id, is_break, ` +
		strings.Join(names, ", ") + `
FROM requests
WHERE request_id = ? OR span_id = ?
ORDER BY started_at, source_file, source_line`
}

// Explain shows, for one request, the rows that met, each token type times its price, the
// gateway's figure beside it and the cause of a difference.
func Explain(ctx context.Context, out, requestID string, to io.Writer) error {
	db, closeDB, err := openReports(out)
	if err != nil {
		return err
	}
	defer closeDB()
	rows, err := readExplained(ctx, db, requestID)
	if err != nil {
		return fmt.Errorf("explain %s: %w", requestID, err)
	}
	if len(rows) == 0 {
		return &SettingError{Problem: "no request " + Printable(requestID) + " in " + out,
			Hint: "the id is that of the gateway row or the span, within the period of the run; " +
				"of a trace: tieout sql \"SELECT request_id FROM requests WHERE trace_id = '…'\""}
	}
	for _, row := range rows {
		if err := row.write(ctx, db, to); err != nil {
			return fmt.Errorf("explain %s: %w", requestID, err)
		}
	}
	return nil
}

func readExplained(ctx context.Context, db *sql.DB, requestID string) ([]explained, error) {
	rows, err := db.QueryContext(ctx, explainSQL(), requestID, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []explained
	for rows.Next() {
		e := explained{counts: make([]sql.NullInt64, len(pricing.TokenTypes()))}
		targets := []any{&e.requestID, &e.tenant, &e.tenantRule, &e.provider, &e.requested,
			&e.response, &e.evidence, &e.priceModel, &e.workflow, &e.started, &e.state, &e.rule,
			&e.status, &e.spend, &e.charge, &e.drift, &e.low, &e.high, &e.chargeStatus,
			&e.usageSource, &e.convention, &e.cause, &e.why, &e.sourceFile, &e.traceFile,
			&e.traceID, &e.spanID, &e.other, &e.gateway, &e.sourceLine, &e.traceLine, &e.sheetID,
			&e.isBreak}
		for i := range e.counts {
			targets = append(targets, &e.counts[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		e.id = e.requestID
		for _, target := range targets {
			if text, isText := target.(*string); isText {
				*text = Printable(*text)
			}
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

func (e explained) write(ctx context.Context, db *sql.DB, to io.Writer) error {
	fmt.Fprintf(to, "request %s, %s UTC, %s\n", e.requestID, e.started, e.status)
	if e.state == "only_trace" || e.state == "trace_provider" {
		fmt.Fprintln(to, "  gateway   no row")
	} else {
		fmt.Fprintf(to, "  gateway   %s:%d%s\n", e.sourceFile, e.sourceLine.Int64,
			prefixed(", ", e.gateway))
	}
	if e.traceLine.Valid {
		fmt.Fprintf(to, "  trace     %s:%d, trace %s span %s%s\n", e.traceFile, e.traceLine.Int64,
			e.traceID, e.spanID, prefixed(", met by ", e.rule))
	}
	fmt.Fprintf(to, "  state     %s\n", e.state)
	fmt.Fprintf(to, "  tenant    %s (%s)\n", e.tenant, e.tenantRule)
	fmt.Fprintf(to, "  workflow  %s\n", orNone(e.workflow))
	fmt.Fprintf(to, "  model     asked for %s, answered by %s (%s), priced as %s/%s\n",
		orNone(e.requested), orNone(e.response), e.evidence, e.provider, orNone(e.priceModel))
	fmt.Fprintf(to, "  tokens    from the %s, input %s\n\n", e.usageSource, e.convention)
	if err := e.writeLines(ctx, db, to); err != nil {
		return err
	}
	fmt.Fprintf(to, "\n  charge    %s (%s)\n", amountOr(e.charge, "none"), e.chargeStatus)
	if e.low != "" {
		fmt.Fprintf(to, "  range     %s to %s USD: the counts can be read in two ways\n",
			plain(e.low), plain(e.high))
	}
	fmt.Fprintf(to, "  spend     %s\n", amountOr(e.spend, "not recorded"))
	if err := e.writeAnswers(ctx, db, to); err != nil {
		return err
	}
	fmt.Fprintf(to, "  drift     %s (spend - charge)\n", amountOr(e.drift, "none"))
	if e.cause != "" {
		kind := "note"
		if e.isBreak {
			kind = "break"
		}
		fmt.Fprintf(to, "  cause     %s (%s): %s\n", e.cause, kind, e.why)
	}
	return e.writeNaming(ctx, db, to)
}

// writeAnswers shows what the callers were told in the headers of the response.
func (e explained) writeAnswers(ctx context.Context, db *sql.DB, to io.Writer) error {
	rows, err := db.QueryContext(ctx, `SELECT COALESCE(CAST(header_usd AS VARCHAR), ''), match_rule,
		source_file, source_line FROM answers WHERE request_id = ? ORDER BY ALL`, e.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var usd, rule, file string
		var line int64
		if err := rows.Scan(&usd, &rule, &file, &line); err != nil {
			return err
		}
		said := "no cost"
		if usd != "" {
			said = plain(usd) + " USD"
		}
		fmt.Fprintf(to, "  header    %s, %s:%d, met by %s\n", said, Printable(file), line, rule)
	}
	return rows.Err()
}

// writeLines shows each counted token type with its price and where the price stands.
func (e explained) writeLines(ctx context.Context, db *sql.DB, to io.Writer) error {
	for i, tokenType := range pricing.TokenTypes() {
		if !e.counts[i].Valid || e.counts[i].Int64 == 0 {
			continue
		}
		line, err := e.line(ctx, db, tokenType, e.counts[i].Int64)
		if err != nil {
			return err
		}
		fmt.Fprintln(to, line)
	}
	other := pricing.ReadOther(e.other)
	for _, charge := range slices.Sorted(maps.Keys(other)) {
		line, err := e.line(ctx, db, pricing.TokenType(charge), other[charge])
		if err != nil {
			return err
		}
		fmt.Fprintln(to, line)
	}
	return e.writeAttempts(ctx, db, to)
}

func (e explained) line(
	ctx context.Context, db *sql.DB, tokenType pricing.TokenType, quantity int64,
) (string, error) {
	var price, from, until, source, file, fallback string
	var number int64
	err := db.QueryRowContext(ctx, `SELECT CAST(usd_per_million AS VARCHAR),
		COALESCE(effective_from, 'always'), COALESCE(effective_to, 'open'), COALESCE(source, ''),
		COALESCE(list_file, ''), COALESCE(list_line, 0), COALESCE(fallback, '')
		FROM prices WHERE sheet_id = ? AND token_type = ?`, e.sheetID, string(tokenType)).Scan(
		&price, &from, &until, &source, &file, &number, &fallback)
	if err == sql.ErrNoRows {
		return fmt.Sprintf("  %-15s %12d  no price", tokenType, quantity), nil
	}
	if err != nil {
		return "", err
	}
	usd, err := pricing.ParseUSD(price)
	if err != nil {
		return "", err
	}
	amount := usd.Times(quantity).Shift(-6)
	note := prefixed("; ", fallback)
	if e.chargeStatus != "rated" {
		note += "; not charged: " + e.chargeStatus
	}
	return fmt.Sprintf("  %-15s %12d  x %s USD a million = %s USD\n%31s%s to %s, %s:%d, %s%s",
		tokenType, quantity, plain(price), amount, "", from, until, Printable(file), number,
		Printable(source), note), nil
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func amountOr(amount, none string) string {
	if amount == "" {
		return none
	}
	return plain(amount) + " USD"
}
