package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// showRows writes the result of a query as a table for people, with a head of its column names
// when there is a row, and returns how many there were.
func showRows(
	ctx context.Context, db *sql.DB, to io.Writer, query string, args ...any,
) (int, error) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	count := 0
	err := eachRow(ctx, db, query, args, func(names []string, values []any) error {
		if values == nil {
			return nil
		}
		if count == 0 {
			fmt.Fprintln(table, "  "+strings.Join(names, "\t"))
		}
		count++
		fields := make([]string, len(values))
		for i, value := range values {
			fields[i] = Printable(cell(value))
		}
		_, err := fmt.Fprintln(table, "  "+strings.Join(fields, "\t"))
		return err
	})
	if err != nil {
		return count, err
	}
	return count, table.Flush()
}

// eachRow visits a query's columns, with nil for values, and then its rows, whose values are the
// visitor's until it returns.
func eachRow(
	ctx context.Context, db *sql.DB, query string, args []any,
	visit func(names []string, values []any) error,
) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	values, targets := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := visit(names, nil); err != nil {
		return err
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, value := range values {
			values[i] = ofType(value, types[i].DatabaseTypeName())
		}
		if err := visit(names, values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Printable makes a text from the data fit for a terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\ufffd'
		}
		return r
	}, text)
}
