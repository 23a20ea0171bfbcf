package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tieout/pricing"
)

// Audit is how far the five signals are there, by gateway, the gaps with the most money at risk
// first. Shares are in hundredths of a percent, rounded down.
type Audit struct {
	Signals []SignalShare `json:"signals"` // of all gateways together
	Gateway []SignalShare `json:"gateways"`
	Gaps    []SignalGap   `json:"gaps"`
}

// SignalShare counts the requests of a gateway by the state of a signal. Gateway is "" for all.
type SignalShare struct {
	Gateway     string `json:"gateway,omitempty"`
	Signal      string `json:"signal"`
	ByDefault   string `json:"by_default,omitempty"` // what the gateway gives unconfigured
	Requests    int64  `json:"requests"`
	Present     int64  `json:"present"`
	Partial     int64  `json:"partial"`
	Absent      int64  `json:"absent"`
	Denied      int64  `json:"denied"`
	PresentBP   int64  `json:"present_bp"`
	USD         string `json:"usd"`
	PresentUSD  string `json:"present_usd"`
	PresentInBP *int64 `json:"present_usd_bp"` // null when there is no money
	AtRiskUSD   string `json:"at_risk_usd"`
}

// SignalGap is a reason why a signal is not present, with the tenant and route that has most of
// it, and the configuration that closes it.
type SignalGap struct {
	Gateway   string `json:"gateway"`
	Version   string `json:"gateway_version,omitempty"` // where it is known
	Signal    string `json:"signal"`
	State     string `json:"state"`
	How       string `json:"how"`
	Requests  int64  `json:"requests"`
	AtRiskUSD string `json:"at_risk_usd"`
	Tenant    string `json:"tenant"`
	Route     string `json:"route"`
	Remedy    string `json:"remedy"`
}

// Signals are the five that attribution needs, in the order in which they are told.
func Signals() []string {
	return []string{"request_id", "tenant", "token_types", "response_model", "workflow"}
}

// ReadAudit reads the published signals, of one gateway or, with "", of all.
func ReadAudit(ctx context.Context, out, gateway string) (*Audit, error) {
	db, closeDB, err := openReports(out)
	if err != nil {
		return nil, err
	}
	defer closeDB()
	a := &Audit{}
	if a.Gateway, err = readShares(ctx, db, "gateway", gateway); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if a.Signals, err = readShares(ctx, db, "''", gateway); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if a.Gaps, err = readGaps(ctx, db, gateway); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if gateway != "" && len(a.Gateway) == 0 {
		return nil, &SettingError{Problem: "no requests of the gateway " + gateway + " in " + out,
			Hint: "tieout audit without --gateway lists all"}
	}
	return a, nil
}

// readShares sums up the signals by a column, or by none. Both texts are ours.
func readShares(
	ctx context.Context, db *sql.DB, by, gateway string,
) ([]SignalShare, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT `+by+` AS gateway, signal, CASE WHEN MIN(by_default) = MAX(by_default)
			THEN MIN(by_default) ELSE '' END, CAST(SUM(requests) AS BIGINT),
			CAST(COALESCE(SUM(requests) FILTER (state = 'present'), 0) AS BIGINT),
			CAST(COALESCE(SUM(requests) FILTER (state = 'partial'), 0) AS BIGINT),
			CAST(COALESCE(SUM(requests) FILTER (state = 'absent'), 0) AS BIGINT),
			CAST(COALESCE(SUM(requests) FILTER (state = 'denied'), 0) AS BIGINT),
			CAST(SUM(usd) AS VARCHAR),
			CAST(COALESCE(SUM(usd) FILTER (state = 'present'), 0) AS VARCHAR),
			CAST(SUM(at_risk_usd) AS VARCHAR)
		FROM signals WHERE ? = '' OR gateway = ?
		GROUP BY 1, 2 ORDER BY 1, MIN(strpos(?, signal))`, gateway, gateway,
		strings.Join(Signals(), " "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []SignalShare
	for rows.Next() {
		var s SignalShare
		err := rows.Scan(&s.Gateway, &s.Signal, &s.ByDefault, &s.Requests, &s.Present, &s.Partial,
			&s.Absent, &s.Denied, &s.USD, &s.PresentUSD, &s.AtRiskUSD)
		if err != nil {
			return nil, err
		}
		s.PresentBP = 10000 * s.Present / max(s.Requests, 1)
		s.USD, s.PresentUSD, s.AtRiskUSD = plain(s.USD), plain(s.PresentUSD), plain(s.AtRiskUSD)
		if s.PresentInBP, err = shareBP(s.PresentUSD, s.USD); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// shareBP is the part of a whole in hundredths of a percent, rounded down; nil when there is no
// whole.
func shareBP(part, whole string) (*int64, error) {
	p, err := pricing.ParseUSD(part)
	if err != nil {
		return nil, err
	}
	w, err := pricing.ParseUSD(whole)
	if err != nil || w.Sign() <= 0 {
		return nil, err
	}
	low, high := int64(0), int64(10000)
	for low < high { // the largest n with n/10000 of the whole within the part
		middle := (low + high + 1) / 2
		if w.Times(middle).Shift(-4).Cmp(p) <= 0 {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return &low, nil
}

func readGaps(ctx context.Context, db *sql.DB, gateway string) ([]SignalGap, error) {
	rows, err := db.QueryContext(ctx, `
		WITH gap AS (
			SELECT gateway, COALESCE(gateway_version, '') AS version, signal, state, how,
				tenant_id, route, SUM(requests) AS requests, SUM(at_risk_usd) AS usd,
				MIN(remedy) AS remedy
			FROM signals WHERE state <> 'present' AND (? = '' OR gateway = ?)
			GROUP BY ALL
		),
		ranked AS (
			SELECT *, row_number() OVER (PARTITION BY gateway, version, signal, state, how
				ORDER BY usd DESC, requests DESC, tenant_id, route) AS place
			FROM gap
		)
		SELECT gateway, version, signal, state, how, CAST(SUM(requests) AS BIGINT),
			CAST(SUM(usd) AS VARCHAR), MIN(tenant_id) FILTER (place = 1),
			MIN(route) FILTER (place = 1), COALESCE(MIN(remedy), '')
		FROM ranked GROUP BY gateway, version, signal, state, how
		ORDER BY SUM(usd) DESC, SUM(requests) DESC, gateway, version, signal, state, how`,
		gateway, gateway)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	gaps := []SignalGap{}
	for rows.Next() {
		var g SignalGap
		if err := rows.Scan(&g.Gateway, &g.Version, &g.Signal, &g.State, &g.How, &g.Requests,
			&g.AtRiskUSD, &g.Tenant, &g.Route, &g.Remedy); err != nil {
			return nil, err
		}
		g.AtRiskUSD = plain(g.AtRiskUSD)
		gaps = append(gaps, g)
	}
	return gaps, rows.Err()
}
