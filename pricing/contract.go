package pricing

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// readContract reads a contract file: CSV with the columns provider, model, token_type,
// service_tier, region (each empty for all, but the region of a price of its own for the default
// rows), effective_from, effective_to, and one of
//
//   - discount_percent: the list price less so many percent
//   - margin_percent: the list price plus so many percent
//   - usd_per_million: a price of its own; provider, model and token_type must be given
//
// A percentage applies to the book as it stands before this file, and each price is worked out
// and kept; rows of one file do not compound: of two for one price the one that says more goes
// first (a price of its own, then model, token type, tier, region, dates), wherever it stands, and
// two that say as much at once are an error. Models are named as in logs: an alias means its model.
func (in *importer) readContract(text []byte) error {
	t, err := newTable(in.source.Name, text, []string{"provider"},
		[]string{"model", "token_type", "service_tier", "region", "effective_from", "effective_to",
			"discount_percent", "margin_percent", "usd_per_million", "source"})
	if err != nil {
		return err
	}
	var rows []contractRow
	for {
		if err := t.next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		rows = append(rows, contractRow{slices.Clone(t.record), t.line, saysMore(t)})
	}
	slices.SortStableFunc(rows, func(a, b contractRow) int { return b.says - a.says })
	c := contract{importer: in, taken: make(map[string][]takenSpan)}
	for _, row := range rows {
		t.record, t.line, c.row = row.record, row.line, row
		if err := c.addTerm(t); err != nil {
			return t.errorf(err)
		}
	}
	return nil
}

// contractRow is one row of the file; says ranks it by how much it says.
type contractRow struct {
	record []string
	line   int
	says   int
}

// saysMore ranks a row: what stands first in the list outweighs all that follows.
func saysMore(t *table) int {
	rank := 0
	for _, column := range []string{"usd_per_million", "model", "token_type", "service_tier",
		"region", "provider", "effective_to", "effective_from"} {
		rank *= 2
		if t.get(column) != "" {
			rank++
		}
	}
	return rank
}

// contract is a file being read, row by row in the order of their rank.
type contract struct {
	*importer
	row   contractRow
	taken map[string][]takenSpan // by a price's key
}

// takenSpan is when a row of the file prices a key.
type takenSpan struct {
	span
	row contractRow
}

// term is one row of a contract.
type term struct {
	span
	provider, model, tokenType, tier string
	regions                          []string // none for all; "" is the default rows
	factor                           USD
	source                           string
}

// addTerm reads one row and adds the prices it makes.
func (in *contract) addTerm(t *table) error {
	if t.get("usd_per_million") != "" {
		return in.addOwn(t)
	}
	terms, err := in.readTerms(t)
	if err != nil {
		return err
	}
	matched := false
	for _, row := range in.book.prices {
		for _, term := range terms {
			if !term.covers(row) {
				continue
			}
			matched = true
			made, err := term.apply(*row)
			if err != nil {
				return err
			}
			made.file, made.line = t.name, t.line
			if err := in.take(made); err != nil {
				return err
			}
		}
	}
	if !matched {
		where := ""
		if regions := t.get("region"); regions != "" {
			where = " in region " + regions + " (that of the default rows is default)"
		}
		return fmt.Errorf("no price of %s %s%s is in the book: nothing to discount",
			terms[0].provider, terms[0].model, where)
	}
	return nil
}

// addOwn adds a price of the contract's own, for all that the model's name stands for. A name that
// the book does not know is a model of the contract's.
func (in *contract) addOwn(t *table) error {
	row, err := readPrice(t)
	if err != nil {
		return err
	}
	row.provider = in.book.names.provider(row.provider)
	means, err := in.meanings(row.provider, row.model, span{row.from, row.to})
	if err != nil {
		means = []meaning{{span{row.from, row.to}, row.provider, row.model, nil}}
	}
	for _, m := range means {
		row.provider, row.model, row.from, row.to = m.provider, m.model, m.from, m.to
		regions := splitRegions(t.get("region"))
		if regions == nil {
			regions = m.regions
		}
		if regions == nil {
			regions = []string{""}
		}
		for _, region := range regions {
			row.region = region
			if err := in.take(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// readTerms reads a percentage row: a term for each model that its name stands for.
func (in *importer) readTerms(t *table) ([]term, error) {
	from, err := parseTime(t.get("effective_from"))
	if err != nil {
		return nil, err
	}
	to, err := parseTime(t.get("effective_to"))
	if err != nil {
		return nil, err
	}
	factor, err := percentFactor(t.get("discount_percent"), t.get("margin_percent"))
	if err != nil {
		return nil, err
	}
	made := term{
		span: span{from, to}, factor: factor, provider: in.book.names.provider(t.get("provider")),
		tokenType: t.get("token_type"), source: t.get("source"),
		regions: splitRegions(t.get("region")),
	}
	if tier := t.get("service_tier"); tier != "" {
		made.tier = plainTier(made.provider, tier)
	}
	if t.get("model") == "" {
		return []term{made}, nil
	}
	means, err := in.meanings(made.provider, t.get("model"), made.span)
	if err != nil {
		return nil, err
	}
	var terms []term
	for _, m := range means {
		one := made
		one.span, one.model = m.span, m.model
		if made.provider != "" { // of any provider, the model is named alike
			one.provider = m.provider
		}
		if one.regions == nil {
			one.regions = m.regions
		}
		terms = append(terms, one)
	}
	return terms, nil
}

// percentFactor turns a discount or a margin into a factor.
func percentFactor(discount, margin string) (USD, error) {
	one := FromInt128(0, 1).Shift(usdScale)
	switch {
	case (discount == "") == (margin == ""):
		return USD{}, errors.New("give one of discount_percent, margin_percent, usd_per_million")
	case discount != "":
		percent, err := ParseUSD(discount)
		if err == nil && (percent.Sign() < 0 || percent.Cmp(one.Shift(2)) > 0) {
			err = fmt.Errorf("discount_percent %s: not within 0 to 100", percent)
		}
		return one.Sub(percent.Shift(-2)), err
	}
	percent, err := ParseUSD(margin)
	if err == nil && percent.Sign() < 0 {
		err = fmt.Errorf("margin_percent %s: negative", percent)
	}
	return one.Add(percent.Shift(-2)), err
}

// covers reports whether a term is about a row of the book.
func (t term) covers(row *price) bool {
	return row.status != statusWithdrawn &&
		(t.provider == "" || t.provider == row.provider) &&
		(t.model == "" || t.model == row.model) &&
		(t.tokenType == "" || t.tokenType == row.tokenType) &&
		(t.tier == "" || t.tier == row.serviceTier) &&
		(len(t.regions) == 0 || slices.Contains(t.regions, row.region)) &&
		t.overlaps(span{row.from, row.to})
}

// apply makes the price of a row under a term.
func (t term) apply(row price) (price, error) {
	list := row.perMillion
	row.perMillion = list.Mul(t.factor)
	if row.from.IsZero() || (!t.from.IsZero() && t.from.After(row.from)) {
		row.from = t.from
	}
	row.to = earlier(row.to, t.to)
	row.source = fmt.Sprintf("%s %s x list price %s (%s)", t.source, t.factor, list, row.source)
	if !row.perMillion.fits(perMillionDigits) {
		return price{}, fmt.Errorf("%s %s: %s x %s: %w", row.group(), row.tokenType, t.factor, list,
			errors.New("more digits than a price can have: state the price itself"))
	}
	return row, nil
}

// take adds a price for the spans that no row of the file that says more prices.
func (in *contract) take(row price) error {
	key, whole := row.key(), span{row.from, row.to}
	left := []span{whole}
	for _, other := range in.taken[key] {
		if other.row.says == in.row.says && other.overlaps(whole) {
			return fmt.Errorf("line %d has another price for %s %s at that time: end one of them",
				other.row.line, row.group(), row.tokenType)
		}
		var rest []span
		for _, s := range left {
			rest = append(rest, s.minus(other.span)...)
		}
		left = rest
	}
	in.taken[key] = append(in.taken[key], takenSpan{whole, in.row})
	for _, s := range left {
		one := row
		one.from, one.to = s.from, s.to
		in.prices = append(in.prices, &one)
	}
	return nil
}
