package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// explainRows is how many rows an explanation shows of a kind; the reports hold all.
const explainRows = 40

// moreRows stands below so many rows.
const moreRows = "  … no more than 40 rows are shown; tieout sql asks for all"

// ExplainTenant shows what a tenant or pool pays, line by line: its part of what is billed, what
// is not billed yet, and what policies moved; of the whole period, or of a day with "".
func ExplainTenant(ctx context.Context, out, tenant, day string, to io.Writer) error {
	db, closeDB, err := openReports(out)
	if err != nil {
		return err
	}
	defer closeDB()
	period, err := publishedPeriod(out)
	if err != nil {
		return err
	}
	known, err := texts(ctx, db, "SELECT tenant_id FROM tenants ORDER BY tenant_id")
	if err != nil {
		return fmt.Errorf("explain tenant: %w", err)
	}
	if !slices.Contains(known, tenant) {
		return &SettingError{Problem: "no tenant " + Printable(tenant) + " in " + out,
			Hint: tenantHint(tenant, known)}
	}
	if day != "" && (day < period.From || day >= period.To) {
		return &SettingError{Problem: "--day " + Printable(day) + " is not in " + out,
			Hint: "the reports are of " + period.From + " to " + period.To + " (end excluded)"}
	}
	fmt.Fprintf(to, "tenant %s, %s to %s (UTC, end excluded)\n", Printable(tenant), period.From,
		period.To)
	parts := tenantParts()
	if day != "" {
		fmt.Fprintf(to, "of it the day %s\n", day)
		parts = tenantDayParts()
	}
	for _, part := range parts {
		fmt.Fprintf(to, "\n%s\n", part.title)
		args := []any{tenant}
		if day != "" {
			args = append(args, day)
		}
		shown, err := showRows(ctx, db, to, part.query, args...)
		if err != nil {
			return fmt.Errorf("explain tenant: %w", err)
		}
		switch shown {
		case 0:
			fmt.Fprintln(to, "  none")
		case explainRows:
			fmt.Fprintln(to, moreRows)
		}
	}
	return nil
}

// tenantHint names a tenant that is nearly called so, or how to list all.
func tenantHint(tenant string, known []string) string {
	hint := nearest(tenant, known)
	if strings.HasPrefix(hint, "did you mean ") {
		return Printable(hint)
	}
	return "tieout sql 'SELECT tenant_id, payable_usd FROM tenants' lists them"
}

// part is a table of an explanation.
type part struct{ title, query string }

func tenantParts() []part {
	return []part{
		{"what it pays: billed by providers, charged where they have not billed, allocated; " +
			"payable is the amount in cents, by largest remainder", `
			SELECT tenant_name, cost_center, gl_account, requests, spend_usd, charge_usd,
				billed_usd, unbilled_usd, allocated_usd, amount_usd, payable_usd
			FROM tenants WHERE tenant_id = ? ORDER BY ALL`},
		{"its amount by provider and model", fmt.Sprintf(`
			SELECT provider, response_model, basis, SUM(charge_usd) AS charge_usd,
				CAST(SUM(amount_usd) AS DECIMAL(38,15)) AS amount_usd
			FROM chargeback WHERE tenant_id = ? GROUP BY ALL
			ORDER BY ABS(SUM(amount_usd)) DESC, 1, 2, 3 LIMIT %d`, explainRows)},
		{"what policies moved", fmt.Sprintf(`
			SELECT origin, method, ratio, CAST(SUM(amount_usd) AS DECIMAL(38,15)) AS amount_usd
			FROM chargeback WHERE basis = 'allocated' AND tenant_id = ?
			GROUP BY ALL ORDER BY ALL LIMIT %d`, explainRows)},
		{"how its requests were known to be its own", `
			SELECT tenant_rule, COUNT(*) AS requests,
				CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd
			FROM requests WHERE tenant_id = ? GROUP BY ALL ORDER BY ALL`},
		{"its days", `
			SELECT day, CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
				CAST(SUM(amount_usd) AS DECIMAL(38,15)) AS amount_usd
			FROM chargeback WHERE tenant_id = ? GROUP BY day ORDER BY day`},
	}
}

func tenantDayParts() []part {
	return []part{
		{"what it pays of the day", `
			SELECT CASE WHEN GROUPING(c.basis) = 1 THEN 'together' ELSE c.basis END AS basis,
				CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS charge_usd,
				CAST(SUM(amount_usd) AS DECIMAL(38,15)) AS amount_usd
			FROM chargeback AS c WHERE tenant_id = ? AND day = CAST(? AS DATE)
			GROUP BY ROLLUP (c.basis) HAVING COUNT(*) > 0 ORDER BY c.basis NULLS LAST`},
		{"line by line: its charge, that of all, and what is billed for all", fmt.Sprintf(`
			WITH mine AS (
				SELECT day, provider, response_model, token_type, basis, origin, method, ratio,
					SUM(quantity) AS quantity, SUM(charge_usd) AS charge_usd,
					SUM(amount_usd) AS amount_usd
				FROM chargeback WHERE tenant_id = ? AND day = CAST(? AS DATE)
				GROUP BY day, provider, response_model, token_type, basis, origin, method, ratio
			),
			whole AS (
				SELECT day, provider, response_model, token_type, SUM(charge_usd) AS charge_usd,
					SUM(amount_usd) FILTER (basis = 'billed') AS billed_usd
				FROM chargeback GROUP BY day, provider, response_model, token_type
			)
			SELECT m.provider, m.response_model, m.token_type, m.basis, m.origin, m.method, m.ratio,
				CAST(m.quantity AS BIGINT) AS quantity,
				CAST(m.charge_usd AS DECIMAL(38,15)) AS charge_usd,
				CAST(w.charge_usd AS DECIMAL(38,15)) AS charge_of_all_usd,
				CAST(w.billed_usd AS DECIMAL(38,15)) AS billed_to_all_usd,
				CAST(m.amount_usd AS DECIMAL(38,15)) AS amount_usd
			FROM mine AS m INNER JOIN whole AS w USING (day, provider, response_model, token_type)
			ORDER BY ABS(m.amount_usd) DESC, 1, 2, 3, 4, 5, 6 LIMIT %d`, explainRows)},
		{"the rows of the bill that these lines are of (of allocated ones: explain --tenant " +
			"ORIGIN --day)", fmt.Sprintf(`
			WITH mine AS (
				SELECT DISTINCT provider, response_model, token_type FROM chargeback
				WHERE tenant_id = $1 AND day = CAST($2 AS DATE) AND basis = 'billed'
			)
			SELECT provider, response_model, token_type, quantity, amount_usd,
				source_file || ':' || source_line AS row
			FROM provider_rows
			WHERE leg = 'bill' AND is_counted AND (%s)
				AND CAST($2 AS DATE) BETWEEN day AND last_day
			ORDER BY ABS(amount_usd) DESC, 1, 2, 3, 6 LIMIT %d`, billedMine, explainRows)},
		{"its requests, the dearest first (tieout explain REQUEST_ID shows one)", fmt.Sprintf(`
			SELECT request_id, started_at, response_model, charge_usd, cause,
				source_file || ':' || source_line AS row
			FROM requests
			WHERE tenant_id = ? AND CAST(started_at AS DATE) = CAST(? AS DATE)
			ORDER BY charge_usd DESC NULLS LAST, request_id, source_file, source_line
			LIMIT %d`, explainRows)},
	}
}

// publishedPeriod reads the period of the published reports.
func publishedPeriod(out string) (Period, error) {
	path := filepath.Join(out, "summary.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return Period{}, &InputError{Problem: path + ": " + pathErrText(err),
			Hint: "run tieout run first, or name its folder with --out"}
	}
	var summary Summary
	if err := json.Unmarshal(text, &summary); err != nil {
		return Period{}, &InputError{Problem: path + ": " + err.Error(),
			Hint: "run tieout run again"}
	}
	return summary.Period, nil
}
