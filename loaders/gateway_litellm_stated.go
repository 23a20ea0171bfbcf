package loaders

import "tieout/pricing"

// statedCost is what the provider's own answer states that the call cost, as OpenRouter's, xAI's
// and Perplexity's do. xAI counts in ten-billionths of a USD.
func statedCost(usage value) Money {
	for _, from := range []struct {
		cost   value
		places int32
	}{{usage.member("cost").member("total_cost"), 0}, {usage.member("cost"), 0},
		{usage.member("cost_in_usd_ticks"), -10}} {
		text := from.cost.text()
		if text == "" {
			continue
		}
		if stated, err := pricing.ParseUSD(text); err == nil {
			narrow, _ := stated.Shift(from.places).Narrow()
			return Money{USD: narrow, Known: !isBeyond(narrow)}
		}
	}
	return Money{}
}

// toolCost says in a word whether a row states that it charged for tools.
func toolCost(text string) string {
	stated, err := pricing.ParseUSD(text)
	switch {
	case text == "" || err != nil:
		return ""
	case stated.IsZero():
		return "none"
	}
	return stated.String()
}

// keepStated compares what the answer states with the spend. Of OpenRouter and xAI LiteLLM takes
// it before its list, where it does not miss it; with a key of the caller's own OpenRouter states
// its fee, and not what the call cost.
func (r *Request) keepStated(usage value) {
	stated := statedCost(usage)
	isFee := isTrueText(usage.member("is_byok").word())
	switch {
	case !stated.Known:
	case stated.USD.Cmp(r.Spend.USD) == 0,
		r.SpendOrig.Known && stated.USD.Cmp(r.SpendOrig.USD) == 0:
		r.SpendOrigin = "provider"
	case stated.USD.Sign() > 0 && !isFee && (r.Provider == "openrouter" || r.Provider == "xai"):
		r.Stated = stated
	}
}
