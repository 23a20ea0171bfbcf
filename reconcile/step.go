package reconcile

import (
	"fmt"
	"time"
)

// Step is something that a run tells of while it works.
type Step struct {
	Name, Detail string
	Rows         int64         // that it loaded
	Bytes        int64         // that it read
	BytesAll     int64         // that there are to read, of StepReading
	Of           int64         // how many stages there are, or files to load
	Took         time.Duration // 0 when it has just begun
}

// StepReading is told again and again while files are read.
const StepReading = "reading"

// takenIn sums up what was loaded.
func takenIn(change *change, began time.Time) Step {
	step := Step{Name: "takein", Took: time.Since(began)}
	for _, l := range change.add {
		step.Rows += l.result.Loaded
		step.Bytes += l.result.Bytes
	}
	step.Detail = fmt.Sprintf("%d files added, %d dropped, %d in all", len(change.add),
		len(change.drop), len(change.contents))
	return step
}
