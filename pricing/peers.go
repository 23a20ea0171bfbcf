package pricing

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readGenai reads genai-prices' data.json: USD per million tokens, or per thousand calls; each
// model's prices are dated by start_date, the last that has begun holds. A daily window there
// has no date: it is dated like the latest dated prices, or the file's own day.
func (in *importer) readGenai(providers []any) error {
	for _, value := range providers {
		provider, _ := value.(map[string]any)
		id, _ := provider["id"].(string)
		models, ok := provider["models"].([]any)
		if !ok {
			return fmt.Errorf("price list %s: provider %q: no models", in.source.Name, clip(id))
		}
		for _, value := range models {
			model, _ := value.(map[string]any)
			name, _ := model["id"].(string)
			in.readGenaiModel(id, name, model)
		}
	}
	return nil
}

// genaiPrices is one dated set of a model's prices.
type genaiPrices struct {
	span
	window hours
	prices map[string]any
}

// readGenaiModel reads one model.
func (in *importer) readGenaiModel(provider, model string, fields map[string]any) {
	entry := provider + "/" + model
	row := price{provider: in.book.names.provider(provider), model: strings.ToLower(model),
		serviceTier: standardTier}
	if row.provider == "bedrock" {
		row.model = strings.TrimPrefix(row.model, "regional.")
		r := resolved{provider: row.provider, model: row.model}
		cutGeography(in.book, &r)
		row.model, row.region = r.model, r.geo
	}
	for _, set := range in.genaiHistory(entry, fields["prices"]) {
		row.from, row.to, row.hours = set.from, set.to, set.window
		in.addGenai(row, entry, set.prices)
	}
	variants, _ := fields["price_variants"].([]any)
	for i, value := range variants {
		variant, _ := value.(map[string]any)
		when, _ := variant["when"].(map[string]any)
		tier := ""
		for _, name := range []string{"processing", "service_tier", "speed"} {
			if text, ok := when[name].(string); ok && len(when) == 1 {
				tier = plainTier(row.provider, text)
			}
		}
		prices, _ := variant["prices"].(map[string]any)
		if tier == "" || tier == standardTier && len(prices) > 0 {
			in.skip(entry, fmt.Sprintf("price_variants.%d", i), "a condition that is not held")
			continue
		}
		isRepeated := when["service_tier"] == "fast" && tier == "priority"
		if len(prices) == 0 || isRepeated {
			continue // says that nothing changes, or repeats priority under its newer name
		}
		row.serviceTier, row.hours = tier, hours{}
		row.from, row.to = startDate(variant["constraint"]), time.Time{}
		in.addGenai(row, entry, prices)
	}
}

// genaiHistory reads a model's prices into dated sets.
func (in *importer) genaiHistory(entry string, value any) []genaiPrices {
	if prices, ok := value.(map[string]any); ok {
		return []genaiPrices{{span: span{from: in.source.AsOf}, prices: prices}}
	}
	list, _ := value.([]any)
	var dated, windows []genaiPrices
	for i, value := range list {
		fields, _ := value.(map[string]any)
		prices, _ := fields["prices"].(map[string]any)
		constraint, _ := fields["constraint"].(map[string]any)
		if start, ok := constraint["start_time"].(string); ok {
			end, _ := constraint["end_time"].(string)
			window, err := parseHours(clockMinutes(start) + "-" + clockMinutes(end))
			if err != nil {
				in.skip(entry, fmt.Sprintf("prices.%d", i), err.Error())
				continue
			}
			windows = append(windows, genaiPrices{window: window, prices: prices})
			continue
		}
		dated = append(dated, genaiPrices{span: span{from: startDate(constraint)}, prices: prices})
	}
	slices.SortStableFunc(dated, func(a, b genaiPrices) int { return a.from.Compare(b.from) })
	for i := range dated[:max(len(dated)-1, 0)] {
		dated[i].to = dated[i+1].from
	}
	from := in.source.AsOf
	if n := len(dated); n > 0 && dated[n-1].from.After(from) {
		from = dated[n-1].from
	}
	for _, window := range windows {
		if from.IsZero() {
			in.skip(entry, "constraint.start_time", "a daily window without a date")
			continue
		}
		window.from = from
		dated = append(dated, window)
	}
	return dated
}

// clockMinutes keeps HH:MM of a clock time.
func clockMinutes(text string) string {
	if len(text) < 5 {
		return text
	}
	return text[:5]
}

// startDate reads a constraint's start date; none is open.
func startDate(constraint any) time.Time {
	fields, _ := constraint.(map[string]any)
	text, _ := fields["start_date"].(string)
	at, err := parseTime(text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// addGenai adds a set of prices: a number, or {base, tiers: [{start, price}]} where a prompt of
// more than start tokens is in the tier.
func (in *importer) addGenai(row price, entry string, prices map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(prices)) {
		unit, shift, ok := genaiUnit(key, row)
		if !ok {
			in.skip(entry, key, "not supported")
			continue
		}
		row.tokenType, row.minPrompt = unit, 0
		value := prices[key]
		if tiered, ok := value.(map[string]any); ok {
			value = tiered["base"]
			tiers, _ := tiered["tiers"].([]any)
			for _, tier := range tiers {
				fields, _ := tier.(map[string]any)
				start, err := strconv.ParseInt(fmt.Sprint(fields["start"]), 10, 64)
				if err != nil {
					in.skip(entry, key, "a tier without a start")
					continue
				}
				long := row
				long.minPrompt = start + 1
				in.addValue(long, entry, key, fields["price"], shift)
			}
		}
		in.addValue(row, entry, key, value, shift)
	}
}

// addValue adds one JSON price, which is per 10^-shift units.
func (in *importer) addValue(row price, entry, key string, value any, shift int32) {
	amount, err := amountOf(value)
	if err != nil {
		in.skip(entry, key, "not a decimal")
		return
	}
	in.add(row, amount.Shift(shift), entry, key)
}

// genaiUnit maps a genai-prices key to a token type and its scale.
func genaiUnit(key string, row price) (unit string, shift int32, ok bool) {
	switch key {
	case "input_mtok":
		return string(Input), -6, true
	case "output_mtok":
		return string(Output), -6, true
	case "cache_read_mtok":
		return string(CacheRead), -6, true
	case "cache_write_mtok", "cache_write_5m_mtok":
		return string(row.writeType()), -6, true
	case "cache_write_1h_mtok":
		return string(CacheWrite1h), -6, true
	case "input_audio_mtok":
		return string(AudioIn), -6, true
	case "cache_audio_read_mtok":
		return string(AudioCachedIn), -6, true
	case "output_audio_mtok":
		return string(AudioOut), -6, true
	case "input_image_mtok":
		return string(ImageIn), -6, true
	case "cache_image_read_mtok":
		return string(ImageCachedIn), -6, true
	case "output_image_mtok":
		return string(ImageOut), -6, true
	case "output_reasoning_mtok":
		return string(Reasoning), -6, true
	case "web_searches_kcount":
		return string(WebSearch), -3, true
	case "storage_searches_kcount":
		return "file_search_call", -3, true
	case "requests_kcount":
		return "other_input_request", -3, true
	case "audio_hours", "input_audio_hours":
		return "audio_hour", 0, true
	}
	return "", 0, false
}

// writeType tells the meaning of a list's one write price: 5 minutes for Claude, else unsaid.
func (p *price) writeType() TokenType {
	if strings.Contains(p.model, "claude") {
		return CacheWrite5m
	}
	return CacheWrite
}

// readOpenRouter reads OpenRouter's models: USD per unit, as text; -1 is a price that depends
// on where the router goes.
func (in *importer) readOpenRouter(models []any) {
	slugs := slugsOf(models)
	for _, value := range models {
		fields, _ := value.(map[string]any)
		id, _ := fields["id"].(string)
		prices, ok := fields["pricing"].(map[string]any)
		if !ok || id == "" {
			in.skip(id, "", "no pricing")
			continue
		}
		row := price{provider: "openrouter", model: strings.ToLower(id),
			serviceTier: standardTier, from: in.source.AsOf}
		first := len(in.prices)
		for _, key := range slices.Sorted(maps.Keys(prices)) {
			row.tokenType = openRouterUnit(key, row)
			amount, err := amountOf(prices[key])
			switch {
			case row.tokenType == "":
				in.skip(id, key, "not supported")
			case err != nil:
				in.skip(id, key, "not a decimal")
			case amount.Sign() < 0:
				in.skip(id, key, "depends on the route: take the cost that the response reports")
			case amount.IsZero() && key != "prompt" && key != "completion":
				// OpenRouter writes 0 where a model has no such unit
			default:
				in.add(row, amount, id, key)
			}
		}
		for _, row := range in.prices[first:] {
			if slug := slugs[id]; slug != "" {
				named := *row
				named.model = slug
				in.prices = append(in.prices, &named)
			}
		}
	}
}

// slugsOf gives ids the names that logs may have for their models, where one id alone has it and
// it is no id itself: a free variant has the same.
func slugsOf(models []any) map[string]string {
	slugs, named := make(map[string]string), make(map[string]int)
	for _, value := range models {
		fields, _ := value.(map[string]any)
		id, _ := fields["id"].(string)
		slug, _ := fields["canonical_slug"].(string)
		slug = strings.ToLower(slug)
		named[strings.ToLower(id)]++
		if slug != strings.ToLower(id) && !strings.Contains(id, ":") {
			slugs[id] = slug
			named[slug]++
		}
	}
	maps.DeleteFunc(slugs, func(_, slug string) bool { return named[slug] > 1 })
	return slugs
}

// openRouterUnit maps a key of OpenRouter's pricing.
func openRouterUnit(key string, row price) string {
	switch key {
	case "prompt":
		return string(Input)
	case "completion":
		return string(Output)
	case "input_cache_read":
		return string(CacheRead)
	case "input_cache_write":
		return string(row.writeType())
	case "internal_reasoning":
		return string(Reasoning)
	case "audio":
		return string(AudioIn)
	case "audio_output":
		return string(AudioOut)
	case "web_search":
		return string(WebSearch)
	case "request":
		return "other_input_request"
	case "image":
		return "other_input_image"
	}
	return ""
}
