package pricing

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Difference is a cell on which two books do not agree at a moment. A and B are USD per million
// as text, "" where a book has no price of its own for the cell.
type Difference struct {
	Provider, Model, ServiceTier, Region string
	TokenType                            TokenType // "" when a book has nothing for the key
	MinPrompt                            int64
	TodFrom                              int // minute of the UTC day
	A, B                                 string
	SourceA, SourceB                     string
}

// Kind is conflict when both books have a price, else only_a or only_b.
func (d Difference) Kind() string {
	switch {
	case d.A == "":
		return "only_b"
	case d.B == "":
		return "only_a"
	}
	return "conflict"
}

// Bare returns a book with this book's names and no prices: the base on which a user's list can
// be looked at alone, as in Diff.
func (b *Book) Bare() *Book {
	return &Book{names: b.names.withModels(nil)}
}

// Diff compares two books at a moment, cell by cell: price key, prompt size, part of the day,
// token type. Prices that a book falls back to are not compared. A key that one book lacks is
// one difference.
func Diff(a, b *Book, at time.Time) []Difference {
	sheetsA, sheetsB := a.sheetsAt(at), b.sheetsAt(at)
	keys := slices.Sorted(maps.Keys(sheetsA))
	for key := range sheetsB {
		if _, ok := sheetsA[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var differences []Difference
	for _, key := range keys {
		differences = append(differences, diffKey(sheetsA[key], sheetsB[key])...)
	}
	return differences
}

// sheetsAt returns the sheets in force at a moment by price key, for all prompt sizes and all
// parts of the day.
func (b *Book) sheetsAt(at time.Time) map[string][]Sheet {
	found := make(map[string][]Sheet)
	for _, sheet := range b.sheets().all {
		if (span{sheet.From, sheet.To}).contains(at) {
			found[sheet.PriceKey] = append(found[sheet.PriceKey], sheet)
		}
	}
	return found
}

// diffKey compares the sheets of one price key.
func diffKey(a, b []Sheet) []Difference {
	if len(a) == 0 || len(b) == 0 {
		d := Difference{A: "listed", B: "listed"}
		one := a
		if len(a) == 0 {
			one, d.A = b, ""
		} else {
			d.B = ""
		}
		d.Provider, d.Model, d.ServiceTier, d.Region = one[0].Provider, one[0].Model,
			one[0].ServiceTier, one[0].Region
		return []Difference{d}
	}
	var differences []Difference
	for _, corner := range corners(a, b) {
		left, _ := pickSheet(a, corner)
		right, _ := pickSheet(b, corner)
		differences = append(differences, diffSheet(left, right, corner)...)
	}
	return differences
}

// corner is a prompt size and a minute of the day at which a price may change.
type corner struct {
	prompt int64
	minute int
}

// corners returns every corner of two sets of sheets.
func corners(a, b []Sheet) []corner {
	var found []corner
	for _, sheet := range slices.Concat(a, b) {
		found = append(found, corner{sheet.MinPrompt, sheet.TodFrom})
	}
	slices.SortFunc(found, func(x, y corner) int {
		return cmp.Or(cmp.Compare(x.prompt, y.prompt), cmp.Compare(x.minute, y.minute))
	})
	return slices.Compact(found)
}

// pickSheet returns the sheet that a corner lies on.
func pickSheet(sheets []Sheet, c corner) (Sheet, bool) {
	for _, s := range sheets {
		isPrompt := c.prompt >= s.MinPrompt && (s.MaxPrompt == 0 || c.prompt < s.MaxPrompt)
		isTime := s.TodTo == 0 || s.TodFrom <= c.minute && c.minute < s.TodTo
		if isPrompt && isTime {
			return s, true
		}
	}
	return Sheet{}, false
}

// diffSheet compares two sheets type by type.
func diffSheet(a, b Sheet, at corner) []Difference {
	var differences []Difference
	for _, t := range tokenTypes() {
		left, isLeft := a.Price(t)
		right, isRight := b.Price(t)
		isLeft, isRight = isLeft && left.Fallback == "", isRight && right.Fallback == ""
		if isLeft == isRight && (!isLeft || left.USDPerMillion.Cmp(right.USDPerMillion) == 0) {
			continue
		}
		d := Difference{
			Provider: a.Provider, Model: a.Model, ServiceTier: a.ServiceTier, Region: a.Region,
			TokenType: t, MinPrompt: at.prompt, TodFrom: at.minute,
		}
		if isLeft {
			d.A, d.SourceA = left.USDPerMillion.String(), left.Source
		}
		if isRight {
			d.B, d.SourceB = right.USDPerMillion.String(), right.Source
		}
		differences = append(differences, d)
	}
	return differences
}

// String writes the difference on one line.
func (d Difference) String() string {
	key := priceKey(d.Provider, d.Model, d.ServiceTier, d.Region)
	return strings.Join([]string{d.Kind(), key, string(d.TokenType), d.A, d.B}, " ")
}

// sortedKeys returns a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
