package reconcile

import "testing"

// TestVerdictWords: what bills do not reach is said with the verdict, where any are loaded.
func TestVerdictWords(t *testing.T) {
	t.Parallel()
	bill := "12.5"
	for want, s := range map[string]Summary{
		"tied out": {Verdict: VerdictTied, Chargeback: ChargebackTotal{UnbilledUSD: "0.64"}},
		"tied out, but for 0.64 USD that no bill covers": {Verdict: VerdictTied, BillUSD: &bill,
			Chargeback: ChargebackTotal{UnbilledUSD: "0.64"}},
		"tied out, but for 2 breaks that are not material": {Verdict: VerdictTied, BillUSD: &bill,
			Breaks: 2, Chargeback: ChargebackTotal{UnbilledUSD: "0"}},
		"1 break": {Verdict: VerdictBreaks, BillUSD: &bill, Breaks: 1,
			Chargeback: ChargebackTotal{UnbilledUSD: "0.64"}},
	} {
		if got := s.VerdictWords(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
