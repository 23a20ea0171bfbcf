package pricing

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// The statuses of a Rating.
const (
	rated      = "rated"
	impossible = "impossible"
)

// Call is one call to rate.
type Call struct {
	Query
	At time.Time
	// Counts are disjoint: each token is in one type only. A type that is absent counts 0.
	Counts map[TokenType]int64
	// PromptTokens is the provider's whole prompt, which chooses the long-context price. When
	// it is 0 the prompt is the sum of the counts of input, cache, audio-in and image-in types.
	PromptTokens int64
	// Other counts what is billed by other units than tokens, by the list's charge name
	// (file_search_call, other_input_image, audio_hour, ...).
	Other map[string]int64
	// Attempts are billed beside the counts, at the prices of other models.
	Attempts []Attempt
	// Picture chooses the price of an image where the list prices it by size and quality.
	Picture Picture
}

// Rating is what a call should cost. Total is set when the status is "rated"; an unpriced or
// impossible call has the lines that could be priced, and a hint.
type Rating struct {
	Status string // rated | unpriced | impossible
	Total  USD
	Lines  []RatedLine
	Key    Key
	Hint   string
	// NotRated names the other charges (Call.Other) that the list has no price for. Calls of tools
	// make a call unpriced, and so does sound that is paid by the hour; beside tokens other units
	// do not: images in a prompt are tokens too.
	NotRated []string
}

// RatedLine is one token type of a rated call: Amount = Quantity × USDPerToken.
type RatedLine struct {
	Line
	Quantity int64
	Amount   USD
}

// Rate prices a call: key, then sheet, then counts times prices. It is the same rule as the SQL
// join of Keys and Sheets, one call at a time.
func (b *Book) Rate(c Call) Rating {
	query, step := b.pictured(c.Query, c.Picture, c.At)
	rating := Rating{Key: b.keyAt(query, c.At)}
	if step != "" {
		rating.Key.Path = append([]string{step}, rating.Key.Path...)
	}
	if rating.Hint = c.whyImpossible(); rating.Hint != "" {
		rating.Status = impossible
		return rating
	}
	if rating.Key.Status != priced {
		rating.Status, rating.Hint = unpriced, rating.Key.Hint+b.atStandard(c)
		return rating
	}
	sheet, ok := b.sheetAt(rating.Key.PriceKey, c.At, c.prompt())
	if !ok {
		panic("invariant: a priced key has a sheet at every moment and prompt size")
	}
	rating.fill(sheet, c.Counts)
	rating.addOther(sheet, c.Other)
	b.addAttempts(&rating, c)
	if rating.Status != rated {
		rating.Total = USD{}
	}
	return rating
}

// atStandard says what an unpriced call of another tier would cost at the standard price, which
// is not its price; "" when nothing is known.
func (b *Book) atStandard(c Call) string {
	if plainTier(b.names.provider(c.Provider), c.ServiceTier) == standardTier {
		return ""
	}
	c.ServiceTier = standardTier
	if rating := b.Rate(c); rating.Status == rated {
		return fmt.Sprintf("; at the standard price it would be %s USD", rating.Total)
	}
	return ""
}

// whyImpossible says which count cannot be, "" when all can.
func (c Call) whyImpossible() string {
	for _, t := range slices.Sorted(maps.Keys(c.Counts)) {
		switch n := c.Counts[t]; {
		case t.index() < 0:
			return fmt.Sprintf("%q is not a token type", clip(string(t)))
		case n < 0 || n > countMax:
			return fmt.Sprintf("%s is %d: not a count of one call", t, n)
		}
	}
	return ""
}

// add adds one priced line.
func (r *Rating) add(line Line, n int64) {
	amount := line.USDPerToken.Times(n)
	r.Lines = append(r.Lines, RatedLine{line, n, amount})
	r.Total = r.Total.Add(amount)
}

// prompt returns the prompt size that chooses the sheet.
func (c Call) prompt() int64 {
	if c.PromptTokens > 0 {
		return c.PromptTokens
	}
	sum := int64(0)
	for _, t := range tokenTypes() {
		if t.isPrompt() {
			sum += c.Counts[t]
		}
	}
	return sum
}

// keyAt returns the key that holds at a moment.
func (b *Book) keyAt(q Query, at time.Time) Key {
	for _, key := range b.Keys(q) {
		if (span{key.From, key.To}).contains(at) {
			return key
		}
	}
	panic("invariant: keys cover all time")
}

// fill prices the counts.
func (r *Rating) fill(sheet Sheet, counts map[TokenType]int64) {
	r.Status = rated
	for _, t := range tokenTypes() {
		n := counts[t]
		if n == 0 {
			continue
		}
		line, ok := sheet.Price(t)
		if !ok {
			if r.Status == rated {
				r.Status, r.Hint = unpriced, sheet.whyUnpriced(t)
			}
			continue
		}
		r.add(line, n)
	}
}

// whyUnpriced says what the list lacks for a token type.
func (s Sheet) whyUnpriced(t TokenType) string {
	return fmt.Sprintf("%s has no price for %s: list one (it is not derived from another)",
		s.PriceKey, t)
}
