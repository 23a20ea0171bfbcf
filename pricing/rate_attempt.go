package pricing

import (
	"slices"
	"strconv"
	"strings"
)

// Attempt is what a provider did within a call with another model than the one that answered, and
// bills at that model's price: an attempt that was declined before a fallback, or advice.
type Attempt struct {
	Model  string
	Counts map[TokenType]int64
}

// ReadAttempts reads the attempts from the text that loaders write, where they stand among other
// charges as TYPE@MODEL=COUNT, those at one model together. What is not of that form is left out,
// as are the tokens of attempts that are not billed, whose type has a word before it.
func ReadAttempts(text string) []Attempt {
	var attempts []Attempt
	for word := range strings.FieldsSeq(text) {
		name, count, _ := strings.Cut(word, "=")
		kind, model, isAttempt := strings.Cut(name, "@")
		n, err := strconv.ParseInt(count, 10, 64)
		if !isAttempt || err != nil || TokenType(kind).index() < 0 {
			continue
		}
		at := slices.IndexFunc(attempts, func(a Attempt) bool { return a.Model == model })
		if at < 0 {
			at = len(attempts)
			attempts = append(attempts, Attempt{model, map[TokenType]int64{}})
		}
		attempts[at].Counts[TokenType(kind)] += n
	}
	return attempts
}

// addAttempts prices the attempts at other models: without a price of each the call has none.
func (b *Book) addAttempts(r *Rating, c Call) {
	for _, attempt := range c.Attempts {
		if r.Status != rated {
			return
		}
		query := c.Query
		query.Model = attempt.Model
		part := b.Rate(Call{Query: query, At: c.At, Counts: attempt.Counts})
		r.Status, r.Hint = part.Status, part.Hint
		r.Lines = append(r.Lines, part.Lines...)
		r.Total = r.Total.Add(part.Total)
	}
}
