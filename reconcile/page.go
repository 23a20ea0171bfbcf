package reconcile

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// pageText is report.html: one file that opens offline, without scripts. What comes from the data
// is text to the template, which escapes it for the place that it stands in.
//
//go:embed page.html
var pageText string

// htmlPage is what the template shows.
type htmlPage struct {
	Summary           *Summary
	Verdict, Bill     string
	Bridges           []bridgeChart
	Days              []dayBar
	FirstDay, LastDay string
	Models            [][]string
	Signals           [][]string
	Causes            []causeRows // of breaks
	Notes             []causeRows
	Files             [][]string
}

// causeRows are the findings of one cause, the largest first.
type causeRows struct {
	Name, Anchor, Count, Amount string
	Rows                        [][]string
}

// pageRows is how many rows a table of the page has of a kind; the reports hold all.
const pageRows = 25

// writePage writes report.html.
func (r *run) writePage(ctx context.Context, folder string, s *Summary) error {
	words := s.VerdictWords()
	p := htmlPage{Summary: s, Verdict: strings.ToUpper(words[:1]) + words[1:], Bill: "not loaded"}
	if s.BillUSD != nil {
		p.Bill = *s.BillUSD
	}
	for _, b := range s.Bridge {
		chart, err := newBridgeChart(b)
		if err != nil {
			return fmt.Errorf("publish report.html: %w", err)
		}
		p.Bridges = append(p.Bridges, chart)
	}
	for _, fill := range []func(context.Context, *htmlPage) error{
		r.pageDays, r.pageModels, r.pageSignals, r.pageCauses, r.pageNotes, r.pageFiles,
	} {
		if err := fill(ctx, &p); err != nil {
			return fmt.Errorf("publish report.html: %w", err)
		}
	}
	p.lead()
	html, err := p.html()
	if err != nil {
		return fmt.Errorf("publish report.html: %w", err)
	}
	return os.WriteFile(filepath.Join(folder, "report.html"), html, 0o644)
}

func (p htmlPage) html() ([]byte, error) {
	parsed, err := template.New("report").Parse(pageText)
	if err != nil {
		panic("reconcile: page.html is a template: " + err.Error())
	}
	var html bytes.Buffer
	err = parsed.Execute(&html, p)
	return html.Bytes(), err
}

// pageTable reads a query as rows of text.
func (r *run) pageTable(ctx context.Context, query string) ([][]string, error) {
	var table [][]string
	err := eachRow(ctx, r.store.db, query, nil, func(_ []string, values []any) error {
		if values == nil {
			return nil
		}
		fields := make([]string, len(values))
		for i, value := range values {
			fields[i] = Printable(cell(value))
		}
		table = append(table, fields)
		return nil
	})
	return table, err
}

func (r *run) pageDays(ctx context.Context, p *htmlPage) error {
	rows, err := r.pageTable(ctx, `SELECT CAST(day AS VARCHAR),
		CAST(SUM(drift_usd) AS DECIMAL(38,15)) FROM report.drift
		WHERE provider IN (SELECT provider FROM report.drift WHERE bill_usd IS NOT NULL)
		GROUP BY day ORDER BY day`)
	if err != nil || len(rows) == 0 {
		return err
	}
	from, to := r.settings.From, r.settings.To
	p.FirstDay, p.LastDay = from.Format(time.DateOnly), to.AddDate(0, 0, -1).Format(time.DateOnly)
	p.Days, err = dayBars(rows, from, int64(to.Sub(from)/(24*time.Hour)))
	return err
}

func (r *run) pageModels(ctx context.Context, p *htmlPage) (err error) {
	p.Models, err = r.pageTable(ctx, fmt.Sprintf(`SELECT provider,
		CASE WHEN response_model = '' THEN token_type ELSE response_model END AS model,
		CAST(SUM(charge_usd) AS DECIMAL(38,15)), CAST(SUM(bill_usd) AS DECIMAL(38,15)),
		CAST(-SUM(drift_usd) AS DECIMAL(38,15)), CAST(SUM(volume_usd) AS DECIMAL(38,15)),
		CAST(SUM(price_usd) AS DECIMAL(38,15)),
		CAST(SUM(non_usage_usd) + SUM(rest_usd) AS DECIMAL(38,15))
		FROM report.drift GROUP BY 1, 2
		ORDER BY ABS(SUM(drift_usd)) DESC, 1, 2 LIMIT %d`, pageRows))
	return err
}

func (r *run) pageSignals(ctx context.Context, p *htmlPage) (err error) {
	p.Signals, err = r.pageTable(ctx, `SELECT gateway, signal,
		CAST(COALESCE(SUM(requests) FILTER (state = 'present'), 0) AS BIGINT),
		CAST(COALESCE(SUM(requests) FILTER (state = 'partial'), 0) AS BIGINT),
		CAST(COALESCE(SUM(requests) FILTER (state = 'absent'), 0) AS BIGINT),
		CAST(COALESCE(SUM(requests) FILTER (state = 'denied'), 0) AS BIGINT),
		CAST(SUM(at_risk_usd) AS DECIMAL(38,15))
		FROM report.signals GROUP BY 1, 2
		ORDER BY 1, strpos('request_id tenant token_types response_model workflow', signal)`)
	return err
}

func (r *run) pageCauses(ctx context.Context, p *htmlPage) error {
	rows, err := r.pageTable(ctx, fmt.Sprintf(`
		WITH ranked AS (
			SELECT *, row_number() OVER (PARTITION BY cause ORDER BY ABS(drift_usd) DESC, provider,
				day, response_model, request_id, evidence, source_file, source_line,
				tenant_id) AS place,
				COUNT(*) OVER (PARTITION BY cause) AS findings,
				SUM(drift_usd) OVER (PARTITION BY cause) AS sum_usd,
				SUM(ABS(drift_usd)) OVER (PARTITION BY cause) AS weight
			FROM report.breaks WHERE is_break
		)
		SELECT cause, CAST(findings AS VARCHAR), CAST(sum_usd AS DECIMAL(38,15)),
			concat_ws(' ', provider, response_model, CAST(day AS VARCHAR), tenant_id, request_id),
			drift_usd, evidence, source_file || ':' || source_line
		FROM ranked WHERE place <= %d ORDER BY weight DESC, cause, place`, pageRows))
	p.Causes = byCause(rows)
	return err
}

// pageNotes lists what is no break: by day and model, for there may be a note a request.
func (r *run) pageNotes(ctx context.Context, p *htmlPage) error {
	rows, err := r.pageTable(ctx, fmt.Sprintf(`
		WITH summed AS (
			SELECT cause, concat_ws(' ', provider, response_model, CAST(day AS VARCHAR)) AS place,
				CAST(SUM(rows) AS BIGINT) AS rows,
				CAST(COALESCE(SUM(drift_usd), 0) AS DECIMAL(38,15)) AS usd,
				MIN(evidence) AS evidence
			FROM report.breaks WHERE NOT is_break AND cause NOT IN (
				SELECT cause FROM report.breaks WHERE is_break)
			GROUP BY cause, provider, response_model, day
		),
		ranked AS (
			SELECT *, row_number() OVER (PARTITION BY cause ORDER BY ABS(usd) DESC, place,
				rows, evidence) AS nth,
				CAST(SUM(rows) OVER (PARTITION BY cause) AS VARCHAR) AS all_rows,
				CAST(SUM(usd) OVER (PARTITION BY cause) AS DECIMAL(38,15)) AS all_usd
			FROM summed
		)
		SELECT cause, all_rows, all_usd, place, rows, usd, evidence
		FROM ranked WHERE nth <= %d ORDER BY ABS(all_usd) DESC, cause, nth`, pageRows))
	p.Notes = byCause(rows)
	return err
}

// byCause gathers rows that begin with cause, count and amount.
func byCause(rows [][]string) (causes []causeRows) {
	for _, row := range rows {
		n := len(causes)
		if n == 0 || causes[n-1].Name != row[0] {
			causes = append(causes, causeRows{Name: row[0], Anchor: causeAnchor(row[0]),
				Count: row[1], Amount: row[2]})
			n++
		}
		causes[n-1].Rows = append(causes[n-1].Rows, row[3:])
	}
	return causes
}

// lead lets the steps of the bridges lead to their findings; a step that has none there, such as
// what is within tolerance, leads to the drift that it is part of.
func (p *htmlPage) lead() {
	anchors := map[string]bool{"drift": true, "tenants": true}
	for _, cause := range append(slices.Clone(p.Causes), p.Notes...) {
		anchors[cause.Anchor] = true
	}
	for _, bridge := range p.Bridges {
		for i, bar := range bridge.Bars {
			if !anchors[bar.Link] {
				bridge.Bars[i].Link = "drift"
			}
		}
	}
}

// causeAnchor is where the findings of a cause stand.
func causeAnchor(cause string) string {
	return "cause-" + strings.NewReplacer("|", "-", " ", "-").Replace(cause)
}

func (r *run) pageFiles(ctx context.Context, p *htmlPage) (err error) {
	p.Files, err = r.pageTable(ctx, `SELECT path, format, rows_read, rows_loaded, rows_rejected,
		rows_duplicate, left(sha256, 16) FROM report.sources ORDER BY path, sha256 LIMIT 200`)
	return err
}
