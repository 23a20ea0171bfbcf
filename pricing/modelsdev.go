package pricing

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// isModelsDev reports models.dev's api.json: providers, each with its models by their ids.
func isModelsDev(fields map[string]any) bool {
	for _, value := range fields {
		provider, _ := value.(map[string]any)
		if _, ok := provider["models"].(map[string]any); ok {
			return true
		}
	}
	return false
}

// readModelsDev reads models.dev's api.json: USD per million tokens, today's alone.
func (in *importer) readModelsDev(providers map[string]any) {
	named := make(map[string]string)
	for _, id := range slices.Sorted(maps.Keys(providers)) {
		provider, _ := providers[id].(map[string]any)
		models, _ := provider["models"].(map[string]any)
		// Vertex's Claude stands under a provider of its own.
		ours := in.book.names.provider(strings.TrimSuffix(id, "-anthropic"))
		for _, name := range slices.Sorted(maps.Keys(models)) {
			row := price{provider: ours, model: strings.ToLower(name), serviceTier: standardTier,
				from: in.source.AsOf}
			if ours == "bedrock" {
				r := resolved{provider: ours, model: row.model}
				cutGeography(in.book, &r)
				row.model, row.region = r.model, r.geo
			}
			entry := id + "/" + name
			if other := named[row.group()]; other != "" {
				in.skip(entry, "", "another price for the model of "+other)
				continue
			}
			named[row.group()] = entry
			model, _ := models[name].(map[string]any)
			in.readModelsDevModel(row, entry, model)
		}
	}
}

// readModelsDevModel reads the prices of one model, and those of its faster modes.
func (in *importer) readModelsDevModel(row price, entry string, model map[string]any) {
	cost, _ := model["cost"].(map[string]any)
	if len(cost) == 0 {
		in.skip(entry, "", "no cost")
	}
	in.readModelsDevCost(row, entry, cost)
	experimental, _ := model["experimental"].(map[string]any)
	modes, _ := experimental["modes"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(modes)) {
		mode, _ := modes[name].(map[string]any)
		cost, _ := mode["cost"].(map[string]any)
		if row.serviceTier = plainTier(row.provider, name); row.serviceTier == standardTier {
			in.skip(entry, name, "a mode that is the standard tier")
			continue
		}
		in.readModelsDevCost(row, entry+" "+name, cost)
	}
}

// readModelsDevCost reads a table of prices and those of longer prompts, which stand in a list by
// their bounds, or in older files under context_over_200k.
func (in *importer) readModelsDevCost(row price, entry string, cost map[string]any) {
	in.addModelsDev(row, entry, cost)
	tiers, _ := cost["tiers"].([]any)
	if older, ok := cost["context_over_200k"].(map[string]any); ok && len(tiers) == 0 {
		older = maps.Clone(older)
		older["tier"] = map[string]any{"type": "context", "size": "200000"}
		tiers = []any{older}
	}
	for i, value := range tiers {
		tier, _ := value.(map[string]any)
		about, _ := tier["tier"].(map[string]any)
		size, err := amountOf(about["size"])
		if about["type"] != "context" || err != nil || !size.fits(0) || size.Sign() <= 0 {
			in.skip(entry, "tiers."+strconv.Itoa(i), "a tier without a prompt size")
			continue
		}
		long := row
		long.minPrompt = size.decimal().IntPart() + 1
		if row.provider == "xai" {
			long.minPrompt-- // a prompt of just that many tokens is long for xAI
		}
		in.addModelsDev(long, entry, tier)
	}
}

// addModelsDev adds the prices of one table. Cached tokens at 0 beside a prompt that costs are what
// nobody entered.
func (in *importer) addModelsDev(row price, entry string, cost map[string]any) {
	input, _ := amountOf(cost["input"])
	for _, key := range slices.Sorted(maps.Keys(cost)) {
		unit := modelsDevUnit(key, row)
		amount, err := amountOf(cost[key])
		switch {
		case key == "tiers", key == "tier", key == "context_over_200k":
		case unit == "":
			in.skip(entry, key, "not supported")
		case err != nil:
			in.skip(entry, key, "not a decimal")
		case amount.IsZero() && !input.IsZero() && key != "output":
			in.skip(entry, key, "0 beside an input that costs")
		default:
			row.tokenType = unit
			in.add(row, amount.Shift(-6), entry, key)
		}
	}
}

// modelsDevUnit maps a key of models.dev's cost to a token type.
func modelsDevUnit(key string, row price) string {
	switch key {
	case "input":
		return string(Input)
	case "output":
		return string(Output)
	case "reasoning":
		return string(Reasoning)
	case "cache_read":
		return string(CacheRead)
	case "cache_write":
		return string(row.writeType())
	case "input_audio":
		return string(AudioIn)
	case "output_audio":
		return string(AudioOut)
	}
	return ""
}
