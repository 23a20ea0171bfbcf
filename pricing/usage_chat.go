package pricing

import "strings"

// prompt is the prompt side of a chat or responses object.
type prompt struct {
	whole, cached, writes, write5m, write1h int64
	text, audio, image                      int64
	cachedAudio, cachedImage                int64
	hasCachedParts                          bool
}

// readChat reads the chat completions shape of OpenAI, Azure, DeepSeek, xAI, Mistral, Groq,
// OpenRouter and LiteLLM: prompt_tokens hold the cache, completion_tokens hold reasoning, but
// for xAI, whose total shows that they do not.
func (r *usageReader) readChat() {
	r.usage.Shape, r.usage.Convention = "openai_chat", "includes_cache"
	p := r.readPrompt("prompt_tokens", "prompt_tokens_details")
	r.addLiteLLM(&p)
	r.addDeepSeek(&p)
	if r.isCacheOutside(p) {
		r.usage.Convention = "excludes_cache"
		r.note("prompt_tokens %d exclude %d cached and written tokens", p.whole, p.cached+p.writes)
		p.whole += p.cached + p.writes
	}
	if !r.has("prompt_tokens") {
		p.whole = p.cached + p.writes + p.text
	}
	if !r.isOfPieces(p) {
		r.setPrompt(p)
	}
	r.setCompletion("completion_tokens", "completion_tokens_details", p.whole)
	r.set(WebSearch, r.count("prompt_tokens_details.web_search_requests",
		"server_tool_use.web_search_requests", "web_search_requests", "num_search_queries"))
	r.checkTotal("total_tokens")
	r.noteServerTools()
	r.addOther()
	r.addXAITools()
	r.addConditions()
}

// isOfPieces reports an embedding of images that are charged by the piece: of its tokens only
// those that LiteLLM names as text are charged beside them.
func (r *usageReader) isOfPieces(p prompt) bool {
	if r.count("prompt_tokens_details.image_count") == 0 || r.count("completion_tokens") > 0 ||
		p.audio+p.image+p.cached+p.writes > 0 || p.text > p.whole {
		return false
	}
	r.usage.PromptTokens = p.whole
	r.set(Input, p.text)
	r.note("%d tokens are of images that are counted by the piece", p.whole-p.text)
	return true
}

// isCacheOutside reports whether prompt_tokens leave out the cached and written tokens: there are
// more of those, in the names of Anthropic's counts, or the total has them on top. An API that is
// known to count them within its prompt does not.
func (r *usageReader) isCacheOutside(p prompt) bool {
	cached := p.cached + p.writes
	if p.whole > 0 && cached > p.whole {
		return r.has("cache_read_input_tokens", "cache_creation_input_tokens")
	}
	total, ok := r.lookup("total_tokens")
	return ok && cached > 0 && !countsInclusively(r.provider) && r.has("prompt_tokens") &&
		total == p.whole+r.count("completion_tokens")+cached
}

// countsInclusively names the providers whose own API counts cached tokens within the prompt.
func countsInclusively(provider string) bool {
	switch squeeze(provider) {
	case "openai", "azure", "azureopenai", "azureaiopenai", "deepseek", "groq", "mistral",
		"mistralai":
		return true
	}
	return isXAI(provider)
}

// readResponses reads OpenAI's responses and realtime shapes: input_tokens hold the cache,
// output_tokens hold reasoning.
func (r *usageReader) readResponses() {
	r.usage.Shape, r.usage.Convention = "openai_responses", "includes_cache"
	details := "input_tokens_details"
	if r.has("input_token_details") {
		details = "input_token_details"
	}
	r.setPrompt(r.readPrompt("input_tokens", details))
	details = "output_tokens_details"
	if r.has("output_token_details") {
		details = "output_token_details"
	}
	r.setCompletion("output_tokens", details, r.usage.PromptTokens)
	r.checkTotal("total_tokens")
	r.addXAITools()
	r.addConditions()
}

// readPrompt reads the counts of a prompt and its details.
func (r *usageReader) readPrompt(whole, details string) prompt {
	text, _ := r.lookup(details + ".text_tokens")
	ttl := details + ".cache_creation_token_details."
	p := prompt{
		whole:       r.count(whole),
		cached:      r.count(details + ".cached_tokens"),
		writes:      r.count(details+".cache_write_tokens", details+".cache_creation_tokens"),
		write5m:     r.count(ttl + "ephemeral_5m_input_tokens"),
		write1h:     r.count(ttl + "ephemeral_1h_input_tokens"),
		text:        text,
		audio:       r.count(details + ".audio_tokens"),
		image:       r.count(details+".image_tokens") + r.count(details+".video_tokens"),
		cachedAudio: r.count(details + ".cached_tokens_details.audio_tokens"),
		cachedImage: r.count(details + ".cached_tokens_details.image_tokens"),
	}
	_, p.hasCachedParts = r.lookup(details + ".cached_tokens_details.text_tokens")
	p.hasCachedParts = p.hasCachedParts || p.cachedAudio > 0 || p.cachedImage > 0
	return p
}

// addLiteLLM takes in the counts that LiteLLM, and Moonshot, keep at the top of the object.
func (r *usageReader) addLiteLLM(p *prompt) {
	if p.cached == 0 {
		p.cached = r.count("cache_read_input_tokens", "cached_tokens") // the latter is Moonshot's
	}
	if p.writes == 0 {
		p.writes = r.count("cache_creation_input_tokens", "cache_creation_tokens")
	}
	for _, ttl := range []string{"cache_creation_token_details.", "cache_creation."} {
		if p.write5m+p.write1h == 0 {
			p.write5m = r.count(ttl + "ephemeral_5m_input_tokens")
			p.write1h = r.count(ttl + "ephemeral_1h_input_tokens")
		}
	}
	if p.writes == 0 {
		p.writes = p.write5m + p.write1h
	}
}

// addDeepSeek takes in DeepSeek's hits and misses, which add up to the prompt.
func (r *usageReader) addDeepSeek(p *prompt) {
	hit, isHit := r.lookup("prompt_cache_hit_tokens")
	miss, isMiss := r.lookup("prompt_cache_miss_tokens")
	if isHit && isMiss && hit+miss != p.whole {
		r.impossible("cache hits %d and misses %d are not the prompt %d", hit, miss, p.whole)
	}
	if isHit && p.cached == 0 {
		p.cached = hit
	}
}

// setPrompt makes a prompt disjoint.
func (r *usageReader) setPrompt(p prompt) {
	r.usage.PromptTokens = p.whole
	p.writes = r.setWrites(p.writes, p.write5m, p.write1h)
	if isXAI(r.provider) {
		// xAI bills image tokens as prompt tokens, which its text_tokens do not hold.
		p.image = 0
	}
	if p.cached > p.whole {
		r.impossible("%d cached tokens of %d prompt tokens", p.cached, p.whole)
		return
	}
	if p.cached+p.writes > 0 && p.audio+p.image > 0 && !p.hasCachedParts &&
		p.cached+p.writes+p.audio+p.image+p.text > p.whole && p.audio+p.image <= p.whole {
		r.setOverlapping(p)
		return
	}
	r.rest(CacheRead, p.cached, "cached tokens", p.cachedAudio, p.cachedImage)
	r.rest(AudioIn, p.audio, "audio tokens", p.cachedAudio)
	r.rest(ImageIn, p.image, "image tokens", p.cachedImage)
	r.set(AudioCachedIn, p.cachedAudio)
	r.set(ImageCachedIn, p.cachedImage)
	r.rest(Input, p.whole, "the prompt", p.cached, p.writes,
		p.audio-p.cachedAudio, p.image-p.cachedImage)
}

// setOverlapping reads a prompt whose modalities add up to all of it, cached tokens included,
// and which does not say how much of each is cached. The uncached rest is read as audio, then
// image, then text, as LiteLLM's calculator does.
func (r *usageReader) setOverlapping(p prompt) {
	left := p.whole - p.cached - p.writes
	if left < 0 {
		r.impossible("%d cached and written tokens of %d prompt tokens", p.cached+p.writes, p.whole)
		return
	}
	audio := min(p.audio, left)
	image := min(p.image, left-audio)
	r.set(CacheRead, p.cached)
	r.set(AudioIn, audio)
	r.set(ImageIn, image)
	r.set(Input, left-audio-image)
	r.note("cached tokens are not itemised by modality: the uncached %d are read as %d audio, "+
		"%d image, %d text", left, audio, image, left-audio-image)
}

// setCompletion makes the completion side disjoint.
func (r *usageReader) setCompletion(whole, details string, promptTokens int64) {
	completion := r.count(whole)
	reasoning := r.count(details+".reasoning_tokens", "reasoning_tokens",
		details+".thinking_tokens")
	if r.isReasoningOutside(completion, reasoning, promptTokens) {
		r.note("reasoning is not part of %s", whole)
		completion += reasoning
	}
	audio := r.count(details + ".audio_tokens")
	image := r.count(details+".image_tokens") + r.count(details+".video_tokens")
	for _, modality := range []string{".text_tokens", ".audio_tokens", ".image_tokens"} {
		_, isTold := r.lookup(details + modality)
		r.usage.IsAnswerSplit = r.usage.IsAnswerSplit || isTold
	}
	r.set(Reasoning, reasoning)
	r.set(AudioOut, audio)
	r.set(ImageOut, image)
	r.rest(Output, completion, whole, reasoning, audio, image)
}

// isReasoningOutside tells from the total, or else from the provider, whether reasoning comes
// on top of the completion.
func (r *usageReader) isReasoningOutside(completion, reasoning, promptTokens int64) bool {
	if reasoning == 0 {
		return false
	}
	total, hasTotal := r.lookup("total_tokens")
	switch {
	case AddsReasoning(r.provider):
		return true
	case hasTotal && total == promptTokens+completion:
		return false
	case hasTotal && total == promptTokens+completion+reasoning:
		return true
	case r.usage.Shape == "openai_chat" && isXAI(r.provider):
		return true
	}
	return false
}

// AddsReasoning reports a provider whose reasoning comes on top of the completion, and whose total
// holds neither it nor what it read: Perplexity, whose searches reason far more than they answer.
func AddsReasoning(provider string) bool {
	return strings.HasPrefix(squeeze(provider), "perplexity")
}

// isXAI reports whether a provider's name is xAI's.
func isXAI(provider string) bool {
	switch squeeze(provider) {
	case "xai", "grok":
		return true
	}
	return false
}

// addConditions takes in the conditions that a usage object states itself.
func (r *usageReader) addConditions() {
	r.usage.ServiceTier = r.text("service_tier")
	if r.text("speed") == "fast" {
		r.usage.ServiceTier = "fast"
	}
	r.usage.Region = r.text("inference_geo")
}
