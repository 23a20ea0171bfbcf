package reconcile

import (
	"errors"
	"slices"
	"sync"
	"testing"
)

// TestQueue: each job begins after those that it needs, what is preferred with all that it needs
// first, and after one that fails none does.
func TestQueue(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for _, c := range []struct {
		needs  [][]int // of each job
		prefer []int
		fails  int
		atOnce int
		want   []int
	}{
		{needs: [][]int{{}, {0}, {}, {2}, {1, 3}}, fails: -1, atOnce: 1,
			want: []int{0, 1, 2, 3, 4}},
		{needs: [][]int{{}, {0}, {}, {2}, {1, 3}}, prefer: []int{3}, fails: -1, atOnce: 1,
			want: []int{2, 3, 0, 1, 4}},
		{needs: [][]int{{1, 1}, {}, {}}, prefer: []int{0}, fails: -1, atOnce: 1,
			want: []int{1, 0, 2}},
		{needs: [][]int{{}, {0}, {}}, fails: 0, atOnce: 1, want: []int{0}},
		{needs: [][]int{{}, {0}, {1}, {2}}, fails: 2, atOnce: 3, want: []int{0, 1, 2}},
		{needs: nil, fails: -1, atOnce: 2},
	} {
		var lock sync.Mutex
		var done []int
		var told error
		line := make(queue, len(c.needs))
		for i, needs := range c.needs {
			line[i] = job{needs: needs, do: func() error {
				lock.Lock()
				defer lock.Unlock()
				done = append(done, i)
				if i == c.fails {
					return failed
				}
				return nil
			}}
		}
		line.prefer(c.prefer)
		line.work(c.atOnce, func(err error) { told = err })
		if !slices.Equal(done, c.want) || (told != nil) != (c.fails >= 0) {
			t.Errorf("%v, preferred %v, %d at once: did %v (%v), want %v", c.needs, c.prefer,
				c.atOnce, done, told, c.want)
		}
	}
}
