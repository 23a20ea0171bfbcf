package reconcile

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"strings"
)

// adviceFile says what each gateway gives of each signal by default, and which of its settings
// gives the rest. Its head names the columns.
//
//go:embed advice.csv
var adviceFile []byte

// advice is a row of it.
type advice struct{ gateway, signal, byDefault, remedy string }

// advices reads the file; that it is well formed is held by a test.
func advices() []advice {
	rows, err := csv.NewReader(bytes.NewReader(adviceFile)).ReadAll()
	if err != nil {
		panic("reconcile: advice.csv is well formed: " + err.Error())
	}
	all := make([]advice, 0, len(rows))
	for _, row := range rows[1:] {
		all = append(all, advice{row[0], row[1], row[2], row[3]})
	}
	return all
}

func (r *run) noteAdvice(ctx context.Context) error {
	all := advices()
	var values []any
	for _, a := range all {
		values = append(values, a.gateway, a.signal, a.byDefault, a.remedy)
	}
	marks := strings.Repeat(", (?, ?, ?, ?)", len(all))
	return r.store.exec(ctx, "INSERT INTO book.advice VALUES "+marks[2:], values...)
}
