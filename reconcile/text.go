package reconcile

import (
	"database/sql"
	"strings"
)

// plain drops the trailing zeros that a DECIMAL column prints; the value stays.
func plain(amount string) string {
	if !strings.Contains(amount, ".") {
		return amount
	}
	amount = strings.TrimRight(strings.TrimRight(amount, "0"), ".")
	if amount == "" || amount == "-" || amount == "-0" {
		return "0"
	}
	return amount
}

func plainOrNone(amount sql.NullString) *string {
	if !amount.Valid {
		return nil
	}
	text := plain(amount.String)
	return &text
}
