package reconcile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"tieout/pricing"
)

// The open ends of time and prompt size in the tables that SQL joins on.
const (
	endOfTime    = int64(253402300800000000) // the year 10000
	openPrompt   = int64(math.MaxInt64)
	wholeDay     = int64(86_400_000_000)
	minuteMicros = int64(60_000_000)
)

// OpenBook reads our price list and the user's files on top of it; a later file comes first.
func OpenBook(files []string) (*pricing.Book, error) {
	book, err := pricing.Builtin()
	if err != nil {
		return nil, fmt.Errorf("built-in price list: %w", err)
	}
	for _, argument := range files {
		if book, err = AddPrices(book, argument); err != nil {
			return nil, err
		}
	}
	return book, nil
}

// AddPrices puts one price file, FILE or FILE@DATE, on top of a book.
func AddPrices(book *pricing.Book, argument string) (*pricing.Book, error) {
	source, err := pricing.ParseSource(argument)
	if err != nil {
		return nil, &SettingError{Problem: "--prices " + argument + ": " + err.Error()}
	}
	file, err := os.Open(source.Name)
	if err != nil {
		return nil, &SettingError{Problem: "--prices " + source.Name + ": " + pathErrText(err),
			Hint: "check the path"}
	}
	defer file.Close()
	book, err = book.WithSource(source, file)
	if err != nil {
		return nil, &SettingError{Problem: "--prices: " + err.Error(),
			Hint: "mend the file; pricing/list/README.md says what can be read"}
	}
	return book, nil
}

const namesSQL = `SELECT provider_raw, model_raw, tier_raw, region_raw FROM book.name ORDER BY ALL`

// modelID names a model of the price list.
type modelID struct{ provider, model string }

// resolve fills book.model_key, book.sheet and book.price for the names of this run: all sheets of
// each model, since the wrong tier, date or region may be what a gateway priced by.
func (r *run) resolve(ctx context.Context) error {
	queries, err := r.names(ctx)
	if err != nil {
		return fmt.Errorf("names to price: %w", err)
	}
	return r.inTransaction(ctx, func(conn *sql.Conn) error {
		used := map[modelID]bool{}
		for _, query := range queries {
			for _, key := range r.book.Keys(query) {
				if err := addKey(ctx, conn, query, key); err != nil {
					return fmt.Errorf("resolve %s/%s: %w", query.Provider, query.Model, err)
				}
				used[modelID{key.Provider, key.Model}] = true
			}
		}
		for _, sheet := range r.book.Sheets() {
			if !used[modelID{sheet.Provider, sheet.Model}] {
				continue
			}
			if err := addSheet(ctx, conn, sheet); err != nil {
				return fmt.Errorf("price %s: %w", sheet.PriceKey, err)
			}
		}
		return nil
	})
}

func (r *run) names(ctx context.Context) ([]pricing.Query, error) {
	rows, err := r.store.db.QueryContext(ctx, namesSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var queries []pricing.Query
	for rows.Next() {
		var q pricing.Query
		if err := rows.Scan(&q.Provider, &q.Model, &q.ServiceTier, &q.Region); err != nil {
			return nil, err
		}
		queries = append(queries, q)
	}
	return queries, rows.Err()
}

func addKey(ctx context.Context, conn *sql.Conn, q pricing.Query, key pricing.Key) error {
	const insert = `INSERT INTO book.model_key VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	var priceKey any
	if key.PriceKey != "" {
		priceKey = key.PriceKey
	}
	_, err := conn.ExecContext(ctx, insert, q.Provider, q.Model, q.ServiceTier, q.Region,
		fromMicros(key.From), toMicros(key.To), key.Provider, key.Model, priceKey, key.Status,
		key.Hint, strings.Join(key.Path, "; "))
	return err
}

func fromMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return endOfTime
	}
	return t.UnixMicro()
}

// addSheet inserts a sheet wide, for rating, and long, for explaining.
func addSheet(ctx context.Context, conn *sql.Conn, sheet pricing.Sheet) error {
	maxPrompt, todTo := sheet.MaxPrompt, int64(sheet.TodTo)*minuteMicros
	if maxPrompt == 0 {
		maxPrompt = openPrompt
	}
	if todTo == 0 {
		todTo = wholeDay
	}
	args := []any{sheet.ID, sheet.PriceKey, sheet.Provider, sheet.Model, sheet.ServiceTier,
		sheet.Region, fromMicros(sheet.From), toMicros(sheet.To), sheet.MinPrompt, maxPrompt,
		int64(sheet.TodFrom) * minuteMicros, todTo}
	var failed error
	for _, tokenType := range pricing.TokenTypes() {
		line, listed := sheet.Price(tokenType)
		if !listed {
			args = append(args, nil)
			continue
		}
		args = append(args, line.USDPerToken.String())
		failed = errors.Join(failed, addPrice(ctx, conn, sheet.ID, line))
	}
	for _, line := range sheet.Other() {
		failed = errors.Join(failed, addPrice(ctx, conn, sheet.ID, line))
	}
	insert := "INSERT INTO book.sheet VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" +
		strings.Repeat(", CAST(? AS DECIMAL(19,15))", len(pricing.TokenTypes())) + ")"
	_, err := conn.ExecContext(ctx, insert, args...)
	return errors.Join(failed, err)
}

func addPrice(ctx context.Context, conn *sql.Conn, sheetID int64, line pricing.Line) error {
	const insert = `INSERT INTO book.price VALUES (?, ?, CAST(? AS DECIMAL(38,15)),
		CAST(? AS DECIMAL(19,15)), ?, ?, ?, ?, ?, ?, ?, ?)`
	_, err := conn.ExecContext(ctx, insert, sheetID, string(line.TokenType),
		line.USDPerMillion.String(), line.USDPerToken.String(), dateText(line.From),
		dateText(line.To), line.Source, line.Status, line.ObservedOn, line.File, line.FileLine,
		line.Fallback)
	return err
}

func dateText(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}
