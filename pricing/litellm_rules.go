package pricing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// readTiers reads tiered_pricing: a list of {range: [low, high], prices}. A prompt of more than
// low tokens is in the tier; the tiers replace the flat prices. A tier without an output price
// has the model's, without a cache price its own input price, without a 1-hour write price its
// own write price.
func (in *importer) readTiers(entry *litellmEntry, fields map[string]any) {
	tiers, ok := fields["tiered_pricing"].([]any)
	if !ok {
		return
	}
	flat := maps.Clone(entry.cells)
	for i, tier := range tiers {
		prices, _ := tier.(map[string]any)
		low, ok := lowerBound(prices["range"])
		if !ok || prices["input_cost_per_token"] == nil {
			in.skip(entry.key, fmt.Sprintf("tiered_pricing.%d", i), "no range or no input price")
			continue
		}
		if i == 0 {
			clear(entry.cells)
		}
		in.readTier(entry, prices, low, fmt.Sprintf("tiered_pricing.%d", i))
		entry.fillTier(flat, low)
	}
	for c, perUnit := range flat {
		if TokenType(c.tokenType).index() < 0 {
			entry.cells[c] = perUnit
		}
	}
}

// lowerBound reads a tier's range: its first prompt size.
func lowerBound(value any) (int64, bool) {
	bounds, _ := value.([]any)
	if len(bounds) == 0 {
		return 0, false
	}
	low, err := amountOf(bounds[0])
	if err != nil || !low.fits(0) {
		return 0, false
	}
	if low.IsZero() {
		return 0, true
	}
	return low.decimal().IntPart() + 1, true
}

// readTier reads the prices of one tier.
func (in *importer) readTier(entry *litellmEntry, prices map[string]any, low int64, at string) {
	for _, key := range slices.Sorted(maps.Keys(prices)) {
		if !isCostKey(key) || prices[key] == nil {
			continue
		}
		c, _, reason := readCostKey(key)
		perUnit, err := amountOf(prices[key])
		if reason != "" || err != nil {
			in.skip(entry.key, at+"."+key, "not supported or not a decimal")
			continue
		}
		c.minPrompt = low
		entry.set(c, perUnit, at+"."+key)
	}
}

// fillTier gives a tier what it does not say.
func (e *litellmEntry) fillTier(flat map[cell]USD, low int64) {
	at := func(t TokenType, minPrompt int64) cell {
		return cell{tokenType: string(t), tier: standardTier, region: plainRegion(e.region),
			minPrompt: minPrompt}
	}
	fill := func(t, like TokenType, why string) {
		if _, ok := e.cells[at(t, low)]; ok {
			return
		}
		if perUnit, ok := e.cells[at(like, low)]; ok {
			e.set(at(t, low), perUnit, why)
		}
	}
	if _, ok := e.cells[at(Output, low)]; !ok {
		for _, t := range []TokenType{Output, Reasoning} {
			if perUnit, ok := flat[at(t, 0)]; ok {
				e.set(at(t, low), perUnit, "the model's price: the tier has none")
			}
		}
	}
	fill(CacheRead, Input, "the tier's input price: it has none for cached tokens")
	fill(CacheWrite, Input, "the tier's input price: it has none for cache writes")
	fill(CacheWrite5m, CacheWrite, "the tier's write price")
	fill(CacheWrite1h, CacheWrite, "the tier's write price: it has none for one hour")
}

// asAsked drops an entry's free tokens where it prices the query or the request: they are what a
// call of it is not counted in, and one whose queries nobody counted is not free.
func (in *importer) asAsked(entry *litellmEntry) {
	isAsked := false
	for c, perUnit := range entry.cells {
		isAsked = isAsked || perUnit.Sign() > 0 &&
			(c.tokenType == "other_input_query" || c.tokenType == "other_input_request")
	}
	for c, perUnit := range maps.Clone(entry.cells) {
		if isAsked && perUnit.IsZero() && TokenType(c.tokenType).index() >= 0 {
			in.skip(entry.key, entry.keys[c], "free tokens of what is charged a query or request")
			delete(entry.cells, c)
		}
	}
}

// readMultipliers writes multipliers out as prices of their own: OpenAI's regional hosts,
// Anthropic's inference_geo and fast mode, Vertex's non-global endpoints.
func (in *importer) readMultipliers(entry *litellmEntry, fields map[string]any) {
	base := entry.tokenCells()
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if region, ok := strings.CutPrefix(key, "regional_processing_uplift_multiplier_"); ok {
			in.multiply(entry, base, key, fields[key], func(c *cell) { c.region = region })
		}
	}
	if specific, ok := fields["provider_specific_entry"].(map[string]any); ok {
		for _, name := range slices.Sorted(maps.Keys(specific)) {
			key := "provider_specific_entry." + name
			switch name {
			case "us":
				in.multiply(entry, entry.tokenCells(), key, specific[name],
					func(c *cell) { c.region = name }) // fast stacks with it
			case "fast":
				in.multiply(entry, standardOnly(base), key, specific[name],
					func(c *cell) { c.tier = name })
			default:
				in.skip(entry.key, key, "not supported")
			}
		}
	}
	const vertex = "regional_endpoint_uplift_multiplier"
	if value := fields[vertex]; value != nil && entry.region == "" {
		for c, perUnit := range base {
			global := c
			global.region = "global"
			entry.cells[global], entry.keys[global] = perUnit, entry.keys[c]
		}
		in.multiply(entry, base, vertex, value, func(*cell) {})
	}
}

// tokenCells returns the entry's token prices: calls are not multiplied.
func (e *litellmEntry) tokenCells() map[cell]USD {
	cells := maps.Clone(e.cells)
	maps.DeleteFunc(cells, func(c cell, _ USD) bool {
		return TokenType(c.tokenType).index() < 0 || c.tokenType == string(WebSearch)
	})
	return cells
}

// standardOnly keeps the standard tier.
func standardOnly(cells map[cell]USD) map[cell]USD {
	kept := maps.Clone(cells)
	maps.DeleteFunc(kept, func(c cell, _ USD) bool { return c.tier != standardTier })
	return kept
}

// multiply writes the cells again, multiplied, under another condition.
func (in *importer) multiply(
	entry *litellmEntry, base map[cell]USD, key string, value any, condition func(*cell),
) {
	factor, err := amountOf(value)
	if err != nil {
		in.skip(entry.key, key, "not a decimal")
		return
	}
	for c, perUnit := range base {
		source := entry.keys[c]
		condition(&c)
		entry.cells[c] = perUnit.Mul(factor)
		entry.keys[c] = source + " x " + key + " " + factor.String()
	}
}

// readOffPeak reads off_peak_pricing: prices that replace those of every tier and prompt size
// in daily windows of UTC. Windows by weekday are not supported, which the prices then say.
func (in *importer) readOffPeak(entry *litellmEntry, fields map[string]any) {
	const name = "off_peak_pricing"
	rates, ok := fields[name].(map[string]any)
	if !ok {
		return
	}
	windows, reason := offPeakWindows(rates)
	if reason != "" {
		in.skip(entry.key, name, reason)
		entry.sayPeak(rates)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(rates)) {
		if !isCostKey(key) {
			continue
		}
		c, _, reason := readCostKey(key)
		perUnit, err := amountOf(rates[key])
		if reason != "" || err != nil {
			in.skip(entry.key, name+"."+key, "not supported or not a decimal")
			continue
		}
		for _, window := range windows {
			entry.setOffPeak(c, window, perUnit, name+"."+key)
		}
	}
}

// offPeakWindows reads hours_utc, a window or several, or else windows without weekdays.
func offPeakWindows(rates map[string]any) (windows []hours, reason string) {
	texts, isSeveral := rates["hours_utc"].([]any)
	if !isSeveral && rates["hours_utc"] != nil {
		texts = []any{rates["hours_utc"]}
	}
	listed, _ := rates["windows"].([]any)
	for _, each := range listed {
		fields, _ := each.(map[string]any)
		if fields["weekdays"] != nil {
			return nil, "a window by weekday is not supported"
		}
		texts = append(texts, fields["hours_utc"])
	}
	for _, each := range texts {
		text, _ := each.(string)
		window, err := parseHours(text)
		switch {
		case text == "00:00-00:00":
			return []hours{{}}, ""
		case err != nil || text == "":
			return nil, "no daily windows HH:MM-HH:MM"
		case slices.ContainsFunc(windows, window.overlaps):
			return nil, "two windows at once"
		}
		windows = append(windows, window)
	}
	if len(windows) == 0 {
		return nil, "no daily windows HH:MM-HH:MM"
	}
	return windows, ""
}

// sayPeak writes into the source of each price that its off-peak price is not held.
func (e *litellmEntry) sayPeak(rates map[string]any) {
	for c := range e.cells {
		for key := range rates {
			if off, _, _ := readCostKey(key); isCostKey(key) && off.tokenType == c.tokenType {
				e.keys[c] += " (at its peak: the off-peak price's hours are not supported)"
				break
			}
		}
	}
}

// setOffPeak sets an off-peak price beside every price of its token type.
func (e *litellmEntry) setOffPeak(c cell, window hours, perUnit USD, key string) {
	for other := range maps.Clone(e.cells) {
		if other.tokenType == c.tokenType {
			other.hours = window
			e.cells[other], e.keys[other] = perUnit, key
		}
	}
}
