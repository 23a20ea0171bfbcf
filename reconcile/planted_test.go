package reconcile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tieout/fixtures"
	"tieout/pricing"
)

// TestPlantedBreaks holds the run of the fixture month to what was planted in it.
func TestPlantedBreaks(t *testing.T) {
	t.Parallel()
	var truth fixtures.Truth
	if err := json.Unmarshal(readFile(t, month+"/truth.json"), &truth); err != nil {
		t.Fatal(err)
	}
	checkTruth(t, monthRun(t), truth)
}

// TestGeneratedMonths holds runs of larger months, with each break planted several times, to
// what was planted in them.
func TestGeneratedMonths(t *testing.T) {
	t.Parallel()
	for _, plan := range []fixtures.Plan{
		{Requests: 2000, Seed: 1, Plants: 1}, {Requests: 2000, Seed: 2, Plants: 4},
		{Requests: 1000, Seed: 3, Plants: 4},
	} {
		t.Run(fmt.Sprintf("seed %d", plan.Seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			truth, err := fixtures.Generate(dir, plan)
			if err != nil {
				t.Fatal(err)
			}
			settings := settingsIn(t.TempDir(), filepath.Join(dir, "gateway"),
				filepath.Join(dir, "traces"), filepath.Join(dir, "provider"))
			settings.Prices = []string{filepath.Join(dir, truth.Prices)}
			checkTruth(t, runWith(t, settings), truth)
		})
	}
}

// checkTruth holds every figure of a run to the truth: findings, totals, buckets, bridge.
func checkTruth(t *testing.T, run outcome, truth fixtures.Truth) {
	t.Helper()
	checkBreaks(t, run, truth)
	checkBreakTokens(t, run, truth)
	checkTotals(t, run, truth)
	checkBuckets(t, run, truth)
	checkBridge(t, run, truth)
	if run.Verdict != VerdictBreaks || run.UnexplainedUSD != "0" {
		t.Errorf("verdict %s, unexplained %s", run.Verdict, run.UnexplainedUSD)
	}
}

func joined(fields ...any) string {
	texts := make([]string, len(fields))
	for i, field := range fields {
		texts[i] = fmt.Sprint(field)
	}
	return strings.Join(texts, " | ")
}

// checkBreaks wants the findings of the truth and nothing else. A finding about a file tells of
// no day; the bill of a single request stands in no export, so no report states it.
func checkBreaks(t *testing.T, run outcome, truth fixtures.Truth) {
	t.Helper()
	got := lines(t, run.db, `SELECT level, cause, is_break, provider, day, response_model,
		tenant_id, request_id, rows, spend_usd, charge_usd, bill_usd, drift_usd FROM breaks`)
	var want []string
	for _, b := range truth.Breaks {
		planted := b.Day
		if b.Level == "file" {
			planted = ""
		}
		bill := b.BillUSD
		if b.Level == "request" {
			bill = ""
		}
		want = append(want, joined(b.Level, b.Cause, b.IsBreak, b.Provider, planted, b.PriceModel,
			b.TenantID, b.RequestID, b.Rows, b.SpendUSD, b.ChargeUSD, bill, b.DriftUSD))
	}
	differ(t, "breaks", got, want)
	var breaks int64
	for _, b := range truth.Breaks {
		if b.IsBreak {
			breaks++
		}
	}
	if run.Breaks != breaks || run.Notes != int64(len(truth.Breaks))-breaks {
		t.Errorf("%d breaks and %d notes, want %d and %d", run.Breaks, run.Notes, breaks,
			int64(len(truth.Breaks))-breaks)
	}
}

// checkBreakTokens wants the tokens that each finding is about: a bucket states them, of a
// request the ledger counts them.
func checkBreakTokens(t *testing.T, run outcome, truth fixtures.Truth) {
	t.Helper()
	got := lines(t, run.db, `SELECT b.cause, b.day, COALESCE(b.request_id, b.response_model),
		CASE WHEN b.level = 'bucket' THEN b.tokens
			WHEN b.cause = 'cache_at_full_price' THEN r.cache_read
			WHEN b.cause = 'cache_write_ttl' THEN r.cache_write_1h
			WHEN b.cause = 'reasoning_dropped' THEN r.reasoning
			ELSE r.prompt_tokens + COALESCE(r.output, 0) + COALESCE(r.reasoning, 0) END
		FROM breaks AS b LEFT JOIN requests AS r ON b.request_id = r.request_id
		WHERE b.level IN ('request', 'bucket')`)
	var want []string
	for _, b := range truth.Breaks {
		if b.Level == "request" || b.Level == "bucket" {
			want = append(want, joined(b.Cause, b.Day, cmp.Or(b.RequestID, b.PriceModel), b.Tokens))
		}
	}
	differ(t, "tokens of breaks", got, want)
}

// checkTotals wants the spend, charge and bill of each provider and tenant.
func checkTotals(t *testing.T, run outcome, truth fixtures.Truth) {
	t.Helper()
	got := lines(t, run.db, `SELECT provider, SUM(requests), SUM(spend_usd), SUM(charge_usd),
		SUM(bill_usd) FROM drift GROUP BY provider UNION ALL SELECT 'all', SUM(requests),
		SUM(spend_usd), SUM(charge_usd), SUM(bill_usd) FROM drift`)
	var want, tenants []string
	for _, total := range truth.Totals {
		want = append(want, joined(total.Provider, total.Requests, total.SpendUSD, total.ChargeUSD,
			total.BillUSD))
		if total.Provider != "all" {
			continue
		}
		if run.SpendUSD != total.SpendUSD || run.ChargeUSD != total.ChargeUSD ||
			*run.BillUSD != total.BillUSD || run.Requests != total.Requests ||
			run.Rows.Duplicate != total.Duplicates || run.Rows.Rejected != 0 {
			t.Errorf("summary %+v, want %+v", *run.Summary, total)
		}
	}
	differ(t, "totals by provider", got, want)
	for _, tenant := range truth.Tenants {
		tenants = append(tenants, joined(tenant.TenantID, tenant.Requests, tenant.SpendUSD,
			tenant.ChargeUSD))
	}
	differ(t, "tenants", lines(t, run.db, `SELECT tenant_id, requests, spend_usd, charge_usd
		FROM tenants WHERE kind = 'tenant'`), tenants)
}

// checkBuckets wants the tokens and amounts of each provider, day, model and token type.
func checkBuckets(t *testing.T, run outcome, truth fixtures.Truth) {
	t.Helper()
	got := lines(t, run.db, `SELECT provider, day, response_model, token_type,
		COALESCE(quantity_charged, 0), COALESCE(quantity_provider, 0), charge_usd,
		COALESCE(bill_usd, 0) FROM drift WHERE token_type <> 'unsplit'
			AND COALESCE(quantity_charged, 0) + COALESCE(quantity_provider, 0) > 0`)
	var want []string
	for _, b := range truth.Buckets {
		charge := b.ChargeUSD
		if b.QuantityCharged == 0 {
			charge = "" // nothing of ours to charge, so no figure and not 0
		}
		want = append(want, joined(b.Provider, b.Day, b.PriceModel, b.TokenType, b.QuantityCharged,
			b.QuantityProvider, charge, b.BillUSD))
	}
	differ(t, "buckets", got, want)
}

// checkBridge wants, for each provider and cause, the drift of its findings turned around, and
// that spend and all steps come to the bill.
func checkBridge(t *testing.T, run outcome, truth fixtures.Truth) {
	t.Helper()
	steps := map[string]pricing.USD{}
	for _, b := range truth.Breaks {
		key := joined(b.Provider, b.Cause)
		steps[key] = steps[key].Add(mustUSD(t, b.DriftUSD).Neg())
	}
	var want []string
	for key, amount := range steps {
		if !amount.IsZero() {
			want = append(want, joined(key, amount))
		}
	}
	slices.Sort(want)
	differ(t, "bridge", lines(t, run.db, "SELECT provider, cause, amount_usd FROM bridge"), want)
	for _, bridge := range run.Bridge {
		reached := mustUSD(t, bridge.SpendUSD)
		for _, step := range bridge.Steps {
			reached = reached.Add(mustUSD(t, step.AmountUSD))
		}
		if reached.Cmp(mustUSD(t, *bridge.BillUSD)) != 0 {
			t.Errorf("the bridge of %s reaches %s and not %s", bridge.Provider, reached,
				*bridge.BillUSD)
		}
	}
}

func mustUSD(t *testing.T, text string) pricing.USD {
	t.Helper()
	amount, err := pricing.ParseUSD(text)
	if err != nil {
		t.Fatal(err)
	}
	return amount
}
