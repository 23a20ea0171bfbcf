package reconcile

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"strings"

	stages "tieout/sql"
)

// Finding names the findings to explain; a field that is "" is not asked for.
type Finding struct{ Cause, Provider, Day, Tenant string }

// ExplainCause shows the findings of a cause, the largest first, with what decided each and the
// line to look at, and their sum. A cause that is a step of bridges alone is shown as that.
func ExplainCause(ctx context.Context, out string, f Finding, to io.Writer) error {
	db, closeDB, err := openReports(out)
	if err != nil {
		return err
	}
	defer closeDB()
	var said bytes.Buffer // so that nothing stands above an error
	fmt.Fprintf(&said, "%s\n", Printable(f.Cause))
	shown, err := f.write(ctx, db, &said)
	if err == nil && shown == 0 && f.Day == "" && f.Tenant == "" {
		shown, err = showRows(ctx, db, &said, `SELECT provider, account, step, rows, amount_usd
			FROM bridge WHERE cause = ? AND (? = '' OR provider = ?)
			ORDER BY provider, account, step`, f.Cause, f.Provider, f.Provider)
		if shown > 0 {
			fmt.Fprintln(&said, "a step of bridges without findings: "+noFinding)
		}
	}
	if err == nil && shown == 0 {
		err = unknownCause(ctx, db, f.Cause)
	}
	if err == nil && shown == 0 {
		err = &SettingError{
			Problem: "no finding of the cause " + Printable(f.Cause) + " in " + out,
			Hint:    "tieout sql 'SELECT cause, COUNT(*) FROM breaks GROUP BY cause' lists them"}
	}
	if err == nil {
		_, err = said.WriteTo(to)
	}
	return err
}

// unknownCause is an error where a cause, or one of several that fit, is none of the closed list.
func unknownCause(ctx context.Context, db *sql.DB, cause string) error {
	var known []string
	for _, stage := range stages.Stages() {
		if stage.Table != "book.cause_kind" {
			continue
		}
		var err error
		if known, err = texts(ctx, db, "SELECT cause FROM (\n"+stage.Text+"\n)"); err != nil {
			return err
		}
	}
	for _, name := range strings.Split(strings.ReplaceAll(cause, "+", "|"), "|") {
		if !slices.Contains(known, name) {
			return &SettingError{Problem: "unknown cause " + Printable(name),
				Hint: nearest(name, known)}
		}
	}
	return nil
}

// texts are the values of a query's one column.
func texts(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	var all []string
	err := eachRow(ctx, db, query, nil, func(_ []string, values []any) error {
		if values != nil {
			all = append(all, cell(values[0]))
		}
		return nil
	})
	return all, err
}

// noFinding says why a step of a bridge has no finding.
const noFinding = "it is what many rows differ by, each within the tolerance, or " +
	"what patterns of several providers hold"

const findingWhere = `
	FROM breaks WHERE (cause = ? OR list_contains(string_split(cause, '|'), ?))
		AND (? = '' OR provider = ?) AND (? = '' OR CAST(day AS VARCHAR) = ?)
		AND (? = '' OR tenant_id = ?)`

func (f Finding) write(ctx context.Context, db *sql.DB, to io.Writer) (int, error) {
	args := []any{f.Cause, f.Cause, f.Provider, f.Provider, f.Day, f.Day, f.Tenant, f.Tenant}
	shown, err := showRows(ctx, db, to, fmt.Sprintf(`
		SELECT level, CASE WHEN is_break THEN 'break' ELSE 'note' END AS kind, provider,
			response_model, day, tenant_id, request_id, rows, spend_usd, charge_usd, bill_usd,
			drift_usd, source_file || ':' || source_line AS row, evidence
		%s ORDER BY ABS(drift_usd) DESC, provider, day, request_id, evidence, source_file,
			source_line LIMIT %d`,
		findingWhere, explainRows), args...)
	if err != nil || shown == 0 {
		return shown, err
	}
	var findings int64
	var drift string
	row := db.QueryRowContext(ctx, "SELECT COUNT(*), CAST(COALESCE(SUM(drift_usd), 0) AS VARCHAR)"+
		findingWhere, args...)
	if err := row.Scan(&findings, &drift); err != nil {
		return shown, err
	}
	noun := "findings"
	if findings == 1 {
		noun = "finding"
	}
	fmt.Fprintf(to, "%d %s, together %s USD (the earlier figure less the later)\n", findings, noun,
		plain(drift))
	if findings > explainRows {
		fmt.Fprintln(to, moreRows)
	}
	return shown, f.writeBuckets(ctx, db, to, args)
}

// writeBuckets shows the provider's rows that the findings of days and models are of: such a
// finding is of many rows and names none.
func (f Finding) writeBuckets(ctx context.Context, db *sql.DB, to io.Writer, args []any) error {
	var said bytes.Buffer
	shown, err := showRows(ctx, db, &said, fmt.Sprintf(`
		WITH found AS (SELECT DISTINCT provider, response_model, day
			%s AND level = 'bucket' AND source_file IS NULL)
		SELECT p.leg, p.provider, p.response_model, p.day, p.project, p.token_type, p.quantity,
			p.requests, p.amount_usd, p.source_file || ':' || p.source_line AS row
		FROM provider_rows AS p
		WHERE p.is_counted AND EXISTS (FROM found AS f WHERE f.provider = p.provider
			AND f.day BETWEEN p.day AND p.last_day
			AND COALESCE(f.response_model, '') IN ('*', '', p.response_model))
			AND (p.quantity <> 0 OR p.requests <> 0 OR p.amount_usd <> 0)
		ORDER BY p.provider, p.day, p.response_model, p.leg DESC, p.source_file, p.source_line,
			p.token_type LIMIT %d`, findingWhere, explainRows), args...)
	if err != nil || shown == 0 {
		return err
	}
	fmt.Fprintln(to, "\nthe provider's rows of these days and models")
	if _, err := said.WriteTo(to); err != nil || shown < explainRows {
		return err
	}
	_, err = fmt.Fprintln(to, moreRows)
	return err
}

// ExplainBridge shows the way from spend to bill of a provider, or one step of it with the
// findings that it is made of.
func ExplainBridge(ctx context.Context, out, provider, cause string, to io.Writer) error {
	db, closeDB, err := openReports(out)
	if err != nil {
		return err
	}
	defer closeDB()
	known, err := texts(ctx, db, "SELECT DISTINCT provider FROM bridge ORDER BY provider")
	if err != nil {
		return fmt.Errorf("explain bridge: %w", err)
	}
	if !slices.Contains(known, provider) {
		return &SettingError{Problem: "no provider " + Printable(provider) + " in " + out,
			Hint: nearest(provider, known)}
	}
	const bridge = `SELECT account, step, cause, rows, amount_usd, spend_usd, charge_usd, bill_usd
		FROM bridge WHERE provider = ? AND (? = '' OR cause = ?
			OR list_contains(string_split(cause, '|'), ?))
		ORDER BY account, step`
	var said bytes.Buffer
	fmt.Fprintf(&said, "bridge of %s: spend and all amounts together are the bill, or the charge "+
		"where no bill is loaded\n", Printable(provider))
	shown, err := showRows(ctx, db, &said, bridge, provider, cause, cause, cause)
	if err != nil {
		return fmt.Errorf("explain bridge: %w", err)
	}
	if shown == 0 {
		if err := unknownCause(ctx, db, cause); err != nil {
			return err
		}
		return &SettingError{Problem: "no such step in a bridge of " + Printable(provider),
			Hint: "tieout sql 'SELECT provider, step, cause FROM bridge' lists them"}
	}
	if _, err := said.WriteTo(to); err != nil || cause == "" {
		return err
	}
	fmt.Fprintln(to, "\nits findings")
	found, err := Finding{Cause: cause, Provider: provider}.write(ctx, db, to)
	if err == nil && found == 0 {
		fmt.Fprintln(to, "  none of its own: "+noFinding)
	}
	return err
}
