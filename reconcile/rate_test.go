package reconcile

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tieout/pricing"
)

// ratedCall is one random request: what it asks, and its answer by pricing.Rate.
type ratedCall struct {
	call   pricing.Call
	rating pricing.Rating
}

// TestSQLRatesAsGo holds the stage that rates to pricing.Rate, to the last digit, on random calls
// of every condition that the price list knows: tiers, regions, prompt sizes, times of day, dates
// and token types, at their bounds and between them.
func TestSQLRatesAsGo(t *testing.T) {
	t.Parallel()
	const seed1, seed2, callsASheet = 2026, 40, 30
	chance := rand.New(rand.NewPCG(seed1, seed2))
	r := rateRun(t)
	var calls []ratedCall
	for _, sheet := range sheetsOfAllConditions(r.book, chance) {
		for range callsASheet {
			call := randomCall(sheet, chance)
			calls = append(calls, ratedCall{call, r.book.Rate(call)})
		}
	}
	r.loadCalls(t, calls)
	rows, err := r.store.db.Query(`SELECT request_row, charge_status, CAST(charge_usd AS VARCHAR)
		FROM book.rated ORDER BY request_row`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen, statuses := 0, map[string]int{}
	for ; rows.Next(); seen++ {
		var row int
		var status string
		var charge sql.NullString
		if err := rows.Scan(&row, &status, &charge); err != nil {
			t.Fatal(err)
		}
		statuses[status]++
		want := calls[row].rating
		if status != want.Status || charge.Valid != (status == "rated") ||
			charge.Valid && mustUSD(t, charge.String).Cmp(want.Total) != 0 {
			t.Errorf("%+v: %s %s in SQL, %s %s in Go", calls[row].call, status, charge.String,
				want.Status, want.Total)
		}
	}
	if rows.Err() != nil || seen != len(calls) || statuses["rated"] < seen/2 {
		t.Errorf("%d of %d calls, %v, %v", seen, len(calls), statuses, rows.Err())
	}
	if err := r.rateAgain(t.Context()); err != nil {
		t.Errorf("the run's own sample: %v", err)
	}
	t.Logf("%d calls: %v", seen, statuses)
}

// TestPlantedDifferenceFails: a run whose SQL charges another amount than Go, or another status,
// says so and stops.
func TestPlantedDifferenceFails(t *testing.T) {
	t.Parallel()
	for planted, wanted := range map[string]string{
		`UPDATE book.rated SET charge_usd = charge_usd + 0.000000000000001`: "in SQL and",
		`UPDATE book.rated SET charge_status = 'unpriced'`:                  "is unpriced in SQL",
	} {
		r := rateRun(t)
		call := pricing.Call{Query: pricing.Query{Provider: "openai", Model: "gpt-5"},
			At:     day("2026-10-05"),
			Counts: map[pricing.TokenType]int64{pricing.Input: 1000, pricing.Output: 7}}
		r.loadCalls(t, []ratedCall{{call: call}})
		if err := r.rateAgain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.store.exec(t.Context(), planted); err != nil {
			t.Fatal(err)
		}
		if err := r.rateAgain(t.Context()); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%s: %v", planted, err)
		}
	}
}

// rateRun opens a store in which the tables that rating reads are empty.
func rateRun(t *testing.T) *run {
	t.Helper()
	settings := Settings{Store: filepath.Join(t.TempDir(), "store.duckdb"), Threads: 2}
	store, err := newStore(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.discard)
	book, err := OpenBook(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{settings: settings, store: store, book: book}
	if err := r.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// loadCalls fills the ledger with calls and rates them in SQL.
func (r *run) loadCalls(t *testing.T, calls []ratedCall) {
	t.Helper()
	ctx := t.Context()
	var types []string
	for _, tokenType := range pricing.TokenTypes() {
		types = append(types, string(tokenType))
	}
	must := func(statement string, args ...any) {
		t.Helper()
		if err := r.store.exec(ctx, statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	must(`CREATE TABLE book.ledger (request_row BIGINT, span_row BIGINT,
		request_state VARCHAR DEFAULT 'only_gateway', other_charges VARCHAR, provider_raw VARCHAR,
		model_raw VARCHAR, tier_raw VARCHAR, region_raw VARCHAR, status VARCHAR,
		gateway_cache VARCHAR, usage_problem VARCHAR, spend_usd DECIMAL(38,15), started_us BIGINT,
		prompt_tokens BIGINT, ` + strings.Join(types, " BIGINT, ") + ` BIGINT)`)
	marks := strings.Repeat(", ?", len(types))
	for i, c := range calls {
		args := []any{i, otherText(c.call.Other), c.call.Provider, c.call.Model,
			c.call.ServiceTier, c.call.Region, c.call.At.UnixMicro(), c.call.PromptTokens}
		for _, tokenType := range pricing.TokenTypes() {
			n, known := c.call.Counts[tokenType]
			args = append(args, sql.NullInt64{Int64: n, Valid: known})
		}
		must(`INSERT INTO book.ledger VALUES (?, NULL, DEFAULT, NULLIF(?, ''), ?, ?, ?, ?,
			'success', 'none', NULL, NULL, ?, ?`+marks+`)`, args...)
	}
	must(rowsOfCalls)
	must(`CREATE TABLE book.name AS
		SELECT DISTINCT provider_raw, model_raw, tier_raw, region_raw FROM book.ledger`)
	if err := r.resolve(ctx); err != nil {
		t.Fatal(err)
	}
	r.rateCalls(t, ctx)
}

// rowsOfCalls are the rows that the calls of the ledger came from, in a period of all times.
const rowsOfCalls = `INSERT INTO book.period (period_from_us, period_to_us)
		VALUES (0, 253402300800000000);
	INSERT INTO raw.request_kind (kind_id, file_id, gateway, started_day) VALUES (1, 1, '', '');
	INSERT INTO raw.request_row
		(row_id, file_id, line, kind_id, request_id, other_charges, started_us)
	SELECT request_row, 1, request_row, 1, request_row, other_charges, started_us FROM book.ledger;
	CREATE TABLE book.duplicate (row_id BIGINT);
	CREATE TABLE book.lone_call (row_id BIGINT);
	CREATE TABLE book.same_call (row_id BIGINT, started_us BIGINT)`

// otherText writes counts of other charges as loaders do.
func otherText(other map[string]int64) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(other)) {
		words = append(words, fmt.Sprintf("%s=%d", name, other[name]))
	}
	return strings.Join(words, " ")
}

// rateCalls runs the stages that rate, with their checks.
func (r *run) rateCalls(t *testing.T, ctx context.Context) {
	t.Helper()
	for _, name := range []string{"31_other", "32_rated"} {
		if err := r.runStage(ctx, stageOf(t, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// sheetsOfAllConditions picks sheets at random until each condition of the list has one.
func sheetsOfAllConditions(book *pricing.Book, chance *rand.Rand) []pricing.Sheet {
	seen := map[string]bool{}
	var picked []pricing.Sheet
	sheets := book.Sheets()
	for _, i := range chance.Perm(len(sheets)) {
		isNew := false
		for _, condition := range conditionsOf(sheets[i]) {
			isNew = isNew || !seen[condition]
			seen[condition] = true
		}
		if isNew {
			picked = append(picked, sheets[i])
		}
	}
	return picked
}

// conditionsOf names what a sheet's prices depend on.
func conditionsOf(sheet pricing.Sheet) []string {
	conditions := []string{"tier " + sheet.ServiceTier,
		fmt.Sprint("other ", len(sheet.Other()) > 0), fmt.Sprint("region ", sheet.Region != ""),
		fmt.Sprint("long ", sheet.MinPrompt > 0), fmt.Sprint("hours ", sheet.TodTo > 0),
		fmt.Sprint("dated ", !sheet.From.IsZero(), !sheet.To.IsZero())}
	for _, tokenType := range pricing.TokenTypes() {
		if line, ok := sheet.Price(tokenType); ok {
			conditions = append(conditions, fmt.Sprint(tokenType, line.Fallback != ""))
		}
	}
	return conditions
}

// randomCall makes a call that the sheet may price: near the bounds of its dates, hours and
// prompt sizes, with a few token types, now and then one that the sheet has not.
func randomCall(sheet pricing.Sheet, chance *rand.Rand) pricing.Call {
	call := pricing.Call{At: randomMoment(sheet, chance),
		Query: pricing.Query{Provider: sheet.Provider, Model: sheet.Model,
			ServiceTier: sheet.ServiceTier, Region: sheet.Region},
		Counts: map[pricing.TokenType]int64{pricing.Output: 0}}
	for _, tokenType := range pricing.TokenTypes() {
		_, priced := sheet.Price(tokenType)
		if priced && chance.IntN(3) > 0 || !priced && chance.IntN(40) == 0 {
			call.Counts[tokenType] = chance.Int64N(4000)
		}
	}
	call.Other = map[string]int64{}
	for _, line := range sheet.Other() {
		call.Other[string(line.TokenType)] = chance.Int64N(100)
	}
	if chance.IntN(20) == 0 {
		call.Other["other_never_listed"] = 1 + chance.Int64N(9)
	}
	prompt := sheet.MinPrompt - 2 + chance.Int64N(5)
	for tokenType, n := range call.Counts {
		switch tokenType {
		case pricing.Output, pricing.Reasoning, pricing.AudioOut, pricing.ImageOut,
			pricing.WebSearch:
		default:
			prompt = max(prompt, call.PromptTokens+n)
			call.PromptTokens += n
		}
	}
	if chance.IntN(2) == 0 && prompt > call.PromptTokens {
		call.Counts[pricing.Input] += prompt - call.PromptTokens
		call.PromptTokens = prompt
	}
	return call
}

// randomMoment picks a moment at a bound of the sheet, or anywhere near it.
func randomMoment(sheet pricing.Sheet, chance *rand.Rand) time.Time {
	at := day("2026-10-05").Add(time.Duration(chance.Int64N(int64(60 * 24 * time.Hour))))
	switch chance.IntN(4) {
	case 0:
		if !sheet.From.IsZero() {
			at = sheet.From
		}
	case 1:
		if !sheet.To.IsZero() {
			at = sheet.To.Add(-time.Duration(chance.IntN(2)) * time.Microsecond)
		}
	case 2:
		bounds := []int{sheet.TodFrom, sheet.TodTo}
		minute := time.Duration(bounds[chance.IntN(2)]) * time.Minute
		before := time.Duration(chance.IntN(2)) * time.Microsecond
		at = at.Truncate(24 * time.Hour).Add(minute - before)
	}
	return at.Truncate(time.Microsecond)
}
