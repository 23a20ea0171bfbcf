package reconcile

import "testing"

// TestVerdictWords: what bills do not reach, what has no other leg and what could not be read is
// said with the verdict.
func TestVerdictWords(t *testing.T) {
	t.Parallel()
	bill := "12.5"
	logged := []MatchState{{"all_three", 2}}
	for want, s := range map[string]Summary{
		"tied out": {BillUSD: &bill, Requests: 2, MatchStates: logged,
			Chargeback: ChargebackTotal{UnbilledUSD: "0"}},
		"tied out; the period has no bill": {Requests: 2, MatchStates: logged,
			Chargeback: ChargebackTotal{UnbilledUSD: "0.64"}},
		"tied out; the period has no gateway rows and no bill": {Requests: 2,
			MatchStates: []MatchState{{"only_trace", 2}},
			Chargeback:  ChargebackTotal{UnbilledUSD: "0.64"}},
		"tied out; the period has no calls": {BillUSD: &bill,
			Chargeback: ChargebackTotal{UnbilledUSD: "0"}},
		"tied out, but for 0.64 USD that no bill covers; 1 row could not be read": {
			BillUSD: &bill, Requests: 2, MatchStates: logged, Rows: RowCounts{Rejected: 1},
			Chargeback: ChargebackTotal{UnbilledUSD: "0.64"}},
		"tied out, but for 2 breaks that are not material": {BillUSD: &bill, Requests: 2,
			MatchStates: logged, Breaks: 2, Chargeback: ChargebackTotal{UnbilledUSD: "0"}},
		"1 break": {Verdict: VerdictBreaks, BillUSD: &bill, Breaks: 1,
			Chargeback: ChargebackTotal{UnbilledUSD: "0.64"}},
	} {
		if s.Verdict == "" {
			s.Verdict = VerdictTied
		}
		if got := s.VerdictWords(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
