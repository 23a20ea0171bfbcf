package reconcile

import (
	"slices"
	"testing"
)

// TestAdvice holds advice.csv to one row a gateway and signal that holds for any release, and to
// others whose releases follow on one another, each with a state and a remedy.
func TestAdvice(t *testing.T) {
	t.Parallel()
	seen := map[string][]string{}
	var before advice
	for _, a := range advices() {
		if a.from+a.to == "" {
			seen[a.gateway] = append(seen[a.gateway], a.signal)
		} else if before.gateway+before.signal == a.gateway+a.signal && before.to != a.from {
			t.Errorf("%s %s: from %q does not follow on %q", a.gateway, a.signal, a.from,
				before.to)
		}
		before = a
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
