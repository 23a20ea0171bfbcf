package pricing

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cell is one price of an imported entry: what it is for, within its model.
type cell struct {
	tokenType, tier, region string
	minPrompt               int64
	hours                   hours
}

// litellmEntry is one entry of LiteLLM's map, read.
type litellmEntry struct {
	key, provider, model, region string
	cells                        map[cell]USD    // USD per unit
	keys                         map[cell]string // the map's own name of each price
}

// readLiteLLM reads LiteLLM's price map: USD per unit, one entry a provider and model.
func (in *importer) readLiteLLM(fields map[string]any) {
	entries := make(map[string]litellmEntry)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		entry, ok := in.readEntry(key, fields[key])
		if !ok {
			continue
		}
		id := entry.provider + "/" + entry.model + "|" + entry.region
		if before, ok := entries[id]; ok {
			entry = in.oneOf(before, entry)
		}
		entries[id] = entry
	}
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		in.addEntry(entries, entries[id])
	}
}

// oneOf keeps one of two entries for a model: the one whose key says more, as LiteLLM looks up.
func (in *importer) oneOf(a, b litellmEntry) litellmEntry {
	kept, left := a, b
	if strings.Count(b.key, "/") >= strings.Count(a.key, "/") {
		kept, left = b, a
	}
	reason := "another price for the model of " + kept.key + ", which says more"
	if maps.EqualFunc(a.cells, b.cells, sameUSD) {
		reason = "the same prices as " + kept.key
	}
	in.skip(left.key, "", reason)
	kept.takeCached(left)
	return kept
}

// takeCached fills in the prices of cached tokens that an entry lacks from another of its model:
// the entries of Azure's deployment types do not all have them.
func (e *litellmEntry) takeCached(other litellmEntry) {
	for c, perUnit := range other.cells {
		t := TokenType(c.tokenType)
		_, isThere := e.cells[c]
		if (t == CacheRead || t == CacheWrite) && c.tier == standardTier && c.minPrompt == 0 &&
			c.hours.isAllDay() && !isThere {
			e.cells[c], e.keys[c] = perUnit, other.keys[c]+" of "+other.key
		}
	}
}

// sameUSD reports whether two amounts are equal.
func sameUSD(a, b USD) bool { return a.Cmp(b) == 0 }

// addEntry makes rows of an entry. A snapshot that the book knows as an alias is the same model
// when the map prices both alike.
func (in *importer) addEntry(entries map[string]litellmEntry, entry litellmEntry) {
	model, _, ok := in.book.names.lookup(entry.provider, entry.model, in.source.AsOf)
	if ok && model != entry.model {
		target, listed := entries[entry.provider+"/"+model+"|"+entry.region]
		switch {
		case listed && maps.EqualFunc(target.cells, entry.cells, sameUSD):
			in.skip(entry.key, "", "the same prices as "+target.key+", of which it is a name")
			return
		case !listed && !in.stays(entries, entry, model):
			entry.model = model
			entries[entry.provider+"/"+model+"|"+entry.region] = entry
		}
	}
	byKey := func(a, b cell) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	for _, c := range slices.SortedFunc(maps.Keys(entry.cells), byKey) {
		row := price{
			provider: entry.provider, model: entry.model, tokenType: c.tokenType,
			serviceTier: c.tier, region: c.region, minPrompt: c.minPrompt, hours: c.hours,
			from: in.source.AsOf,
		}
		in.add(row, entry.cells[c], entry.key, entry.keys[c])
	}
}

// stays reports that an entry's model keeps its name, as in another region it has other prices
// than the model of which it is a name: a call finds all regions of a model under one name.
func (in *importer) stays(
	entries map[string]litellmEntry, entry litellmEntry, model string,
) bool {
	const everywhere = ""
	own, isOwn := entries[entry.provider+"/"+entry.model+"|"+everywhere]
	target, listed := entries[entry.provider+"/"+model+"|"+everywhere]
	return isOwn && listed && !maps.EqualFunc(target.cells, own.cells, sameUSD)
}

// readEntry reads one entry of the map.
func (in *importer) readEntry(key string, value any) (litellmEntry, bool) {
	fields, ok := value.(map[string]any)
	if !ok || key == "sample_spec" {
		in.skip(key, "", "not a model")
		return litellmEntry{}, false
	}
	entry := litellmEntry{key: key, cells: make(map[cell]USD), keys: make(map[cell]string)}
	provider, _ := fields["litellm_provider"].(string)
	entry.provider, entry.model, entry.region = in.litellmName(provider, key)
	if entry.provider == "" {
		in.skip(key, "", "no litellm_provider")
		return litellmEntry{}, false
	}
	in.readCosts(&entry, fields)
	in.asAsked(&entry)
	entry.asSpoken(fields)
	entry.asDrawn()
	in.readTiers(&entry, fields)
	in.readSearch(&entry, fields)
	in.asPictures(&entry, fields)
	entry.addImages()
	in.readMultipliers(&entry, fields)
	in.readOffPeak(&entry, fields)
	if len(entry.cells) == 0 {
		in.skip(key, "", "no price")
		return litellmEntry{}, false
	}
	return entry, true
}

// litellmName splits a key into provider, model and region: azure/eu/gpt-4o,
// bedrock/us-east-1/anthropic.claude-v2, global.anthropic.claude-..., vertex_ai/...
func (in *importer) litellmName(provider, key string) (ours, model, region string) {
	ours, model = in.book.names.provider(provider), strings.ToLower(key)
	if ours == "" {
		prefix, _, ok := strings.Cut(model, "/")
		if ours = in.book.names.provider(prefix); !ok {
			return "", model, ""
		}
	}
	for {
		prefix, rest, ok := strings.Cut(model, "/")
		named, known := in.book.names.knownProvider(prefix)
		switch {
		case !ok:
			return ours, in.cutGeo(ours, &model, &region), region
		case known && named == ours, prefix == strings.ToLower(provider):
		case prefix == "global" || prefix == "global-standard", prefix == "invoke":
		case isRegionName(prefix):
			region = prefix
		default:
			return ours, model, region
		}
		model = rest
	}
}

// cutGeo takes the geography off a Bedrock id.
func (in *importer) cutGeo(provider string, model, region *string) string {
	if provider == "bedrock" {
		r := resolved{provider: provider, model: *model}
		if cutGeography(in.book, &r); r.geo != "" {
			*region = r.geo
		}
		return r.model
	}
	return *model
}

// set takes one price into an entry.
func (e *litellmEntry) set(c cell, perUnit USD, key string) {
	c.region = plainRegion(e.region)
	e.cells[c], e.keys[c] = perUnit, key
}

// isCostKey reports whether a key of an entry is about prices.
func isCostKey(key string) bool {
	return regexp.MustCompile(`cost|pric|uplift|provider_specific_entry|billing_unit`).
		MatchString(key)
}

// readCosts reads the plain keys, *_cost_per_* and *_token_cost.
func (in *importer) readCosts(entry *litellmEntry, fields map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !isCostKey(key) || isCostTable(key) || fields[key] == nil {
			continue
		}
		c, perKilo, reason := readCostKey(key)
		if c.minPrompt > 0 && entry.provider == "xai" {
			c.minPrompt-- // a prompt of just that many tokens is long for xAI
		}
		if c.tokenType == string(CacheWrite) && entry.hasTTL(fields) {
			c.tokenType = string(CacheWrite5m)
		}
		perUnit, err := amountOf(fields[key])
		switch {
		case reason != "":
			in.skip(entry.key, key, reason)
		case err != nil:
			in.skip(entry.key, key, fmt.Sprintf("%v: not a decimal", fields[key]))
		case strings.Contains(key, "_video_token") &&
			fields[strings.Replace(key, "_video_", "_image_", 1)] != nil:
			in.skip(entry.key, key, "images and video are one price: that of the images is taken")
		case strings.HasSuffix(key, "_cache_hit") && fields["cache_read_input_token_cost"] != nil:
			in.skip(entry.key, key, "older name of cache_read_input_token_cost, which is there")
		default:
			if perKilo {
				perUnit = perUnit.Shift(-3)
			}
			entry.set(c, perUnit, key)
		}
	}
}

// hasTTL reports whether the entry's plain write price is the 5-minute one.
func (e *litellmEntry) hasTTL(fields map[string]any) bool {
	return fields["cache_creation_input_token_cost_above_1hr"] != nil ||
		strings.Contains(e.model, "claude")
}

// isCostTable names the keys that hold more than one price.
func isCostTable(key string) bool {
	switch key {
	case "tiered_pricing", "search_context_cost_per_query", "off_peak_pricing",
		"provider_specific_entry", "web_search_billing_unit":
		return true
	}
	return strings.Contains(key, "_uplift_multiplier")
}

// readCostKey reads a key: BASE[_above_N_tokens][_TIER]. A prompt of more than N tokens is long.
func readCostKey(key string) (c cell, perKilo bool, reason string) {
	c.tier = standardTier
	base := key
	for suffix, tier := range map[string]string{
		"_batches": "batch", "_flex": "flex", "_priority": "priority", "_ultrafast": "ultrafast",
	} {
		if rest, ok := strings.CutSuffix(base, suffix); ok {
			base, c.tier = rest, tier
		}
	}
	bound := regexp.MustCompile(`_above_(\d+)(k?)_tokens`).FindStringSubmatch(base)
	if bound != nil {
		n, err := strconv.ParseInt(bound[1], 10, 32)
		if err != nil {
			return c, false, "a prompt bound that is not a count"
		}
		if bound[2] == "k" {
			n *= 1000
		}
		c.minPrompt = n + 1
		base = strings.Replace(base, bound[0], "", 1)
	}
	c.tokenType, perKilo, reason = readCostBase(base)
	return c, perKilo, reason
}

// readCostBase maps LiteLLM's base keys to token types and other charges.
func readCostBase(base string) (tokenType string, perKilo bool, reason string) {
	switch base {
	case "input_cost_per_token":
		return string(Input), false, ""
	case "output_cost_per_token":
		return string(Output), false, ""
	case "cache_read_input_token_cost", "input_cost_per_token_cache_hit":
		return string(CacheRead), false, ""
	case "cache_creation_input_token_cost":
		return string(CacheWrite), false, ""
	case "cache_creation_input_token_cost_above_1hr":
		return string(CacheWrite1h), false, ""
	case "output_cost_per_reasoning_token":
		return string(Reasoning), false, ""
	case "input_cost_per_audio_token":
		return string(AudioIn), false, ""
	case "cache_read_input_audio_token_cost":
		return string(AudioCachedIn), false, ""
	case "output_cost_per_audio_token":
		return string(AudioOut), false, ""
	case "input_cost_per_image_token", "input_cost_per_video_token":
		return string(ImageIn), false, ""
	case "output_cost_per_image_token", "output_cost_per_video_token":
		return string(ImageOut), false, ""
	case "file_search_cost_per_1k_calls":
		return "file_search_call", true, ""
	}
	other := regexp.MustCompile(`^(\w+?)_cost_per_(image|pixel|character|second|query|request|` +
		`audio_per_second|video_per_second|page|credit|session|token)$`).FindStringSubmatch(base)
	switch {
	case strings.Contains(base, "dbu"):
		return "", false, "Databricks units are not USD"
	case strings.Contains(base, "gb_per_day"):
		return "", false, "storage by time is not rated"
	case strings.HasPrefix(base, "cache_creation_input_audio"):
		return "", false, "cache writes of audio are not a token type"
	case other == nil:
		return "", false, "not supported"
	}
	return "other_" + other[1] + "_" + other[2], false, ""
}

// readSearch reads web search by context size: the book has one price a call.
func (in *importer) readSearch(entry *litellmEntry, fields map[string]any) {
	const key = "search_context_cost_per_query"
	sizes, ok := fields[key].(map[string]any)
	if !ok {
		return
	}
	medium := sizes["search_context_size_medium"]
	for _, size := range slices.Sorted(maps.Keys(sizes)) {
		perCall, err := amountOf(sizes[size])
		switch {
		case err != nil:
			in.skip(entry.key, key+"."+size, "not a decimal")
		case size == "search_context_size_medium" || medium == nil && len(sizes) == 1:
			entry.set(cell{tokenType: string(WebSearch), tier: standardTier}, perCall, key+"."+size)
		default:
			if text, ok := medium.(json.Number); !ok || text != sizes[size] {
				in.skip(entry.key, key+"."+size, "one price a search call is held: the medium one")
			}
		}
	}
}

// asSpoken reads the price of a second as that of the sound which a transcription is made of: of
// other models it is that of a machine's time.
func (e *litellmEntry) asSpoken(fields map[string]any) {
	if fields["mode"] != "audio_transcription" {
		return
	}
	const machine = "other_input_second"
	for c, perUnit := range maps.Clone(e.cells) {
		if c.tokenType != machine {
			continue
		}
		key := e.keys[c]
		delete(e.cells, c)
		delete(e.keys, c)
		c.tokenType = audioSecond
		if _, ok := e.cells[c]; !ok {
			e.set(c, perUnit, key)
		}
	}
}

// asDrawn gives a model that prices its image tokens alone their price for all it answers, as
// LiteLLM's calculator does: the image endpoints do not say which of the tokens are image tokens.
func (e *litellmEntry) asDrawn() {
	for c, perUnit := range maps.Clone(e.cells) {
		if c.tokenType != string(ImageOut) {
			continue
		}
		c.tokenType = string(Output)
		if text, ok := e.cells[c]; !ok || text.IsZero() {
			e.set(c, perUnit, "output tokens without a price of their own")
		}
	}
}

// addImages gives image tokens without a price of their own the text price, as LiteLLM's
// calculator does.
func (e *litellmEntry) addImages() {
	for c, perUnit := range maps.Clone(e.cells) {
		like := map[string]TokenType{string(Input): ImageIn, string(Output): ImageOut}[c.tokenType]
		if like == "" || c.minPrompt > 0 {
			continue
		}
		c.tokenType = string(like)
		if _, ok := e.cells[c]; !ok {
			e.set(c, perUnit, "image tokens without a key of their own")
		}
	}
}
