package reconcile

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Dispute writes a folder with all that a tenant's figure rests on: its lines, which add up to
// what it pays, its requests, their prices, the rules that named it, findings, the hashes of the
// files, and a statement for people. Keys are left out; prompts are in no report. It returns what
// the tenant pays.
func Dispute(ctx context.Context, out, tenant, to string) (string, error) {
	to = filepath.Clean(to) // what is built beside DIR/ must not lie in it
	db, closeDB, err := openReports(out)
	if err != nil {
		return "", err
	}
	defer closeDB()
	if entries, err := os.ReadDir(to); err == nil && len(entries) > 0 {
		return "", &RefusedError{Problem: "--to " + to + " is a folder with files in it",
			Hint: "name a new folder"}
	}
	d := &dispute{ctx: ctx, db: db, out: out, tenant: tenant, folder: to + ".building"}
	if err := d.read(); err != nil {
		return "", err
	}
	if err := os.RemoveAll(d.folder); err != nil {
		return "", fmt.Errorf("dispute: %w", err)
	}
	defer os.RemoveAll(d.folder)
	if err := os.MkdirAll(d.folder, 0o755); err != nil {
		return "", fmt.Errorf("dispute: %w", err)
	}
	if err := d.write(); err != nil {
		return "", fmt.Errorf("dispute: %w", err)
	}
	if err := exchange(d.folder, to); err != nil {
		return "", fmt.Errorf("dispute: %w", err)
	}
	return d.payable, nil
}

// dispute is a folder in the making.
type dispute struct {
	ctx                 context.Context
	db                  *sql.DB
	out, tenant, folder string
	period              Period
	manifest            Manifest

	kind, requests, charge, billed, unbilled, allocated, amount, payable string
}

// read finds the tenant's figures and the run's manifest.
func (d *dispute) read() error {
	var err error
	if d.period, err = publishedPeriod(d.out); err != nil {
		return err
	}
	path := filepath.Join(d.out, manifestName)
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &d.manifest)
	}
	if err != nil {
		return &InputError{Problem: path + ": " + err.Error(), Hint: "run tieout run again"}
	}
	row := d.db.QueryRowContext(d.ctx, `SELECT MIN(kind), CAST(SUM(requests) AS VARCHAR),
		CAST(SUM(charge_usd) AS VARCHAR), CAST(SUM(billed_usd) AS VARCHAR),
		CAST(SUM(unbilled_usd) AS VARCHAR), CAST(SUM(allocated_usd) AS VARCHAR),
		CAST(SUM(amount_usd) AS VARCHAR), CAST(SUM(payable_usd) AS VARCHAR)
		FROM tenants WHERE tenant_id = ? AND kind <> 'rounding' HAVING COUNT(*) > 0`, d.tenant)
	err = row.Scan(&d.kind, &d.requests, &d.charge, &d.billed, &d.unbilled, &d.allocated,
		&d.amount, &d.payable)
	if errors.Is(err, sql.ErrNoRows) {
		return &SettingError{Problem: "no tenant " + Printable(d.tenant) + " in " + d.out,
			Hint: "tieout sql \"SELECT tenant_id, payable_usd FROM tenants WHERE kind <> " +
				"'rounding'\" lists them"}
	}
	return err
}

// billedMine is of the rows of a bill those that the lines in mine are of: those of a model, and of
// those that name none the ones for use, of the type of token or of all, or of the same category.
const billedMine = `response_model <> ''
		AND (provider, response_model) IN (SELECT (provider, response_model) FROM mine)
	OR response_model = '' AND charge_category = 'usage' AND (provider, token_type) IN (
		SELECT (provider, token_type) FROM mine UNION SELECT (provider, '') FROM mine)
	OR response_model = '' AND charge_category <> 'usage' AND (provider, charge_category) IN (
		SELECT (provider, token_type) FROM mine)`

// disputeFiles are the tables of the folder. The lines end with what cents add, so that they add
// up to what is paid.
func disputeFiles() map[string]string {
	return map[string]string{
		"lines.csv": `
			SELECT * FROM (
				SELECT day, provider, response_model, token_type, workflow_class, charge_status,
					basis, origin, method, ratio, requests, quantity, charge_usd, amount_usd
				FROM chargeback WHERE tenant_id = $1
				UNION ALL BY NAME
				SELECT 'rounding to cents' AS basis,
					CAST(SUM(payable_usd) - SUM(amount_usd) AS DECIMAL(38,15)) AS amount_usd
				FROM tenants WHERE tenant_id = $1 AND kind <> 'rounding'
			) ORDER BY day NULLS LAST, provider, response_model, token_type, workflow_class, basis,
				origin, method, ratio, charge_status`,
		"requests.csv": `
			SELECT * EXCLUDE (api_key_id) FROM requests WHERE tenant_id = $1
			ORDER BY started_at, request_id, source_file, source_line, trace_file, trace_line`,
		"prices.csv": `
			SELECT * FROM prices WHERE sheet_id IN (
				SELECT sheet_id FROM requests WHERE tenant_id = $1) ORDER BY ALL`,
		"rules.csv": `
			SELECT 'tenant' AS rule, tenant_rule AS says, COUNT(*) AS requests,
				CAST(SUM(charge_usd) AS DECIMAL(38,15)) AS usd
			FROM requests WHERE tenant_id = $1 GROUP BY ALL
			UNION ALL
			SELECT 'allocation', origin || ': ' || method || COALESCE(' x ' || ratio, ''), NULL,
				CAST(SUM(amount_usd) AS DECIMAL(38,15))
			FROM chargeback WHERE tenant_id = $1 AND basis = 'allocated'
			GROUP BY origin, method, ratio ORDER BY ALL`,
		"findings.csv": `
			WITH mine AS (
				SELECT provider, day, response_model FROM chargeback
				WHERE tenant_id = $1 AND basis = 'billed'
				UNION
				SELECT provider, day, '*' FROM chargeback -- all that the bill has in one sum
				WHERE tenant_id = $1 AND basis = 'billed'
			)
			SELECT * FROM breaks
			WHERE tenant_id = $1 OR tenant_id IS NULL AND level = 'bucket'
				AND (provider, day, response_model) IN (
					SELECT (provider, day, response_model) FROM mine) ORDER BY ALL`,
		"bill.csv": `
			WITH mine AS (
				SELECT DISTINCT provider, response_model, token_type FROM chargeback
				WHERE tenant_id = $1 AND (basis = 'billed'
					OR basis = 'allocated' AND origin LIKE '(%)') -- a part of what a pool has
			)
			SELECT * EXCLUDE (is_counted) FROM provider_rows
			WHERE leg = 'bill' AND is_counted AND (` + billedMine + `) ORDER BY ALL`,
		"files.csv": `
			SELECT path, sha256, bytes, format, leg, rows_read, rows_loaded, rows_rejected,
				rows_duplicate
			FROM sources WHERE leg <> 'gateway' AND leg <> 'trace' OR path IN (
				SELECT source_file FROM requests WHERE tenant_id = $1
				UNION SELECT trace_file FROM requests WHERE tenant_id = $1) ORDER BY ALL`,
	}
}

func (d *dispute) write() error {
	for name, query := range disputeFiles() {
		if err := d.writeCSV(name, query); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := d.prove(); err != nil {
		return err
	}
	statement, err := d.statement()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.folder, "statement.md"), statement, 0o644); err != nil {
		return err
	}
	return writeSums(d.folder)
}

// prove holds the folder to the tenant's figures before anybody relies on it.
func (d *dispute) prove() error {
	var lines, charges string
	err := d.db.QueryRowContext(d.ctx, `SELECT
		(SELECT CAST(COALESCE(SUM(amount_usd), 0) AS VARCHAR) FROM chargeback WHERE tenant_id = $1),
		(SELECT CAST(COALESCE(SUM(charge_usd), 0) AS VARCHAR) FROM requests WHERE tenant_id = $1)`,
		d.tenant).Scan(&lines, &charges)
	if err != nil {
		return err
	}
	if plain(lines) != plain(d.amount) || d.kind == "tenant" && plain(charges) != plain(d.charge) {
		return fmt.Errorf("the lines come to %s and the requests to %s, not %s and %s", lines,
			charges, d.amount, d.charge)
	}
	return nil
}

// writeCSV writes a query's result. Text that a spreadsheet would take for a formula gets an
// apostrophe in front; the reports hold it as it is.
func (d *dispute) writeCSV(name, query string) error {
	file, err := os.Create(filepath.Join(d.folder, name))
	if err != nil {
		return err
	}
	defer file.Close()
	writer := csv.NewWriter(file)
	err = eachRow(d.ctx, d.db, query, []any{d.tenant}, func(names []string, values []any) error {
		if values == nil {
			return writer.Write(names)
		}
		fields := make([]string, len(values))
		for i, value := range values {
			fields[i] = cell(value)
			text, isText := value.(string)
			if isText && strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r") {
				fields[i] = "'" + text
			}
		}
		return writer.Write(fields)
	})
	writer.Flush()
	return errors.Join(err, writer.Error(), file.Close())
}

// writeSums writes the hashes of all files so that sha256sum -c checks them.
func writeSums(folder string) error {
	files, err := hashFolder(folder)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, file := range files {
		fmt.Fprintf(&sums, "%s  %s\n", file.SHA256, file.Path)
	}
	return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
