package loaders

import (
	"strings"

	"github.com/valyala/fastjson"

	"tieout/pricing"
)

// Some producers put what matters into JSON within the text of an attribute. Only the members
// named here are read of it: prompts and answers stand beside them.

// innerText is an attribute that holds JSON, and what is read of it. A member counts as an
// attribute named "attribute.$.member", so that the lists of names say what it means.
type innerText struct {
	of      fact
	name    string
	members []string
	usages  []string // members that hold a provider's own usage object
}

func innerTexts() []innerText {
	return []innerText{
		{of: factOutputValue, name: "output.value", members: []string{"id", "model",
			"service_tier", "responseId", "modelVersion", "response_id", "model_version"},
			usages: []string{"usage", "usageMetadata", "usage_metadata"}},
		{of: factProviderMetadata, name: "ai.response.providerMetadata", members: []string{
			"openai.responseId", "openai.serviceTier", "anthropic.usage.service_tier",
			"anthropic.cacheReadInputTokens", "anthropic.cacheCreationInputTokens",
			"openai.cachedPromptTokens", "openai.reasoningTokens",
			"bedrock.usage.cacheReadInputTokens", "bedrock.usage.cacheWriteInputTokens"},
			usages: []string{"anthropic.usage", "bedrock.usage", "google.usageMetadata"}},
		{of: factHiddenParams, name: "hidden_params", members: []string{"litellm_call_id",
			"additional_headers.llm_provider-request-id",
			"additional_headers.llm_provider-x-request-id",
			"additional_headers.llm_provider-apim-request-id",
			"additional_headers.llm_provider-x-amzn-requestid"},
			usages: []string{"usage_object"}},
		{of: factMetadata, name: "metadata", members: append(ownerKeys(), "tenantId", "team_id",
			"project_id", "session_id", "user_id", "workflow_id", "litellm_call_id",
			"ls_provider")},
		{of: factSpendMetadata, name: "metadata.spend_logs_metadata", members: append(
			ownerKeys(), "workflow_id", "session_id")},
		{of: factAgentAnswer, name: "gcp.vertex.agent.llm_response", // Google's ADK
			members: []string{"model_version", "modelVersion"},
			usages:  []string{"usage_metadata", "usageMetadata"}},
		{of: factRawUsage, name: "raw_gen_ai_request", usages: []string{""}},
		{of: factLangfuseCost, name: "langfuse.observation.cost_details",
			members: []string{"total"}},
		{of: factInputDetails, name: "gen_ai.usage.input_token_details", // LangSmith
			members: []string{"cache_read", "cache_creation", "audio"}},
		{of: factOutputDetails, name: "gen_ai.usage.output_token_details",
			members: []string{"reasoning", "audio"}},
	}
}

// textSpellings names these attributes.
func textSpellings() []spelling {
	return []spelling{
		{factOutputValue, []string{"output.value"}},
		{factProviderMetadata, []string{"ai.response.providerMetadata"}},
		{factHiddenParams, []string{"hidden_params"}},
		{factMetadata, []string{"metadata"}},
		{factSpendMetadata, []string{"metadata.spend_logs_metadata"}},
		{factAgentAnswer, []string{"gcp.vertex.agent.llm_response"}},
		{factLangfuseUsage, []string{"langfuse.observation.usage_details"}},
		{factLangfuseCost, []string{"langfuse.observation.cost_details"}},
		{factInputDetails, []string{"gen_ai.usage.input_token_details"}},
		{factOutputDetails, []string{"gen_ai.usage.output_token_details"}},
	}
}

// ownUsage is what a usage object says that stands beside the attributes.
type ownUsage struct {
	Counting
	completion Count  // all that was answered
	where      string // "" when there is none
}

// innerTextsMax is how many attributes of a span may hold JSON.
const innerTextsMax = 10

// readInner notes the members of the attributes that hold JSON.
func (r *spanReader) readInner() {
	f := &r.span
	for i, inner := range r.names.inner {
		text := f.texts[inner.of]
		if text == "" {
			continue
		}
		object := r.parseInner(text, i)
		if object == nil {
			continue
		}
		for k, member := range inner.members {
			if text := r.plain(object.Get(r.names.innerPaths[i][k]...)); text != "" {
				r.note(f, inner.name+".$."+member, text)
			}
		}
		for _, member := range inner.usages {
			r.readOwnUsage(object, inner.name, member)
		}
		if inner.of == factOutputValue {
			f.beside.takeAnswer(object)
		}
	}
	if text := f.texts[factLangfuseUsage]; text != "" {
		f.readLangfuse(r.parseInner(text, innerTextsMax))
	}
}

// parseInner parses JSON, or what Python prints, each kind with a parser of its own because the
// texts of the values live in it.
func (r *spanReader) parseInner(text string, kind int) *fastjson.Value {
	if text == "" || text[0] != '{' && !isDressed(text) {
		return nil
	}
	if strings.HasPrefix(text, "{'") {
		r.python = pythonJSON(text, r.python[:0])
		text = view(r.python)
	}
	return parseObject(text, &r.inner[kind])
}

// readOwnUsage keeps a provider's usage object; one that cannot be read proves nothing.
func (r *spanReader) readOwnUsage(object *fastjson.Value, name, member string) {
	usage := object
	if member != "" {
		usage = object.Get(strings.Split(member, ".")...)
	}
	if usage == nil || usage.Type() != fastjson.TypeObject || r.span.own.where != "" {
		return
	}
	r.span.beside.takeUsage(usage)
	provider, _, isNamed := strings.Cut(member, ".")
	if !isNamed {
		provider = r.span.text(factProvider)
	}
	r.usage = usage.MarshalTo(r.usage[:0])
	read, err := pricing.ReadUsage(provider, r.usage)
	if err != nil {
		return
	}
	r.span.own = ownOf(read, view(r.usage))
	r.span.own.where = "the provider's usage in " + name
}

// ownOf makes a usage object's counts ours. What the object does not speak of stays unknown.
func ownOf(read pricing.Usage, text string) ownUsage {
	count := func(of pricing.TokenType, words ...string) Count {
		n, known := read.Counts[of]
		for _, word := range words {
			known = known || strings.Contains(text, word)
		}
		return Count{N: n, Known: known}
	}
	own := ownUsage{Counting: Counting{
		PromptTokens: Counted(read.PromptTokens), Convention: read.Convention,
		Tokens: Tokens{
			Input:        Counted(read.Counts[pricing.Input]),
			Output:       Counted(read.Counts[pricing.Output]),
			CacheRead:    count(pricing.CacheRead, "cache_read", "cached", "cacheRead"),
			CacheWrite5m: count(pricing.CacheWrite5m, "ephemeral_5m"),
			CacheWrite1h: count(pricing.CacheWrite1h, "ephemeral_1h"),
			CacheWrite:   count(pricing.CacheWrite),
			Reasoning:    count(pricing.Reasoning, "reasoning", "thoughts", "thinking"),
			AudioIn:      count(pricing.AudioIn), AudioOut: count(pricing.AudioOut),
			AudioCachedIn: count(pricing.AudioCachedIn),
			ImageIn:       count(pricing.ImageIn), ImageOut: count(pricing.ImageOut),
			ImageCachedIn: count(pricing.ImageCachedIn), WebSearch: count(pricing.WebSearch),
		}}}
	own.completion = Counted(own.Output.N + own.Reasoning.N + own.AudioOut.N + own.ImageOut.N)
	return own
}

// cached is what was read from and written to the provider's cache.
func (o *ownUsage) cached() int64 {
	return o.CacheRead.N + o.CacheWrite.N + o.CacheWrite5m.N + o.CacheWrite1h.N +
		o.AudioCachedIn.N + o.ImageCachedIn.N
}
