package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
)

// writeNaming shows the findings of a day's bill that name the request.
func (e explained) writeNaming(ctx context.Context, db *sql.DB, to io.Writer) error {
	return eachRow(ctx, db, `SELECT cause, CASE WHEN is_break THEN 'break' ELSE 'note' END, day,
		CAST(drift_usd AS VARCHAR), evidence FROM breaks
		WHERE level = 'bucket' AND provider = ? AND contains(evidence, ?)
			AND regexp_matches(cause, 'window_boundary|usage_missing|row_missing_provider')
		ORDER BY ALL`, []any{e.provider, e.id}, func(_ []string, values []any) error {
		if values == nil || !names(cell(values[4]), e.id) {
			return nil
		}
		_, err := fmt.Fprintf(to, "  bill      %s (%s) of %s, %s USD: %s\n", cell(values[0]),
			cell(values[1]), cell(values[2]), plain(cell(values[3])), Printable(cell(values[4])))
		return err
	})
}

// names reports whether evidence has an id as a word of its own.
func names(evidence, id string) bool {
	for _, word := range strings.Fields(evidence) {
		if strings.TrimRight(word, ",:;") == id {
			return true
		}
	}
	return strings.Contains(id, " ") && strings.Contains(evidence, id)
}
