package loaders

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"tieout/pricing"
)

// What provider formats share. Three decisions hold for all of them:
//
// Currency: amounts in another currency than USD are refused with its name, because there are no
// exchange rates, unless the source states the amount in USD or its own rate. What the same row
// says of use has no currency and is loaded: such a row is two statements, one loaded and one
// rejected.
//
// Quantities are exact products of the number written and its unit. Where that is no whole number
// of tokens, it is rounded to the nearest one, half to even; Tally.RoundedAmounts counts it, but
// for differences below a thousandth, which are the noise of a source that computes in binary.
//
// Negative rows are corrections and credits: they are kept as they are, never turned around.

// Categories of raw.bill.
const (
	categoryUsage      = "usage"
	categoryCredit     = "credit"
	categoryDiscount   = "discount"
	categoryRefund     = "refund"
	categoryTax        = "tax"
	categoryFee        = "fee"
	categoryCommitment = "commitment"
	categoryAdjustment = "adjustment"
	categoryRounding   = "rounding"
)

// Quantities that are billed and are no tokens, by the names that price lists have for them.
const (
	unitImage       = "other_output_image"
	unitCharacter   = "other_input_character"
	unitAudioSecond = "other_input_audio_per_second"
	unitFileSearch  = "file_search_call"
	unitSession     = "other_session"
	unitStoredByte  = "other_stored_byte"
	unitAccelerator = "other_accelerator_second"
)

// The grains of buckets that are not named by a length.
const (
	grainRequest = "request"
	grainDay     = "day"
)

// usd is the only currency that amounts are read in.
const usd = "USD"

// deliver hands on what one source row became, its use and its amounts; the source row counts
// once.
func (w *worker) deliver(usages []Usage, bills ...Bill) error {
	if len(usages) == 0 && len(bills) == 0 {
		w.ignored()
		return nil
	}
	counted := int64(len(bills))
	if len(usages) > 0 {
		if err := w.usage(usages); err != nil {
			return err
		}
		counted++
	}
	for i := range bills {
		if err := w.bill(&bills[i]); err != nil {
			return err
		}
	}
	w.tally.Read -= counted - 1
	w.tally.Loaded -= counted - 1
	return nil
}

// deliverForeign hands on the use of a row whose amount is in another currency, and refuses the
// amount.
func (w *worker) deliverForeign(usages []Usage, field, currency string, line int64) error {
	if len(usages) > 0 {
		if err := w.usage(usages); err != nil {
			return err
		}
	}
	return w.settle(foreign(field, currency), line, nil)
}

// foreign is why an amount in another currency is refused.
func foreign(field, currency string) error {
	if currency == "" {
		return badRow("%s is missing, so the amount has no currency", field)
	}
	return badRow("%s %s: only USD is read, there are no exchange rates", field,
		quoted(strings.ToUpper(currency)))
}

// isUSD reports whether a currency's name is that of the US dollar.
func isUSD(currency string) bool { return strings.EqualFold(strings.TrimSpace(currency), usd) }

// need is money that a row cannot do without.
func (w *worker) need(field, text string) (Money, error) {
	money, err := w.money(field, text)
	if err == nil && !money.Known {
		err = badRow("%s is missing", field)
	}
	return money, err
}

// pricedBy is a row's own price times its quantity, where it states both: its amount should be
// that. A price that cannot be read proves nothing.
func pricedBy(price, quantity string) Money {
	p, err := pricing.ParseUSD(price)
	if price == "" || quantity == "" || err != nil {
		return Money{}
	}
	q, err := pricing.ParseUSD(quantity)
	if err != nil {
		return Money{}
	}
	product, _ := p.Mul(q).Narrow()
	if isBeyond(product) {
		return Money{}
	}
	return Money{USD: product, Known: true}
}

// shifted is money that a source counts in units of 10 to the power of places dollars, such as
// cents.
func (w *worker) shifted(field, text string, places int32) (Money, error) {
	if text == "" {
		return Money{}, badRow("%s is missing", field)
	}
	exact, err := pricing.ParseUSD(text)
	if err != nil {
		return Money{}, badRow("%s %s: not an amount", field, quoted(text))
	}
	narrow, rounded := exact.Shift(places).Narrow()
	if isBeyond(narrow) {
		return Money{}, badRow("%s %s: beyond any amount we store", field, quoted(text))
	}
	if rounded {
		w.tally.RoundedAmounts++
	}
	return Money{USD: narrow, Text: text, Known: true}, nil
}

// quantum is the smallest step of a source's amounts, 10 to the power of -digits.
func quantum(digits int32) Money {
	one, err := pricing.ParseUSD("1")
	if err != nil {
		panic("loaders: 1 is not an amount")
	}
	step := one.Shift(-digits)
	return Money{USD: step, Text: step.String(), Known: true}
}

// scaled reads a quantity that is counted in units of 10 to the power of shift, which may be
// negative in a correction.
func (w *worker) scaled(field, text string, shift int32) (Count, error) {
	if text == "" {
		return Count{}, nil
	}
	exact, err := pricing.ParseUSD(text)
	if err != nil {
		return Count{}, badRow("%s %s: not a quantity", field, quoted(text))
	}
	plain, isNegative := strings.CutPrefix(exact.Shift(shift).String(), "-")
	whole, fraction, _ := strings.Cut(plain, ".")
	count, err := parseCount(field, whole)
	if err != nil {
		return Count{}, badRow("%s %s: not a possible count", field, quoted(text))
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		if !strings.HasPrefix(fraction, "000") && !strings.HasPrefix(fraction, "999") {
			w.tally.RoundedAmounts++
		}
		if fraction > "5" || (fraction == "5" && count.N%2 == 1) {
			count.N++
		}
	}
	if isNegative {
		count.N = -count.N
	}
	return count, nil
}

// oneUsage is the use that a row states of one token type, none when it states no quantity.
func oneUsage(bucket Bucket, quantity Count) []Usage {
	if !quantity.Known || bucket.TokenType == "" {
		return nil
	}
	return []Usage{{Bucket: bucket, Quantity: quantity.N}}
}

// dayBucket sets the time of a bucket to the UTC day that begins at from.
func (b *Bucket) setDay(from Count) {
	b.FromUS, b.ToUS, b.Grain = from.N, from.N+(24*time.Hour).Microseconds(), grainDay
}

// setSpan sets the time of a bucket; one that ends where it begins is an event.
func (b *Bucket) setSpan(from, to Count) error {
	switch {
	case to.N < from.N:
		return badRow("the row ends before it begins")
	case to.N == from.N:
		b.FromUS, b.ToUS, b.Grain = from.N, from.N+1, grainRequest
	default:
		b.FromUS, b.ToUS, b.Grain = from.N, to.N, grainOf(to.N-from.N)
	}
	return nil
}

// needInstant is a time that a row cannot do without.
func needInstant(field, text string) (Count, error) {
	us, err := parseInstant(field, text)
	if err == nil && !us.Known {
		err = badRow("%s is missing", field)
	}
	return us, err
}

// impersonal drops what may be a mail address.
func impersonal(text string) string {
	if strings.Contains(text, "@") {
		return ""
	}
	return text
}

// first gives the value of the first of several spellings of a column that is filled.
func (r csvRow) first(columns ...string) string {
	for _, column := range columns {
		if text := r.text(column); text != "" {
			return text
		}
	}
	return ""
}

// has reports that the file has a column, filled or not.
func (r csvRow) has(column string) bool {
	_, ok := r.index[column]
	return ok
}

// memo keeps what was read from texts that come again and again, such as names of meters.
type memo[T any] struct {
	read  func(text string) T
	known map[string]T
}

// memoMax bounds a memo: a file that names more things than this is no bill.
const memoMax = 10_000

func newMemo[T any](read func(text string) T) *memo[T] {
	return &memo[T]{read: read, known: map[string]T{}}
}

func (m *memo[T]) of(text string) T {
	if value, ok := m.known[text]; ok {
		return value
	}
	text = strings.Clone(text) // it may be a view of a record that will be overwritten
	value := m.read(text)
	if len(m.known) < memoMax {
		m.known[text] = value
	}
	return value
}

// namelessCategory is what a line that names no model is. No tool is sold for less than nothing.
func namelessCategory(item string, isNegative bool) string {
	words := strings.FieldsFunc(strings.ToLower(item), func(r rune) bool {
		return !unicode.IsLetter(r)
	})
	names := func(word string) bool { return slices.Contains(words, word) }
	switch {
	case names("tax") || names("taxes") || names("vat") || names("gst"):
		return categoryTax
	case isNegative && (names("refund") || names("refunds")):
		return categoryRefund
	case isNegative && (names("discount") || names("discounts")):
		return categoryDiscount
	case isNegative:
		return categoryCredit
	}
	return categoryUsage
}
