package reconcile

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
)

// adviceFile says what each gateway gives of each signal by default, and which of its settings
// gives the rest. Its head names the columns.
//
//go:embed advice.csv
var adviceFile []byte

// advice is a row of it: for the releases from one until before another; "" is open, and where
// both are it holds for a release that is not known, or of which no other row speaks.
type advice struct{ gateway, signal, from, to, byDefault, remedy string }

// advices reads the file; that it is well formed is held by a test.
func advices() []advice {
	rows, err := csv.NewReader(bytes.NewReader(adviceFile)).ReadAll()
	if err != nil {
		panic("reconcile: advice.csv is well formed: " + err.Error())
	}
	all := make([]advice, 0, len(rows))
	for _, row := range rows[1:] {
		all = append(all, advice{row[0], row[1], row[2], row[3], row[4], row[5]})
	}
	return all
}

// remedyFor is the configuration that closes a gap in a gateway's signal, in the release that it
// is, as book.signal finds it for many.
func remedyFor(gateway, version, signal string) string {
	if gateway == "" {
		gateway = "trace only"
	}
	release, remedy := releaseNumbers(version), ""
	for _, a := range advices() {
		if a.gateway != gateway || a.signal != signal {
			continue
		}
		isGeneral := a.from+a.to == ""
		isWithin := len(release) > 0 && slices.Compare(release, releaseNumbers(a.from)) >= 0 &&
			(a.to == "" || slices.Compare(release, releaseNumbers(a.to)) < 0)
		if isGeneral && remedy == "" || !isGeneral && isWithin {
			remedy = a.remedy
		}
	}
	return remedy
}

// releaseNumbers are the numbers that a release begins with: 3, 14, 0, 8 of 3.14.0.8-enterprise.
func releaseNumbers(version string) []int64 {
	var numbers []int64
	for _, part := range strings.Split(strings.TrimPrefix(version, "v"), ".") {
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		number, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			break
		}
		if numbers = append(numbers, number); digits != part {
			break
		}
	}
	return numbers
}

func (r *run) noteAdvice(ctx context.Context) error {
	all := advices()
	var values []any
	for _, a := range all {
		values = append(values, a.gateway, a.signal, a.from, a.to, a.byDefault, a.remedy)
	}
	marks := strings.Repeat(", (?, ?, ?, ?, ?, ?)", len(all))
	return r.store.exec(ctx, "INSERT INTO book.advice VALUES "+marks[2:], values...)
}
