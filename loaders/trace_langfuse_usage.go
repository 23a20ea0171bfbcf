package loaders

import (
	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// langfuseCounts are Langfuse's buckets of one observation. Any name may stand there; those that
// are not known here are not counted, since they often repeat others.
type langfuseCounts struct {
	parts     inclusive // prompt and completion are the buckets input and output
	isForeign bool      // some names are not Langfuse's own
	isGemini  bool      // some are Gemini's own
	isClaude  bool      // they are those of Anthropic's usage object, which counts apart
	beside    answered  // what is not tokens
}

// bucket finds where a name counts. Langfuse's own names are disjoint from input and output;
// SDKs pass on others, with the meaning of whoever counted.
func (c *langfuseCounts) bucket(name string) *Count {
	p := &c.parts
	switch name {
	case "input":
		return &p.prompt
	case "output":
		return &p.completion
	case "total":
		return &p.total
	case "input_cached_tokens", "input_cache_read", "input_cached":
		return &p.cacheRead
	case "input_cache_creation", "input_cache_write":
		return &p.cacheWrite
	case "input_cache_creation_5m":
		return &p.cacheWrite5m
	case "input_cache_creation_1h":
		return &p.cacheWrite1h
	case "output_reasoning_tokens", "output_reasoning":
		return &p.reasoning
	case "input_audio_tokens", "input_audio":
		return &p.audioIn
	case "output_audio_tokens", "output_audio":
		return &p.audioOut
	case "input_image_tokens", "input_image":
		return &p.imageIn
	case "output_image_tokens", "output_image":
		return &p.imageOut
	case "web_search", "web_searches", "web_search_requests", "num_search_queries",
		"server_tool_use_web_search_requests", "server_tool_use.web_search_requests":
		return &p.webSearch
	case "file_search_calls":
		return &c.beside.fileSearches
	case "seconds", "audio_seconds", "input_audio_seconds":
		return &c.beside.audioSeconds
	case "images", "output_images":
		return &c.beside.images
	case "characters", "input_characters":
		return &c.beside.characters
	}
	c.isForeign = true
	switch name {
	case "input_tokens", "prompt_tokens", "promptTokens":
		return &p.prompt
	case "output_tokens", "completion_tokens", "completionTokens":
		return &p.completion
	case "total_tokens", "totalTokens":
		return &p.total
	case "cache_read_input_tokens", "cached_tokens", "cache_read":
		return &p.cacheRead
	case "cache_creation_input_tokens", "cache_write_input_tokens", "cache_creation":
		return &p.cacheWrite
	case "reasoning_tokens", "reasoning":
		return &p.reasoning
	}
	return c.geminiBucket(name)
}

// geminiBucket finds where one of Gemini's names counts.
func (c *langfuseCounts) geminiBucket(name string) *Count {
	p := &c.parts
	for _, of := range []struct {
		name string
		to   *Count
	}{
		{"prompt_token_count", &p.prompt}, {"candidates_token_count", &p.completion},
		{"cached_content_token_count", &p.cacheRead}, {"thoughts_token_count", &p.reasoning},
		{"total_token_count", &p.total},
	} {
		if name == of.name {
			c.isGemini = true
			return of.to
		}
	}
	return nil
}

// readLangfuse takes the counts of usage details.
func (f *facts) readLangfuse(details *fastjson.Value) {
	if details == nil || details.Type() != fastjson.TypeObject || f.readPassedOn(details) {
		return
	}
	var c langfuseCounts
	details.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		to := c.bucket(view(key))
		if to == nil {
			return
		}
		isSound := to == &c.beside.audioSeconds
		count, err := parseUnits(isSound, "usage_details."+view(key), textOf(v))
		if err != nil && f.problem == nil {
			f.problem = err
		}
		if count.Known {
			*to = count
		}
	})
	c.isClaude = details.Exists("input_tokens") && details.Exists("output_tokens") &&
		details.Exists("cache_read_input_tokens") && details.Exists("cache_creation_input_tokens")
	if c.isClaude { // unless a gateway translated another's answer, whose input may hold them
		convention, _ := nativeConvention(f.counter())
		c.isClaude = convention != IncludesCache
	}
	f.beside.webSearch = c.parts.webSearch
	f.beside.fillFrom(&c.beside)
	if c.parts.prompt.Known || c.parts.completion.Known {
		payee, _ := f.counter()
		c.parts.addsReasoning = pricing.AddsReasoning(payee)
		f.own = c.own()
	}
}

// readPassedOn takes the counts of a provider's usage object that an SDK passed on as it came:
// buckets are numbers, so that an object among them shows whose it is.
func (f *facts) readPassedOn(details *fastjson.Value) (isRead bool) {
	provider := ""
	for _, of := range [...][2]string{
		{"prompt_tokens_details", "openai"}, {"completion_tokens_details", "openai"},
		{"input_tokens_details", "openai"}, {"output_tokens_details", "openai"},
		{"cache_creation", "anthropic"},
	} {
		if within := details.Get(of[0]); within != nil && within.Type() == fastjson.TypeObject {
			provider = of[1]
		}
	}
	if provider == "" {
		return false
	}
	if payee, _ := f.counter(); pricing.AddsReasoning(payee) {
		provider = payee
	}
	text := details.MarshalTo(nil)
	read, err := pricing.ReadUsage(provider, text)
	if err != nil {
		return false
	}
	f.beside.takeUsage(details)
	f.own = ownOf(read, view(text))
	f.own.where = "the provider's usage in usage_details"
	return true
}

// own makes the buckets disjoint and says how they were read. Langfuse works out a missing total
// as the sum of all buckets, so that such a total proves nothing; another one does.
func (c *langfuseCounts) own() ownUsage {
	p := c.parts
	rest := p.cacheWrite // Langfuse's bucket is what has no TTL of its own
	if p.cacheWrite5m.Known || p.cacheWrite1h.Known {
		p.cacheWrite = Counted(rest.N + p.cacheWrite5m.N + p.cacheWrite1h.N)
	}
	base := p.prompt.N + p.completion.N
	beside := p.cacheRead.N + p.cacheWrite.N + p.reasoning.N + p.audioIn.N + p.audioOut.N +
		p.imageIn.N + p.imageOut.N
	where := "the names of the buckets are the provider's"
	p.convention = ConventionUnknown
	switch {
	case c.isGemini:
		p.convention, where = IncludesCache, "Gemini's prompt holds the cached tokens"
		p.completion.N += p.reasoning.N // its thoughts stand beside the candidates
	case c.isClaude: // it has no total: one that is there is the client's sum
		p.convention, where = ExcludesCache, "Anthropic's input leaves the cached tokens out"
	case p.total.Known && beside > 0 && p.total.N == base:
		p.convention, where = IncludesCache, "the total is input and output alone"
	case !c.isForeign:
		p.convention, where = ExcludesCache, "Langfuse's buckets are disjoint"
		if p.total.Known && p.total.N == base+beside {
			where += ", and the total is their sum"
		}
		p.prompt.N += p.audioIn.N + p.imageIn.N
		p.completion.N += p.reasoning.N + p.audioOut.N + p.imageOut.N
		p.addsReasoning = false
	}
	p.total, p.how = Count{}, where
	own := ownUsage{Counting: p.disjoint(), completion: p.completion, where: where}
	if own.How != where { // arithmetic decided
		own.where = own.How
	}
	return own
}
