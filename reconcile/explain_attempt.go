package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"io"

	"tieout/pricing"
)

// attemptSheet finds the price of an attempt's model on the conditions of the call's own.
const attemptSheet = `SELECT MAX(p.sheet_id) FROM prices AS p
	INNER JOIN (SELECT provider, service_tier, region, valid_from, valid_to FROM prices
		WHERE sheet_id = ? LIMIT 1) AS o
		ON p.provider = o.provider AND p.service_tier = o.service_tier AND p.region = o.region
	WHERE p.model = ? AND p.sheet_id >= 0 AND p.valid_from <= CAST(? AS TIMESTAMP)
		AND p.valid_to > CAST(? AS TIMESTAMP) AND p.min_prompt <= ? AND p.max_prompt > ?`

// writeAttempts shows what the provider did with other models within the call.
func (e explained) writeAttempts(ctx context.Context, db *sql.DB, to io.Writer) error {
	for _, attempt := range pricing.ReadAttempts(e.other) {
		fmt.Fprintf(to, "  attempt at %s, billed at its price\n", attempt.Model)
		var prompt int64
		for tokenType, n := range attempt.Counts {
			if tokenType != pricing.Output {
				prompt += n
			}
		}
		of := e
		err := db.QueryRowContext(ctx, attemptSheet, e.sheetID, attempt.Model, e.started, e.started,
			prompt, prompt).Scan(&of.sheetID)
		if err != nil {
			return err
		}
		for _, tokenType := range pricing.TokenTypes() {
			if attempt.Counts[tokenType] == 0 {
				continue
			}
			// A price that the list has under another name is not looked for.
			line := fmt.Sprintf("  %-15s %12d", tokenType, attempt.Counts[tokenType])
			if of.sheetID.Valid {
				line, err = of.line(ctx, db, tokenType, attempt.Counts[tokenType])
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(to, line)
		}
	}
	return nil
}
