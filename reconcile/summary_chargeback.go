package reconcile

import (
	"context"
	"database/sql"
	"fmt"
)

// TenantTotal is what one tenant or pool pays, exact and in cents.
type TenantTotal struct {
	Tenant     string `json:"tenant"`
	Kind       string `json:"kind"` // tenant or pool
	Requests   int64  `json:"requests"`
	ChargeUSD  string `json:"charge_usd"`
	AmountUSD  string `json:"amount_usd"`
	PayableUSD string `json:"payable_usd"`
}

// ChargebackTotal proves that all tenants and pools together pay the bill: AmountUSD is BillUSD
// plus UnbilledUSD, the charge of what no provider has billed yet, and PayableUSD plus
// RoundingUSD. DifferenceUSD is 0.
type ChargebackTotal struct {
	AmountUSD     string `json:"amount_usd"`
	BillUSD       string `json:"bill_usd"`
	UnbilledUSD   string `json:"unbilled_usd"`
	PayableUSD    string `json:"payable_usd"`
	RoundingUSD   string `json:"rounding_usd"`
	DifferenceUSD string `json:"difference_usd"`
}

// UnbilledDays are the days of a provider's calls that no bill covers, from the first to the last:
// an export that ends early, or what it has not billed yet.
type UnbilledDays struct {
	Provider  string `json:"provider"`
	Days      int64  `json:"days"`
	FromDay   string `json:"from_day"`
	ToDay     string `json:"to_day"`
	ChargeUSD string `json:"charge_usd"`
}

// Words says it as people read it.
func (u UnbilledDays) Words() string {
	days := "day " + u.FromDay
	if u.Days > 1 {
		days = fmt.Sprintf("%d days from %s to %s", u.Days, u.FromDay, u.ToDay)
	}
	return fmt.Sprintf("%s, %s, %s USD", u.Provider, days, u.ChargeUSD)
}

func (r *run) addTenants(ctx context.Context, s *Summary) error {
	const query = `SELECT tenant_id, kind, CAST(SUM(requests) AS BIGINT),
		CAST(SUM(charge_usd) AS VARCHAR), CAST(SUM(amount_usd) AS VARCHAR),
		CAST(SUM(payable_usd) AS VARCHAR) FROM report.tenants WHERE kind <> 'rounding'
		GROUP BY tenant_id, kind ORDER BY kind DESC, SUM(amount_usd) DESC, tenant_id`
	return r.each(ctx, query, func(rows *sql.Rows) error {
		var tenant TenantTotal
		err := rows.Scan(&tenant.Tenant, &tenant.Kind, &tenant.Requests, &tenant.ChargeUSD,
			&tenant.AmountUSD, &tenant.PayableUSD)
		tenant.ChargeUSD, tenant.AmountUSD = plain(tenant.ChargeUSD), plain(tenant.AmountUSD)
		s.Tenants = append(s.Tenants, tenant)
		return err
	})
}

// addChargeback adds up the tenants, and the bill and the charge without a bill on their own.
func (r *run) addChargeback(ctx context.Context, s *Summary) error {
	const query = `
		WITH tenant AS (
			SELECT COALESCE(SUM(amount_usd), 0) AS amount, COALESCE(SUM(payable_usd), 0) AS payable,
				COALESCE(SUM(rounding_usd), 0) AS rounding FROM report.tenants
		),
		wanted AS (
			SELECT COALESCE((SELECT SUM(bill_usd) FROM report.drift), 0) AS bill,
				COALESCE((SELECT SUM(charge_usd) FROM book.scope WHERE NOT is_billed), 0)
					AS unbilled
		)
		SELECT CAST(amount AS VARCHAR), CAST(bill AS VARCHAR), CAST(unbilled AS VARCHAR),
			CAST(payable AS VARCHAR), CAST(rounding AS VARCHAR),
			CAST(amount - bill - unbilled AS VARCHAR)
		FROM tenant, wanted`
	c := &s.Chargeback
	return r.each(ctx, query, func(rows *sql.Rows) error {
		err := rows.Scan(&c.AmountUSD, &c.BillUSD, &c.UnbilledUSD, &c.PayableUSD, &c.RoundingUSD,
			&c.DifferenceUSD)
		for _, amount := range []*string{&c.AmountUSD, &c.BillUSD, &c.UnbilledUSD, &c.RoundingUSD,
			&c.DifferenceUSD} {
			*amount = plain(*amount)
		}
		return err
	})
}

// addUnbilled tells of the days, where any bill is loaded.
func (r *run) addUnbilled(ctx context.Context, s *Summary) error {
	const query = `SELECT provider, COUNT(DISTINCT day), MIN(day), MAX(day),
		CAST(SUM(charge_usd) AS VARCHAR) FROM book.scope WHERE NOT is_billed AND charge_usd > 0
		GROUP BY provider ORDER BY provider`
	s.Unbilled = []UnbilledDays{}
	if s.BillUSD == nil {
		return nil
	}
	return r.each(ctx, query, func(rows *sql.Rows) error {
		var u UnbilledDays
		err := rows.Scan(&u.Provider, &u.Days, &u.FromDay, &u.ToDay, &u.ChargeUSD)
		u.ChargeUSD = plain(u.ChargeUSD)
		s.Unbilled = append(s.Unbilled, u)
		return err
	})
}
