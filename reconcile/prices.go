package reconcile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
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

// priceRows are the rows that prices come to, by the table of book.
type priceRows struct{ keys, sheets, prices [][]any }

// resolve fills book.model_key, book.sheet and book.price for the names of this run: all sheets of
// each model, since the wrong tier, date or region may be what a gateway priced by, or a price
// that was announced and withdrawn.
func (r *run) resolve(ctx context.Context) error {
	queries, err := r.names(ctx)
	if err != nil {
		return fmt.Errorf("names to price: %w", err)
	}
	used, keys, rows := map[modelID]bool{}, map[string]bool{}, priceRows{}
	for _, query := range queries {
		for _, key := range r.book.Keys(query) {
			rows.addKey(query, key)
			used[modelID{key.Provider, key.Model}] = true
			keys[key.PriceKey] = true // of OpenRouter's free variants, which have one together
		}
	}
	for _, sheet := range append(r.book.Sheets(), r.book.Withdrawn()...) {
		if used[modelID{sheet.Provider, sheet.Model}] || keys[sheet.PriceKey] {
			rows.addSheet(sheet)
		}
	}
	decimals := strings.Repeat(", CAST(? AS DECIMAL(19,15))", len(pricing.TokenTypes()))
	return r.store.inTransaction(ctx, func(conn *sql.Conn) error {
		return errors.Join(
			insertRows(ctx, conn, "model_key", "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?", rows.keys),
			insertRows(ctx, conn, "sheet", "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"+decimals,
				rows.sheets),
			insertRows(ctx, conn, "price", "?, ?, CAST(? AS DECIMAL(38,15)), "+
				"CAST(? AS DECIMAL(19,15)), ?, ?, ?, ?, ?, ?, ?, ?", rows.prices))
	})
}

// insertRows inserts rows into a table of book, many with a statement: each takes the database a
// millisecond to plan.
func insertRows(
	ctx context.Context, conn *sql.Conn, table, values string, rows [][]any,
) error {
	const atOnce = 100
	for some := range slices.Chunk(rows, atOnce) {
		statement := "INSERT INTO book." + table + " VALUES (" + values + ")" +
			strings.Repeat(", ("+values+")", len(some)-1)
		if _, err := conn.ExecContext(ctx, statement, slices.Concat(some...)...); err != nil {
			return fmt.Errorf("prices: book.%s: %w", table, err)
		}
	}
	return nil
}

// names returns what is priced in this run, and the models that fine-tuned ones were made of: by
// the price of these a gateway may have priced.
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
	for _, q := range queries {
		q.Model = pricing.FineTunedOf(q.Model)
		if q.Model != "" && !slices.Contains(queries, q) {
			queries = append(queries, q)
		}
	}
	return queries, rows.Err()
}

func (p *priceRows) addKey(q pricing.Query, key pricing.Key) {
	var priceKey any
	if key.PriceKey != "" {
		priceKey = key.PriceKey
	}
	p.keys = append(p.keys, []any{q.Provider, q.Model, q.ServiceTier, q.Region,
		fromMicros(key.From), toMicros(key.To), key.Provider, key.Model, priceKey, key.Status,
		key.Hint, strings.Join(key.Path, "; ")})
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

// addSheet adds a sheet wide, for rating, and long, for explaining.
func (p *priceRows) addSheet(sheet pricing.Sheet) {
	maxPrompt, todTo := sheet.MaxPrompt, int64(sheet.TodTo)*minuteMicros
	if maxPrompt == 0 {
		maxPrompt = openPrompt
	}
	if todTo == 0 {
		todTo = wholeDay
	}
	row := []any{sheet.ID, sheet.PriceKey, sheet.Provider, sheet.Model, sheet.ServiceTier,
		sheet.Region, fromMicros(sheet.From), toMicros(sheet.To), sheet.MinPrompt, maxPrompt,
		int64(sheet.TodFrom) * minuteMicros, todTo}
	for _, tokenType := range pricing.TokenTypes() {
		line, listed := sheet.Price(tokenType)
		if !listed {
			row = append(row, nil)
			continue
		}
		row = append(row, line.USDPerToken.String())
		p.addPrice(sheet.ID, line)
	}
	for _, line := range sheet.Other() {
		p.addPrice(sheet.ID, line)
	}
	p.sheets = append(p.sheets, row)
}

// addPrice keeps where a price comes from; one that was withdrawn is only tried, and not told.
func (p *priceRows) addPrice(sheetID int64, line pricing.Line) {
	if sheetID < 0 {
		return
	}
	p.prices = append(p.prices, []any{sheetID, string(line.TokenType),
		line.USDPerMillion.String(), line.USDPerToken.String(), dateText(line.From),
		dateText(line.To), line.Source, line.Status, line.ObservedOn, line.File, line.FileLine,
		line.Fallback})
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
