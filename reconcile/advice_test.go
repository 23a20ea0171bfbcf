package reconcile

import (
	"slices"
	"testing"
)

// TestAdvice holds advice.csv to one row a gateway and signal, each with a state and a remedy.
func TestAdvice(t *testing.T) {
	t.Parallel()
	seen := map[string][]string{}
	for _, a := range advices() {
		seen[a.gateway] = append(seen[a.gateway], a.signal)
		if !slices.Contains([]string{"present", "partial", "absent"}, a.byDefault) {
			t.Errorf("%s %s: %q is no state", a.gateway, a.signal, a.byDefault)
		}
		if a.remedy == "" {
			t.Errorf("%s %s: no remedy", a.gateway, a.signal)
		}
	}
	for gateway, signals := range seen {
		if !slices.Equal(signals, Signals()) {
			t.Errorf("%s has the signals %v, want %v", gateway, signals, Signals())
		}
	}
}
