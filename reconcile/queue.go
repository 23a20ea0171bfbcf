package reconcile

import (
	"slices"
	"sync"
)

// job is something to do after others, which are told by where they stand in the queue. Of those
// that can begin, what is preferred does, and else the first.
type job struct {
	needs       []int
	isPreferred bool
	do          func() error
}

type queue []job

// prefer has some jobs, and all that these need, go before the others.
func (q queue) prefer(some []int) {
	for _, i := range some {
		if !q[i].isPreferred {
			q[i].isPreferred = true
			q.prefer(q[i].needs)
		}
	}
}

// first chooses among jobs.
func (q queue) first(some []int) int {
	return slices.MinFunc(some, func(a, b int) int {
		if q[a].isPreferred != q[b].isPreferred {
			if q[a].isPreferred {
				return -1
			}
			return 1
		}
		return a - b
	})
}

// work does the jobs, so many at once, until one fails.
func (q queue) work(atOnce int, fail func(error)) {
	var lock sync.Mutex
	changed := sync.NewCond(&lock)
	waiting := make([]int, len(q)) // how many others each waits for
	then := make([][]int, len(q))
	var ready []int
	for i, job := range q {
		for _, need := range job.needs {
			then[need] = append(then[need], i)
		}
		if waiting[i] = len(job.needs); waiting[i] == 0 {
			ready = append(ready, i)
		}
	}
	left := len(q)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			lock.Lock()
			defer lock.Unlock()
			for {
				for len(ready) == 0 && left > 0 {
					changed.Wait()
				}
				if left <= 0 {
					return
				}
				next := q.first(ready)
				ready = slices.DeleteFunc(ready, func(i int) bool { return i == next })
				lock.Unlock()
				err := q[next].do()
				lock.Lock()
				left--
				if err != nil {
					fail(err)
					left = 0
				}
				for _, i := range then[next] {
					if waiting[i]--; waiting[i] == 0 {
						ready = append(ready, i)
					}
				}
				changed.Broadcast()
			}
		})
	}
	workers.Wait()
}
