package loaders

import "tieout/pricing"

// The provider's answer, where a gateway stores it, tells what the gateway's own fields leave out:
// the ids, the model and the tier that served, and in its usage object, under the names of the
// provider's own API, how long cache writes live, what was reasoning, and whether the prompt holds
// the cached tokens.

// takeBody completes the row from the answer; fields that the gateway states itself stay.
func (d *requestDraft) takeBody() {
	if d.body == nil {
		return
	}
	row := &d.row
	row.ResponseID = firstText(row.ResponseID, textAt(d.body, "id"),
		textAt(d.body, "responseId"))
	row.ResponseModel = firstText(row.ResponseModel, textAt(d.body, "model"),
		textAt(d.body, "modelVersion"))
	row.ServiceTier = firstTier(row.ServiceTier, textAt(d.body, "usage", "service_tier"),
		textAt(d.body, "service_tier"), textAt(d.body, "usageMetadata", "trafficType"),
		textAt(d.body, "serviceTier", "type"))
	if textAt(d.body, "performanceConfig", "latency") == "optimized" { // of Bedrock's Converse
		row.ServiceTier = "latency_optimized"
	}
	if own := d.ownUsage(); own != nil {
		d.adopt(own)
	}
}

// addToolPrompt adds what Gemini's tools put before the model, which is input beside the prompt and
// in the total: else the total's remainder would pass for thoughts.
func (d *requestDraft) addToolPrompt() {
	usage := d.body.Get("usageMetadata")
	if usage == nil || !d.counts.prompt.Known {
		return
	}
	prompt, err := countAt(usage, "promptTokenCount")
	tool, toolErr := countAt(usage, "toolUsePromptTokenCount")
	if err == nil && toolErr == nil && prompt == d.counts.prompt {
		d.counts.prompt.N += tool.N
	}
}

// ownUsage reads the answer's usage object; nil when there is none, or when it may be the
// gateway's: in the form of chat completions Anthropic's counts are somebody's translation.
func (d *requestDraft) ownUsage() *ownUsage {
	usage := d.body.Get("usage")
	if usage == nil {
		usage = d.body.Get("usageMetadata")
	}
	if usage == nil {
		return nil
	}
	text := usage.MarshalTo(nil)
	read, err := pricing.ReadUsage(d.row.Provider, text)
	if err != nil {
		return nil
	}
	convention, _ := nativeConvention(d.row.Provider,
		firstText(d.row.ResponseModel, d.sentModel, d.row.RequestedModel))
	if read.Shape == "openai_chat" && convention != IncludesCache {
		return nil
	}
	own := ownOf(read, view(text))
	own.where = "the provider's usage in its answer"
	return &own
}

// adopt takes the counts of the answer where they are the gateway's, split further, or where the
// gateway has none.
func (d *requestDraft) adopt(own *ownUsage) {
	has, better := d.row.Counting, d.row.Counting
	isWorse := has.CacheRead.N > own.CacheRead.N || has.Reasoning.N > own.Reasoning.N ||
		has.AudioIn.N > own.AudioIn.N || has.ImageIn.N > own.ImageIn.N
	if isWorse || own.PromptTokens.N+own.completion.N == 0 ||
		!better.adopt(own, d.counts.prompt, d.counts.completion) {
		return
	}
	stateFirst(&better.WebSearch, has.WebSearch)
	stateFirst(&better.CacheRead, has.CacheRead)
	stateFirst(&better.Reasoning, has.Reasoning)
	if better.Tokens != has.Tokens || better.Convention != has.Convention {
		d.row.Counting = better
	}
	d.counts.prompt, d.counts.completion = own.PromptTokens, own.completion
}
