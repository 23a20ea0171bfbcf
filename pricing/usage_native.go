package pricing

import (
	"fmt"
	"strings"
)

// readAnthropic reads the messages shape: input_tokens exclude what was read from and written
// to the cache; output_tokens hold thinking.
func (r *usageReader) readAnthropic() {
	r.usage.Shape, r.usage.Convention = "anthropic", "excludes_cache"
	input, cached := r.count("input_tokens"), r.count("cache_read_input_tokens")
	writes := r.setWrites(r.count("cache_creation_input_tokens"),
		r.count("cache_creation.ephemeral_5m_input_tokens"),
		r.count("cache_creation.ephemeral_1h_input_tokens"))
	r.set(Input, input)
	r.set(CacheRead, cached)
	r.usage.PromptTokens = input + cached + writes
	thinking := r.count("output_tokens_details.thinking_tokens",
		"output_tokens_details.reasoning_tokens")
	r.set(Reasoning, thinking)
	r.rest(Output, r.count("output_tokens"), "output_tokens", thinking)
	r.checkTotal("total_tokens")
	r.set(WebSearch, r.count("server_tool_use.web_search_requests"))
	r.noteServerTools()
	r.addIterations()
	r.addConditions()
}

// addIterations adds what compacting the context cost: the counts at the top leave it out, and
// it is billed (platform.claude.com, compaction). Of messages the top has the sum. Other kinds are
// another model's.
func (r *usageReader) addIterations() {
	iterations, _ := r.object["iterations"].([]any)
	top, messages, longest := r.usage.PromptTokens, int64(0), int64(0)
	for i, iteration := range iterations {
		fields, _ := iteration.(map[string]any)
		part := &usageReader{object: fields, usage: Usage{Counts: map[TokenType]int64{}}}
		switch kind, _ := fields["type"].(string); kind {
		case "message", "":
			part.readIteration()
			messages += part.usage.PromptTokens
		case "compaction":
			part.usage.Counts = r.usage.Counts
			part.readIteration()
			r.fail(part.err)
			r.usage.PromptTokens += part.usage.PromptTokens
			r.note("the compaction of the context is counted too")
		default:
			r.note("iteration %d is %q, of a price of its own: not counted", i, clip(kind))
			continue
		}
		longest = max(longest, part.usage.PromptTokens)
	}
	if messages != top { // the messages are not what the top sums up
		longest = max(longest, top)
	}
	if longest > 0 && longest < r.usage.PromptTokens {
		r.usage.LongestPrompt = longest
		r.note("several calls: the longest of their prompts, %d tokens, chooses the price", longest)
	}
}

// readIteration reads one iteration, which has no iterations of its own.
func (r *usageReader) readIteration() {
	if r.object != nil {
		r.object["iterations"] = nil
	}
	r.readAnthropic()
}

// readBedrock reads the Converse shape and the invocation log's: inputTokens exclude the cache.
func (r *usageReader) readBedrock() {
	r.usage.Shape, r.usage.Convention = "bedrock", "excludes_cache"
	input := r.count("inputTokens", "inputTokenCount")
	output := r.count("outputTokens", "outputTokenCount")
	cached := r.count("cacheReadInputTokens", "cacheReadInputTokenCount")
	fiveMinutes, oneHour := r.readCacheDetails()
	writes := r.setWrites(r.count("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
		fiveMinutes, oneHour)
	r.set(Input, input)
	r.set(CacheRead, cached)
	r.set(Output, output)
	r.usage.PromptTokens = input + cached + writes
	if total, ok := r.lookup("totalTokens"); ok && total != input+output+cached+writes {
		r.note("totalTokens %d is not input + cache + output %d", total, input+output+cached+writes)
	}
}

// readLlama reads what Meta's models answer to Bedrock's InvokeModel: the counts stand beside the
// text.
func (r *usageReader) readLlama() {
	r.usage.Shape, r.usage.Convention = "bedrock", "excludes_cache"
	r.usage.PromptTokens = r.count("prompt_token_count")
	r.set(Input, r.usage.PromptTokens)
	r.set(Output, r.count("generation_token_count"))
}

// readCacheDetails reads Bedrock's cache writes by TTL.
func (r *usageReader) readCacheDetails() (fiveMinutes, oneHour int64) {
	entries, _ := r.object["cacheDetails"].([]any)
	for i, entry := range entries {
		fields, _ := entry.(map[string]any)
		n, _ := r.number(fmt.Sprintf("cacheDetails.%d.inputTokens", i), fields["inputTokens"])
		switch fields["ttl"] {
		case "1h":
			oneHour += n
		case "5m":
			fiveMinutes += n
		default:
			r.note("cache writes with TTL %v: read as without", fields["ttl"])
		}
	}
	return fiveMinutes, oneHour
}

// readGemini reads Gemini's and Vertex's shape: promptTokenCount holds the cached tokens, the
// tool-use prompt comes on top, and thoughts come on top of the candidates unless the total
// says otherwise. Images, video and documents are one price.
func (r *usageReader) readGemini() {
	r.usage.Shape, r.usage.Convention = "gemini", "includes_cache"
	whole := r.count("promptTokenCount", "prompt_token_count")
	tool := r.count("toolUsePromptTokenCount", "tool_use_prompt_token_count")
	cached := r.count("cachedContentTokenCount", "cached_content_token_count")
	if cached > whole {
		r.impossible("%d cached tokens of %d prompt tokens", cached, whole)
		return
	}
	r.usage.PromptTokens = whole + tool
	in := r.modalities("promptTokensDetails", "prompt_tokens_details")
	inCached := r.modalities("cacheTokensDetails", "cache_tokens_details")
	inTool := r.modalities("toolUsePromptTokensDetails", "tool_use_prompt_tokens_details")
	if cached > 0 && inCached.audio+inCached.image+inCached.text == 0 && in.audio+in.image > 0 {
		inCached = r.spreadCached(cached, whole, in)
	}
	r.set(AudioCachedIn, inCached.audio)
	r.set(ImageCachedIn, inCached.image)
	r.rest(CacheRead, cached, "cachedContentTokenCount", inCached.audio, inCached.image)
	r.rest(AudioIn, in.audio+inTool.audio, "audio prompt tokens", inCached.audio)
	r.rest(ImageIn, in.image+inTool.image, "image prompt tokens", inCached.image)
	r.rest(Input, whole+tool, "the prompt", cached, in.audio+inTool.audio-inCached.audio,
		in.image+inTool.image-inCached.image)
	r.setCandidates(whole + tool)
	r.checkTotal("totalTokenCount", "total_token_count")
	r.usage.ServiceTier = r.text("trafficType")
}

// spreadCached splits cached tokens that are not itemised by modality: as much as can be is text,
// then image, then audio.
func (r *usageReader) spreadCached(cached, whole int64, in modalityCounts) modalityCounts {
	text := min(cached, max(whole-in.audio-in.image, 0))
	image := min(cached-text, in.image)
	split := modalityCounts{text: text, image: image, audio: cached - text - image}
	r.note("cached tokens are not itemised by modality: read as %d text, %d image, %d audio",
		split.text, split.image, split.audio)
	return split
}

// setCandidates makes Gemini's output side disjoint.
func (r *usageReader) setCandidates(promptTokens int64) {
	candidates := r.count("candidatesTokenCount", "candidates_token_count",
		"responseTokenCount", "response_token_count")
	thoughts := r.count("thoughtsTokenCount", "thoughts_token_count")
	out := r.modalities("candidatesTokensDetails", "candidates_tokens_details",
		"responseTokensDetails", "response_tokens_details")
	total, ok := r.lookup("totalTokenCount")
	if !ok {
		total, ok = r.lookup("total_token_count")
	}
	if ok && thoughts > 0 && total == promptTokens+candidates {
		r.note("thoughts are part of the candidates: the total says so")
		candidates -= thoughts
	}
	r.set(Reasoning, thoughts)
	r.set(AudioOut, out.audio)
	r.set(ImageOut, out.image)
	r.rest(Output, candidates, "candidatesTokenCount", out.audio, out.image)
}

// modalityCounts are token counts by the modalities that have prices of their own.
type modalityCounts struct{ text, audio, image int64 }

// modalities adds up a list of {modality, tokenCount}.
func (r *usageReader) modalities(names ...string) modalityCounts {
	var sum modalityCounts
	for _, name := range names {
		entries, _ := r.object[name].([]any)
		for _, entry := range entries {
			fields, _ := entry.(map[string]any)
			value, ok := fields["tokenCount"]
			if !ok {
				value = fields["token_count"]
			}
			n, _ := r.number(name, value)
			modality, _ := fields["modality"].(string)
			switch strings.ToUpper(modality) {
			case "AUDIO":
				sum.audio += n
			case "IMAGE", "VIDEO", "DOCUMENT":
				sum.image += n
			default:
				sum.text += n
			}
		}
	}
	return sum
}
