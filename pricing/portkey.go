package pricing

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// readPortkey reads Portkey's pricing file of one provider: US cents per unit. Its "default"
// entry prices what it does not know at 0; ours stays unpriced.
func (in *importer) readPortkey(fields map[string]any) {
	provider := in.book.names.provider(in.providerOfFile())
	for _, model := range slices.Sorted(maps.Keys(fields)) {
		entry, _ := fields[model].(map[string]any)
		config, ok := entry["pricing_config"].(map[string]any)
		if !ok || model == "default" {
			in.skip(model, "", "not a model")
			continue
		}
		if currency, _ := config["currency"].(string); currency != "" && currency != "USD" {
			in.skip(model, "currency", "not USD but "+clip(currency))
			continue
		}
		row := price{provider: provider, model: strings.ToLower(model), serviceTier: standardTier,
			from: in.source.AsOf}
		if base, bound, ok := cutPromptSize(row.model); ok && fields[base] != nil {
			in.skip(model, "", "another price for the model of "+base)
			continue
		} else if ok {
			row.model, row.minPrompt = base, bound
		}
		if provider == "bedrock" {
			r := resolved{provider: provider, model: row.model}
			cutGeography(in.book, &r)
			row.model, row.region = r.model, r.geo
		}
		in.readPortkeyEntry(row, model, entry, config)
	}
}

// cutPromptSize reads a model's name that ends in its prompt sizes, as Portkey names Gemini's:
// gemini-1.5-pro-lte-128k, gemini-1.5-pro-gt-128k.
func cutPromptSize(name string) (base string, minPrompt int64, ok bool) {
	parts := regexp.MustCompile(`^(.+)-(lte|gt)-(\d{1,4})k$`).FindStringSubmatch(name)
	if parts == nil {
		return name, 0, false
	}
	if n, err := strconv.ParseInt(parts[3], 10, 32); err == nil && parts[2] == "gt" {
		minPrompt = n*1000 + 1
	}
	return parts[1], minPrompt, true
}

// readPortkeyEntry reads one model: its custom prices by region, mode and prompt size where it
// has them, else its plain prices; batch prices stand apart.
func (in *importer) readPortkeyEntry(row price, model string, entry, config map[string]any) {
	custom, isCustom := entry["custom_pricing"].(map[string]any)
	modes := make(map[string]bool)
	if isCustom {
		in.readPortkeyCustom(row, model, custom, modes)
	}
	if !modes[standardTier] {
		in.addPortkey(row, model, "pay_as_you_go", config["pay_as_you_go"])
	}
	if config["batch_config"] != nil && !modes["batch"] {
		row.serviceTier = "batch"
		in.addPortkey(row, model, "batch_config", config["batch_config"])
	}
	for _, key := range slices.Sorted(maps.Keys(config)) {
		switch key {
		case "pay_as_you_go", "batch_config", "currency", "calculate":
		default:
			in.skip(model, key, "not supported")
		}
	}
}

// readPortkeyCustom reads custom_pricing: regions by name, then execution modes, then context
// tiers, which context_tier_map bounds ("272000": a prompt of more than 272,000 tokens).
func (in *importer) readPortkeyCustom(
	row price, model string, custom map[string]any, modes map[string]bool,
) {
	bounds := make(map[string]int64)
	tierMap, _ := custom["context_tier_map"].(map[string]any)
	for text, name := range tierMap {
		n, err := strconv.ParseInt(text, 10, 64)
		if tier, ok := name.(string); ok && err == nil && n > 0 {
			bounds[tier] = n + 1
		}
	}
	regions, _ := custom["regions"].(map[string]any)
	for _, names := range slices.Sorted(maps.Keys(regions)) {
		region, _ := regions[names].(map[string]any)
		byMode, _ := region["execution_modes"].(map[string]any)
		for _, mode := range slices.Sorted(maps.Keys(byMode)) {
			tier := plainTier(row.provider, mode)
			if mode == "fast" && tier != mode && byMode[tier] != nil {
				continue // the same under its newer name
			}
			modes[tier] = true
			settings, _ := byMode[mode].(map[string]any)
			for name := range strings.SplitSeq(names, ",") {
				row.serviceTier, row.region = tier, plainRegion(name)
				in.addPortkeyMode(row, model, names+"."+mode, settings, bounds)
			}
		}
	}
}

// addPortkeyMode adds one mode's prices, by context tier or not.
func (in *importer) addPortkeyMode(
	row price, model, at string, mode map[string]any, bounds map[string]int64,
) {
	tiers, ok := mode["context_tiers"].(map[string]any)
	if !ok {
		config, _ := mode["pricing_config"].(map[string]any)
		in.addPortkey(row, model, at, config["pay_as_you_go"])
		return
	}
	for _, name := range slices.Sorted(maps.Keys(tiers)) {
		tier, _ := tiers[name].(map[string]any)
		config, _ := tier["pricing_config"].(map[string]any)
		row.minPrompt = bounds[name]
		in.addPortkey(row, model, at+"."+name, config["pay_as_you_go"])
	}
}

// addPortkey adds a set of {unit: {price}}.
func (in *importer) addPortkey(row price, model, at string, value any) {
	units, ok := value.(map[string]any)
	if !ok {
		in.skip(model, at, "no prices")
		return
	}
	seen := make(map[string]bool)
	for _, unit := range slices.Sorted(maps.Keys(units)) {
		if unit == "additional_units" {
			in.addPortkey(row, model, at+"."+unit, units[unit])
			continue
		}
		fields, _ := units[unit].(map[string]any)
		row.tokenType = portkeyUnit(unit, row)
		cents, err := amountOf(fields["price"])
		switch {
		case row.tokenType == "":
			in.skip(model, at+"."+unit, "not supported")
		case err != nil:
			in.skip(model, at+"."+unit, "not a decimal")
		case cents.IsZero() && unit != "request_token" && unit != "response_token":
			// Portkey writes 0 where a model has no such unit
		case seen[row.tokenType]:
			in.skip(model, at+"."+unit, "another name of "+row.tokenType+", which is there")
		default:
			seen[row.tokenType] = true
			in.add(row, cents.Shift(-2), model, at+"."+unit)
		}
	}
}

// portkeyUnit maps Portkey's units.
func portkeyUnit(unit string, row price) string {
	switch unit {
	case "request_token", "request_text_token":
		return string(Input)
	case "response_token", "response_text_token":
		return string(Output)
	case "cache_read_input_token", "cache_read_text_input_token", "cached_text_input_token":
		return string(CacheRead)
	case "cache_write_input_token":
		return string(row.writeType())
	case "cache_write_1h":
		return string(CacheWrite1h)
	case "request_audio_token":
		return string(AudioIn)
	case "response_audio_token":
		return string(AudioOut)
	case "cache_read_audio_input_token", "cached_audio_input_token":
		return string(AudioCachedIn)
	case "cache_read_image_input_token", "cached_image_input_token":
		return string(ImageCachedIn)
	case "request_image_token":
		return string(ImageIn)
	case "response_image_token":
		return string(ImageOut)
	case "reasoning_token":
		return string(Reasoning)
	case "web_search":
		return string(WebSearch)
	case "file_search":
		return "file_search_call"
	}
	return ""
}
