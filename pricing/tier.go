package pricing

import "strings"

// standardTier is the tier of a call that names none.
const standardTier = "standard"

// IsSameTier reports two names of one service tier of a provider.
func IsSameTier(provider, a, b string) bool {
	provider = strings.ToLower(provider)
	return plainTier(provider, a) == plainTier(provider, b)
}

// plainTier normalises a service tier's name. OpenAI calls its priority tier "fast" since
// 2026-07-30, and LiteLLM has the same name for Google's; Anthropic's fast mode is a price of its
// own, and its "priority" tier is committed capacity. Vertex says traffic types: ON_DEMAND,
// ON_DEMAND_PRIORITY, ON_DEMAND_FLEX.
func plainTier(provider, raw string) string {
	tier, conditions, _ := strings.Cut(strings.ToLower(strings.TrimSpace(raw)), ";")
	for condition := range strings.SplitSeq(conditions, ";") { // "standard;sku=...;region=eu"
		if sku, ok := strings.CutPrefix(condition, "sku="); ok {
			tier = sku
		}
	}
	tier = strings.ReplaceAll(strings.ReplaceAll(tier, "-", "_"), " ", "_")
	switch tier {
	case "", "default", standardTier, "auto", "on_demand", "ondemand", "not_available",
		"none", "null", "standard_only", "traffic_type_unspecified", "paygo":
		return standardTier
	case "on_demand_priority":
		return "priority"
	case "on_demand_flex", "flexible":
		return "flex"
	case "batches", "batch_api":
		return "batch"
	case "public_extended_access":
		return "extended_access"
	case "fast":
		switch provider {
		case "openai", "azure", "google":
			return "priority"
		}
	}
	return tier
}
