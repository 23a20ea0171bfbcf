package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tieout/pricing"
)

// notePeriod writes down what the run was told, for the stages to read.
func (r *run) notePeriod(ctx context.Context) error {
	s := r.settings
	whole := s.wholeTolerance()
	err := r.store.exec(ctx, `INSERT INTO book.period SELECT ?, ?, ?, ?,
		CAST(? AS DECIMAL(38,15)), CAST(? AS DECIMAL(9,6)), ?,
		EXISTS (SELECT 1 FROM raw.request), EXISTS (SELECT 1 FROM raw.span),
		EXISTS (SELECT 1 FROM raw.usage), EXISTS (SELECT 1 FROM raw.bill)`,
		s.From.UnixMicro(), s.To.UnixMicro(), s.From.Format(time.DateOnly),
		s.To.Format(time.DateOnly), whole.USD, whole.Pct, r.asOf.UnixMicro())
	if err != nil {
		return fmt.Errorf("note the period: %w", err)
	}
	if err := r.noteTolerances(ctx, whole); err != nil {
		return fmt.Errorf("note the tolerances: %w", err)
	}
	if err := r.noteTenants(ctx); err != nil {
		return fmt.Errorf("note the tenants: %w", err)
	}
	return r.noteSettleHours(ctx)
}

// wholeTolerance is the tolerance of all that no narrower one is said for: a flag goes before
// the configuration.
func (s Settings) wholeTolerance() Tolerance {
	whole := Tolerance{USD: s.ToleranceUSD, Pct: s.TolerancePct}
	if s.Config != nil {
		for _, t := range s.Config.Tolerances {
			if t.Scope == "" {
				whole = Tolerance{USD: cmp.Or(whole.USD, t.USD), Pct: cmp.Or(whole.Pct, t.Pct),
					MaterialUSD: cmp.Or(whole.MaterialUSD, t.MaterialUSD),
					MaterialPct: cmp.Or(whole.MaterialPct, t.MaterialPct),
					Tokens:      t.Tokens, TokensPct: t.TokensPct}
			}
		}
	}
	whole.USD = cmp.Or(whole.USD, DefaultToleranceUSD)
	whole.Pct = cmp.Or(whole.Pct, DefaultTolerancePct)
	whole.Tokens = cmp.Or(whole.Tokens, DefaultToleranceTokens)
	whole.TokensPct = cmp.Or(whole.TokensPct, DefaultToleranceTokens)
	return whole
}

func (r *run) noteTolerances(ctx context.Context, whole Tolerance) error {
	all := []Tolerance{whole}
	if r.settings.Config != nil {
		for _, t := range r.settings.Config.Tolerances {
			if t.Scope != "" {
				all = append(all, t)
			}
		}
	}
	for _, t := range reportNames(r.book, all) {
		err := r.store.exec(ctx, `INSERT INTO book.tolerance SELECT ?, ?,
			CAST(NULLIF(?, '') AS DECIMAL(38,15)), CAST(NULLIF(?, '') AS DECIMAL(9,6)),
			CAST(NULLIF(?, '') AS DECIMAL(38,15)), CAST(NULLIF(?, '') AS DECIMAL(9,6)),
			CAST(NULLIF(?, '') AS BIGINT), CAST(NULLIF(?, '') AS DECIMAL(9,6))`,
			t.Scope, t.Name, t.USD, t.Pct, t.MaterialUSD, t.MaterialPct, t.Tokens, t.TokensPct)
		if err != nil {
			return err
		}
	}
	return nil
}

// settleHours are the built-in ones under those of the configuration.
func (s Settings) settleHours(book *pricing.Book) map[string]int64 {
	hours := defaultSettleHours()
	if s.Config != nil {
		for _, name := range slices.Sorted(maps.Keys(s.Config.SettleHours)) {
			hours[providerName(book, name)] = s.Config.SettleHours[name]
		}
	}
	return hours
}

func (r *run) noteSettleHours(ctx context.Context) error {
	for provider, n := range r.settings.settleHours(r.book) {
		err := r.store.exec(ctx, "INSERT INTO book.settle VALUES (?, ?)", provider,
			n*time.Hour.Microseconds())
		if err != nil {
			return fmt.Errorf("note the settle hours: %w", err)
		}
	}
	return nil
}

// manifest gives the settings that figures depend on.
func (s Settings) manifest() ManifestSettings {
	whole := s.wholeTolerance()
	m := ManifestSettings{ToleranceUSD: whole.USD, TolerancePct: whole.Pct}
	if s.Config != nil {
		m.Config = s.Config.SHA256
	}
	if !s.AsOf.IsZero() {
		m.AsOf = s.AsOf.UTC().Format(time.RFC3339)
	}
	return m
}
