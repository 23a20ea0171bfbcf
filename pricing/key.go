package pricing

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The statuses of a Key.
const (
	priced    = "priced"
	unpriced  = "unpriced"
	ambiguous = "ambiguous"
)

// Key says which sheets price a query in one span of time.
type Key struct {
	From, To time.Time // half-open; zero = open
	PriceKey string    // "" when unpriced; joins to Sheet.PriceKey
	// Provider is our lower-case name of the provider. Model is the list's model id, or the
	// cleaned raw name when the list does not know it: the id by which files are compared.
	Provider, Model string
	Status          string   // priced | unpriced | ambiguous
	Hint            string   // why it is unpriced and what to try
	Path            []string // how the names were read, step by step
}

// Keys answers a query for all time: the keys are disjoint, ordered and leave no gap. There is
// more than one where an alias or the price list changes.
func (b *Book) Keys(q Query) []Key {
	dates := b.aliasDates(q)
	spans := make([]span, 0, len(dates)+1)
	from := time.Time{}
	for _, date := range dates {
		spans = append(spans, span{from, date})
		from = date
	}
	spans = append(spans, span{from, time.Time{}})
	var keys []Key
	for _, s := range spans {
		for _, key := range b.keysWithin(q, s) {
			keys = appendKey(keys, key)
		}
	}
	return keys
}

// aliasDates returns the dates on which the query's name may change its meaning.
func (b *Book) aliasDates(q Query) []time.Time {
	providers := []string{b.resolve(q, time.Time{}).provider}
	switch providers[0] {
	case "":
		providers = makers()
	case "azure", azureGuests:
		providers = []string{"azure", azureGuests}
	}
	var dates []time.Time
	for _, provider := range providers {
		dates = append(dates, b.names.dates(provider)...)
	}
	slices.SortFunc(dates, time.Time.Compare)
	return slices.CompactFunc(dates, time.Time.Equal)
}

// appendKey appends a key, or lengthens the last one when only the time differs.
func appendKey(keys []Key, key Key) []Key {
	if n := len(keys); n > 0 && keys[n-1].same(key) {
		keys[n-1].To = key.To
		return keys
	}
	return append(keys, key)
}

// same reports whether two keys differ in time only.
func (k Key) same(o Key) bool {
	return k.PriceKey == o.PriceKey && k.Provider == o.Provider && k.Model == o.Model &&
		k.Status == o.Status && k.Hint == o.Hint && slices.Equal(k.Path, o.Path)
}

// keysWithin answers a query for a span in which the names mean one thing.
func (b *Book) keysWithin(q Query, s span) []Key {
	r := b.resolve(q, s.from)
	key := Key{
		From: s.from, To: s.to, Provider: r.provider, Model: r.model,
		Status: unpriced, Hint: r.hint,
	}
	if r.ambiguous {
		key.Status = ambiguous
	}
	r.priceFree()
	if !r.found {
		key.Path = r.path
		return []Key{key}
	}
	var keys []Key
	for _, part := range b.splitByRegions(r, s) {
		in := r
		in.path = slices.Clip(r.path)
		key.From, key.To = part.from, part.to
		key.PriceKey, key.Hint = b.chooseRows(&in, part.from)
		key.Path = in.path
		if key.PriceKey == "" {
			keys = appendKey(keys, key)
			continue
		}
		for _, covered := range b.splitByCoverage(key) {
			keys = appendKey(keys, covered)
		}
	}
	return keys
}

// splitByRegions splits a span at the dates on which regions of a model begin or end to have rows.
func (b *Book) splitByRegions(r resolved, s span) []span {
	if r.region == "" && r.geo == "" {
		return []span{s}
	}
	var dates []time.Time
	for _, region := range b.regions[r.provider+"/"+r.model] {
		for _, sheet := range b.sheetsOf(priceKey(r.provider, r.model, r.tier, region)) {
			dates = append(dates, sheet.From, sheet.To)
		}
	}
	slices.SortFunc(dates, time.Time.Compare)
	var parts []span
	for _, date := range slices.CompactFunc(dates, time.Time.Equal) {
		if !date.IsZero() && date.After(s.from) && (s.to.IsZero() || date.Before(s.to)) {
			parts = append(parts, span{s.from, date})
			s.from = date
		}
	}
	return append(parts, s)
}

// chooseRows picks the rows for the query's tier and region at a moment, or says why there are
// none.
func (b *Book) chooseRows(r *resolved, at time.Time) (key, hint string) {
	model := r.provider + "/" + r.model
	tiers := b.tiers[model]
	if !slices.Contains(tiers, r.tier) {
		return "", fmt.Sprintf("no %s price is listed for %s (listed: %s)",
			r.tier, model, strings.Join(tiers, ", "))
	}
	var regions []string
	for _, region := range b.regions[model] {
		if b.isRegionListed(*r, region, at) {
			regions = append(regions, region)
		}
	}
	region, hint := chooseRegion(r, regions)
	if hint != "" {
		return "", hint
	}
	key = priceKey(r.provider, r.model, r.tier, region)
	if _, ok := b.sheets().byKey[key]; !ok {
		return "", fmt.Sprintf("no %s price is listed for %s in region %s",
			r.tier, model, quote(region))
	}
	return key, ""
}

// isRegionListed reports whether a region of a model is to be priced by its own rows at a moment.
// One that our list knows always is: on days without rows its price is not known. One that only
// users' files know is while they have rows; before, the call is priced as without the file.
func (b *Book) isRegionListed(r resolved, region string, at time.Time) bool {
	if b.ownRegions[r.provider+"/"+r.model+"|"+region] {
		return true
	}
	sheets := b.sheetsOf(priceKey(r.provider, r.model, r.tier, region))
	return len(sheets) == 0 || slices.ContainsFunc(sheets, func(s Sheet) bool {
		return (span{s.From, s.To}).contains(at)
	})
}

// sheetsOf returns the sheets of a price key.
func (b *Book) sheetsOf(key string) []Sheet {
	list := b.sheets()
	found := list.byKey[key]
	return list.all[found.from:found.to]
}

// splitByCoverage splits a key into the spans in which its sheets hold and the rest.
func (b *Book) splitByCoverage(key Key) []Key {
	var keys []Key
	at, covered := span{key.From, key.To}, false
	for _, sheet := range b.sheetsOf(key.PriceKey) {
		s := span{sheet.From, sheet.To}
		if !s.overlaps(at) {
			continue
		}
		if s.from.After(at.from) {
			keys = appendKey(keys, key.without(span{at.from, s.from}))
			at.from = s.from
		}
		hold := key
		hold.Status, hold.From, hold.To = priced, at.from, earlier(s.to, key.To)
		keys = appendKey(keys, hold)
		if hold.To.Equal(key.To) {
			covered = true
			break
		}
		at.from = hold.To
	}
	if !covered {
		keys = appendKey(keys, key.without(at))
	}
	return keys
}

// without returns the key as unpriced for a span that no sheet covers.
func (k Key) without(s span) Key {
	k.Hint = "no price of " + k.PriceKey + " is listed for this time"
	k.PriceKey, k.Status, k.From, k.To = "", unpriced, s.from, s.to
	return k
}

// earlier returns the earlier of two ends; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
