package reconcile

import (
	"bytes"
	"slices"
	"testing"
)

// TestBeginnings: a file has the beginning of each content that it begins with, of none that
// differs in its first byte.
func TestBeginnings(t *testing.T) {
	t.Parallel()
	whole := bytes.Repeat([]byte("a call and another\n"), 300)[:4<<10]
	all := beginnings(whole)
	for size := 1; size <= len(whole); size++ {
		its := beginnings(whole[:size])
		other := beginnings(append([]byte("-"), whole[1:size]...))
		if !slices.Contains(all, its[len(its)-1]) || slices.Contains(all, other[len(other)-1]) {
			t.Fatal("the first bytes are told wrongly: ", size)
		}
	}
	if len(beginnings(nil)) > 0 {
		t.Error("nothing begins in some way")
	}
}
