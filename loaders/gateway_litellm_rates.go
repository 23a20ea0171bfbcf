package loaders

import "tieout/pricing"

// isByStatedRates reports a figure that is the row's own tokens at the rates of
// model_map_information, which LiteLLM applied at that moment: whatever the list says, these are
// the prices that were used. Only text is tried, each kind of it at a rate that the row states.
func (f *litellmFields) isByStatedRates(row *Request) bool {
	rates := f.mapInformation().member("model_map_value")
	others := row.AudioIn.N + row.AudioCachedIn.N + row.AudioOut.N + row.ImageIn.N +
		row.ImageCachedIn.N + row.ImageOut.N + row.WebSearch.N
	if rates.kind() != jsonObject || others > 0 || row.Other != "" || row.Problem != "" {
		return false
	}
	reasoning := "output_cost_per_reasoning_token"
	if rates.member(reasoning).text() == "" { // LiteLLM writes null for what it lacks
		reasoning = "output_cost_per_token"
	}
	cost, isKnown := pricing.USD{}, true
	for _, of := range [...]struct {
		count Count
		rate  string
	}{
		{row.Input, "input_cost_per_token"},
		{row.CacheRead, "cache_read_input_token_cost"},
		{row.CacheWrite, "cache_creation_input_token_cost"},
		{row.CacheWrite5m, "cache_creation_input_token_cost"},
		{row.CacheWrite1h, "cache_creation_input_token_cost_above_1hr"},
		{row.Output, "output_cost_per_token"},
		{row.Reasoning, reasoning},
	} {
		if of.count.N > 0 {
			rate, err := pricing.ParseUSD(rates.member(of.rate).text())
			isKnown = isKnown && err == nil
			cost = cost.Add(rate.Times(of.count.N))
		}
	}
	return isKnown && cost.Sign() > 0 && isSame(cost, row.figure())
}

// figure is what the gateway computed, before margin and discount where the row says so.
func (r *Request) figure() pricing.USD {
	if r.SpendOrig.USD.Sign() > 0 {
		return r.SpendOrig.USD
	}
	return r.Spend.USD
}

// isSame leaves out what the noise of a float can be, a picodollar.
func isSame(one, other pricing.USD) bool {
	noise := pricing.FromInt128(0, 1000)
	apart := one.Sub(other)
	return apart.Cmp(noise) <= 0 && apart.Neg().Cmp(noise) <= 0
}
