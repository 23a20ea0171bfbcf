package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Verdicts.
const (
	VerdictTied   = "tied"
	VerdictBreaks = "breaks"
	VerdictEmpty  = "empty" // no call and no bill is of the period
)

// Summary is the result of a run in figures; money is decimal text.
type Summary struct {
	Period         Period           `json:"period"`
	Verdict        string           `json:"verdict"`
	SpendUSD       string           `json:"spend_usd"`
	ChargeUSD      string           `json:"charge_usd"`
	BillUSD        *string          `json:"bill_usd"` // null when no bill is loaded
	UnexplainedUSD string           `json:"unexplained_usd"`
	Rows           RowCounts        `json:"rows"`
	Requests       int64            `json:"requests"`
	Outside        int64            `json:"outside_period"`
	PassedOver     int64            `json:"files_passed_over"` // of folders, in no known format
	Unpriced       int64            `json:"unpriced"`
	Breaks         int64            `json:"breaks"`
	Material       int64            `json:"material_breaks"` // those that decide the verdict
	Notes          int64            `json:"notes"`
	loadedDays     string           // the first and the last day of what is loaded
	AsOf           string           `json:"as_of,omitempty"` // only when the run was told
	MatchStates    []MatchState     `json:"match_states"`
	ProviderStates []ProviderState  `json:"provider_match_states"`
	Causes         []CauseTotal     `json:"causes"`
	Tenants        []TenantTotal    `json:"tenants"`
	Chargeback     ChargebackTotal  `json:"chargeback"`
	Unbilled       []UnbilledDays   `json:"unbilled"`
	Bridge         []ProviderBridge `json:"bridge"`
	Rejects        []RejectTotal    `json:"rejects"`

	IsUnchanged bool `json:"-"` // nothing was new: the reports are those of an earlier run
}

// Period is the half-open span of UTC days.
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// RowCounts are the control totals: read = loaded + rejected + duplicate.
type RowCounts struct {
	Read      int64 `json:"read"`
	Loaded    int64 `json:"loaded"`
	Rejected  int64 `json:"rejected"`
	Duplicate int64 `json:"duplicate"`
}

// MatchState counts the requests that met the same partners.
type MatchState struct {
	State    string `json:"state"`
	Requests int64  `json:"requests"`
}

// ProviderState counts the rows of providers' files that met the same partners.
type ProviderState struct {
	State string `json:"state"`
	Rows  int64  `json:"rows"`
}

// CauseTotal is what one cause comes to; AmountUSD is earlier figure less later one.
type CauseTotal struct {
	Cause     string `json:"cause"`
	IsBreak   bool   `json:"is_break"`
	Rows      int64  `json:"rows"`
	AmountUSD string `json:"amount_usd"`
}

// ProviderBridge leads from total spend to total bill by cause.
type ProviderBridge struct {
	Provider  string       `json:"provider"`
	Account   string       `json:"account"`
	SpendUSD  string       `json:"spend_usd"`
	ChargeUSD string       `json:"charge_usd"`
	BillUSD   *string      `json:"bill_usd"`
	Steps     []BridgeStep `json:"steps"`
}

// BridgeStep is what one cause adds on the way from spend to bill.
type BridgeStep struct {
	Cause     string `json:"cause"`
	Rows      int64  `json:"rows"`
	AmountUSD string `json:"amount_usd"`
}

// RejectTotal counts the rejects of one file and reason, with the first line.
type RejectTotal struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
	Line   int64  `json:"first_line"`
}

const totalsSQL = `
SELECT d.spend, d.charge, d.bill, b.unexplained, r.requests,
  (SELECT COUNT(*) FROM raw.request_row WHERE started_us < %[1]d)
  + (SELECT COUNT(*) FROM raw.request_row WHERE started_us >= %[2]d)
  + (SELECT COUNT(*) FROM raw.span WHERE role = 'llm_call' AND started_us < %[1]d)
  + (SELECT COUNT(*) FROM raw.span WHERE role = 'llm_call' AND started_us >= %[2]d),
  r.unpriced, b.breaks, b.material, b.notes,
  COALESCE(b.immaterial_usd > (SELECT MIN(material_usd) FROM book.tolerance WHERE scope = ''),
    FALSE)
FROM (
    SELECT CAST(COALESCE(SUM(spend_usd), 0) AS VARCHAR) AS spend,
      CAST(COALESCE(SUM(charge_usd), 0) AS VARCHAR) AS charge,
      CAST(SUM(bill_usd) AS VARCHAR) AS bill
    FROM report.drift) AS d, (
    SELECT CAST(COALESCE(SUM(ABS(drift_usd)) FILTER (cause = 'unexplained'), 0) AS VARCHAR)
        AS unexplained,
      COUNT(*) FILTER (is_break) AS breaks, COUNT(*) FILTER (is_material) AS material,
      COUNT(*) FILTER (NOT is_break) AS notes,
      SUM(ABS(drift_usd)) FILTER (is_break AND NOT is_material) AS immaterial_usd
    FROM book.break) AS b, (
    SELECT COUNT(*) AS requests, COUNT(*) FILTER (charge_status = 'unpriced') AS unpriced
    FROM book.rated) AS r`

const rowsSQL = `
SELECT CAST(COALESCE(SUM(rows_read), 0) AS BIGINT), CAST(COALESCE(SUM(rows_loaded), 0) AS BIGINT),
  CAST(COALESCE(SUM(rows_rejected), 0) AS BIGINT),
  CAST(COALESCE(SUM(rows_duplicate), 0) AS BIGINT),
  COUNT(*) FILTER (format = '` + unrecognised + `') FROM report.sources`

// summarise reads the figures of a finished run.
func (r *run) summarise(ctx context.Context) (*Summary, error) {
	s := &Summary{Verdict: VerdictTied, Period: Period{r.settings.From.Format(time.DateOnly),
		r.settings.To.Format(time.DateOnly)},
		// What is a list is one where it holds nothing too.
		MatchStates: []MatchState{}, Causes: []CauseTotal{}, Tenants: []TenantTotal{},
		Bridge: []ProviderBridge{}, Rejects: []RejectTotal{}}
	if !r.settings.AsOf.IsZero() {
		s.AsOf = r.settings.AsOf.UTC().Format(time.RFC3339)
	}
	var bill sql.NullString
	var addsUp bool // breaks that are immaterial one by one, and not together
	row := r.store.db.QueryRowContext(ctx, fmt.Sprintf(totalsSQL,
		r.settings.From.UnixMicro(), r.settings.To.UnixMicro()))
	if err := row.Scan(&s.SpendUSD, &s.ChargeUSD, &bill, &s.UnexplainedUSD, &s.Requests,
		&s.Outside, &s.Unpriced, &s.Breaks, &s.Material, &s.Notes, &addsUp); err != nil {
		return nil, fmt.Errorf("summary: totals: %w", err)
	}
	s.SpendUSD, s.ChargeUSD = plain(s.SpendUSD), plain(s.ChargeUSD)
	s.UnexplainedUSD, s.BillUSD = plain(s.UnexplainedUSD), plainOrNone(bill)
	if s.Material > 0 || addsUp {
		s.Verdict = VerdictBreaks
	}
	row = r.store.db.QueryRowContext(ctx, rowsSQL)
	err := row.Scan(&s.Rows.Read, &s.Rows.Loaded, &s.Rows.Rejected, &s.Rows.Duplicate,
		&s.PassedOver)
	if err != nil {
		return nil, fmt.Errorf("summary: rows: %w", err)
	}
	for _, part := range []func(context.Context, *Summary) error{
		r.addProviderStates, r.addCauses, r.addTenants, r.addChargeback, r.addUnbilled,
		r.addBridge, r.addRejects,
	} {
		if err := part(ctx, s); err != nil {
			return nil, fmt.Errorf("summary: %w", err)
		}
	}
	if s.Verdict == VerdictTied && s.Requests == 0 && len(s.Bridge) == 0 {
		s.Verdict = VerdictEmpty
		err = r.store.db.QueryRowContext(ctx, `SELECT COALESCE(strftime(MIN(first_at), '%Y-%m-%d')
			|| ' to ' || strftime(MAX(last_at), '%Y-%m-%d'), 'no day that is told')
			FROM report.sources`).Scan(&s.loadedDays)
	}
	return s, err
}

// addStates counts the requests by state as they are published.
func (r *run) addStates(ctx context.Context, s *Summary) error {
	const query = `SELECT match_state, COUNT(*) FROM published.requests GROUP BY 1 ORDER BY 1`
	return r.each(ctx, query, func(rows *sql.Rows) error {
		var state MatchState
		err := rows.Scan(&state.State, &state.Requests)
		s.MatchStates = append(s.MatchStates, state)
		return err
	})
}

func (r *run) addProviderStates(ctx context.Context, s *Summary) error {
	const query = `SELECT match_state, COUNT(*) FROM book.provider_state GROUP BY 1 ORDER BY 1`
	s.ProviderStates = []ProviderState{}
	return r.each(ctx, query, func(rows *sql.Rows) error {
		var state ProviderState
		err := rows.Scan(&state.State, &state.Rows)
		s.ProviderStates = append(s.ProviderStates, state)
		return err
	})
}

func (r *run) addCauses(ctx context.Context, s *Summary) error {
	const query = `SELECT cause, is_break, CAST(SUM(rows) AS BIGINT),
		CAST(SUM(drift_usd) AS VARCHAR) FROM book.break GROUP BY cause, is_break
		ORDER BY is_break DESC, SUM(ABS(drift_usd)) DESC, cause`
	return r.each(ctx, query, func(rows *sql.Rows) error {
		var cause CauseTotal
		err := rows.Scan(&cause.Cause, &cause.IsBreak, &cause.Rows, &cause.AmountUSD)
		cause.AmountUSD = plain(cause.AmountUSD)
		s.Causes = append(s.Causes, cause)
		return err
	})
}

func (r *run) addBridge(ctx context.Context, s *Summary) error {
	const query = `SELECT provider, account, CAST(spend_usd AS VARCHAR),
		CAST(charge_usd AS VARCHAR), CAST(bill_usd AS VARCHAR), cause, rows,
		CAST(amount_usd AS VARCHAR) FROM report.bridge
		ORDER BY provider, account, step`
	return r.each(ctx, query, func(rows *sql.Rows) error {
		var b ProviderBridge
		var bill, cause sql.NullString
		var count sql.NullInt64
		var step BridgeStep
		err := rows.Scan(&b.Provider, &b.Account, &b.SpendUSD, &b.ChargeUSD, &bill, &cause, &count,
			&step.AmountUSD)
		if err != nil {
			return err
		}
		n := len(s.Bridge)
		if n == 0 || s.Bridge[n-1].Provider != b.Provider || s.Bridge[n-1].Account != b.Account {
			b.SpendUSD, b.ChargeUSD = plain(b.SpendUSD), plain(b.ChargeUSD)
			b.BillUSD, b.Steps = plainOrNone(bill), []BridgeStep{}
			s.Bridge = append(s.Bridge, b)
			n++
		}
		if cause.Valid {
			step.Cause, step.Rows, step.AmountUSD = cause.String, count.Int64, plain(step.AmountUSD)
			s.Bridge[n-1].Steps = append(s.Bridge[n-1].Steps, step)
		}
		return nil
	})
}

func (r *run) addRejects(ctx context.Context, s *Summary) error {
	const query = `SELECT source_file, reason, COUNT(*), MIN(source_line) FROM report.rejects
		GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 20`
	s.Rejects = []RejectTotal{}
	return r.each(ctx, query, func(rows *sql.Rows) error {
		var reject RejectTotal
		err := rows.Scan(&reject.File, &reject.Reason, &reject.Rows, &reject.Line)
		s.Rejects = append(s.Rejects, reject)
		return err
	})
}

// each runs a query and visits its rows.
func (r *run) each(ctx context.Context, query string, visit func(*sql.Rows) error) error {
	rows, err := r.store.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// VerdictWords says the verdict as people read it. What bills do not reach is tied to none, nor is
// what has no other leg, or could not be read.
func (s *Summary) VerdictWords() string {
	switch {
	case s.Verdict == VerdictEmpty:
		return "no call and no bill of the period was found; what is loaded is of " +
			s.loadedDays
	case s.Verdict != VerdictTied && s.Breaks == 1:
		return "1 break"
	case s.Verdict != VerdictTied:
		return fmt.Sprintf("%d breaks", s.Breaks)
	}
	var but []string
	if s.Breaks > 0 {
		but = append(but, fmt.Sprintf("%d breaks that are not material", s.Breaks))
	}
	if s.BillUSD != nil && s.Chargeback.UnbilledUSD != "0" {
		but = append(but, s.Chargeback.UnbilledUSD+" USD that no bill covers")
	}
	words := "tied out"
	if len(but) > 0 {
		words += ", but for " + strings.Join(but, " and ")
	}
	if none := s.notThere(); len(none) > 0 {
		words += "; the period has " + strings.Join(none, " and ")
	}
	switch s.Rows.Rejected {
	case 0:
	case 1:
		words += "; 1 row could not be read"
	default:
		words += fmt.Sprintf("; %d rows could not be read", s.Rows.Rejected)
	}
	return words
}

// notThere names the legs that the period has nothing of, so that nothing could differ from them.
// Traces are no figure of their own.
func (s *Summary) notThere() []string {
	isLogged := slices.ContainsFunc(s.MatchStates, func(m MatchState) bool {
		return m.State != "only_trace" && m.State != "trace_provider"
	})
	var none []string
	switch {
	case s.Requests == 0:
		none = append(none, "no calls")
	case !isLogged:
		none = append(none, "no gateway rows")
	}
	if s.BillUSD == nil {
		none = append(none, "no bill")
	}
	return none
}
