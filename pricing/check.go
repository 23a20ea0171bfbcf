package pricing

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is a fault of a price list that a person should look at. The faults that make a list
// unusable (two prices at once, a price that is not exact) are errors when it is read.
type Problem struct {
	Kind  string // gap | alias | unit | source | status
	Where string // file:line
	Text  string
}

// The bounds outside which a price per million tokens is probably in another unit.
func tokenPriceBounds() (least, most USD) {
	return FromInt128(0, 1).Shift(usdScale - 4), FromInt128(0, 1).Shift(usdScale + 3)
}

// Check looks for gaps inside a history, aliases that hide or miss a model, prices that look
// like another unit, and rows without a source or with a status their dates contradict.
func (b *Book) Check() []Problem {
	problems := b.checkGaps()
	problems = append(problems, b.checkAliases()...)
	for _, row := range b.prices {
		problems = append(problems, row.check()...)
	}
	return append(problems, b.checkCacheReads()...)
}

// checkGaps finds spans between two prices of one key that no price covers.
func (b *Book) checkGaps() []Problem {
	var problems []Problem
	isSameKey := func(x, y *price) bool { return x.key() == y.key() }
	for rows := range chunks(b.prices, isSameKey) {
		var last *price
		for _, row := range rows {
			if row.status == statusWithdrawn {
				continue
			}
			if last != nil && !last.to.IsZero() && last.to.Before(row.from) &&
				!b.isAliasIn(row, span{last.to, row.from}) {
				problems = append(problems, Problem{"gap", row.where(), fmt.Sprintf(
					"%s %s: no price from %s to %s", row.group(), row.tokenType, day(last.to),
					day(row.from))})
			}
			last = row
		}
	}
	return problems
}

// isAliasIn reports whether a row's model is a name of another one in all of a span.
func (b *Book) isAliasIn(row *price, gap span) bool {
	return slices.ContainsFunc(b.names.aliases[row.provider+"/"+row.model], func(a alias) bool {
		return a.contains(gap.from) && len(gap.minus(a.span)) == 0
	})
}

// checkAliases finds aliases of models that are not listed.
func (b *Book) checkAliases() []Problem {
	var problems []Problem
	for _, id := range sortedKeys(b.names.aliases) {
		for _, a := range b.names.aliases[id] {
			if !b.names.models[a.provider+"/"+a.model] {
				problems = append(problems, Problem{"alias", "list/aliases.csv",
					id + ": its model " + a.model + " is not listed"})
			}
			if b.names.models[id] && len(b.names.fromUser[id]) == 0 && a.from.IsZero() &&
				a.to.IsZero() {
				problems = append(problems, Problem{"alias", "list/aliases.csv",
					id + ": is also listed as a model of its own"})
			}
		}
	}
	return problems
}

// check looks at one row alone.
func (p *price) check() []Problem {
	var problems []Problem
	add := func(kind, text string) {
		text = p.group() + " " + p.tokenType + ": " + text
		problems = append(problems, Problem{kind, p.where(), text})
	}
	least, most := tokenPriceBounds()
	isToken := TokenType(p.tokenType).index() >= 0 && p.tokenType != string(WebSearch)
	if isToken && !p.perMillion.IsZero() &&
		(p.perMillion.Cmp(least) < 0 || p.perMillion.Cmp(most) > 0) {
		add("unit", "usd_per_million "+p.perMillion.String()+" looks like another unit")
	}
	if p.source == "" || p.observedOn == "" {
		add("source", "no source or observed_on")
	}
	if at, err := parseTime(p.observedOn); err == nil && !at.IsZero() && !p.from.IsZero() {
		if p.status == statusInForce && !p.from.Before(at.AddDate(0, 0, 1)) {
			add("status", "in force from "+day(p.from)+" but observed on "+p.observedOn)
		}
		if p.status == statusAnnounced && !p.from.After(at) {
			add("status", "announced, but observed on or after "+day(p.from))
		}
	}
	return problems
}

// checkCacheReads finds cached tokens that cost more than uncached ones.
func (b *Book) checkCacheReads() []Problem {
	var problems []Problem
	for _, sheet := range b.sheets().all {
		for _, pair := range [][2]TokenType{
			{CacheRead, Input}, {AudioCachedIn, AudioIn}, {ImageCachedIn, ImageIn},
		} {
			cached, ok := sheet.Price(pair[0])
			plain, okPlain := sheet.Price(pair[1])
			if ok && okPlain && cached.USDPerToken.Cmp(plain.USDPerToken) > 0 {
				problems = append(problems, Problem{"unit",
					fmt.Sprintf("%s:%d", cached.File, cached.FileLine), fmt.Sprintf(
						"%s from %d: %s costs more than %s", sheet.PriceKey, sheet.MinPrompt,
						pair[0], pair[1])})
			}
		}
	}
	return problems
}

// String writes the problem on one line.
func (p Problem) String() string {
	return strings.Join([]string{p.Where, p.Kind, p.Text}, ": ")
}
