package loaders

import (
	"strings"

	"tieout/pricing"
)

// count makes the tokens disjoint and says how good they are.
func (f *facts) count(row *Span, isCut bool) {
	c := &f.counts
	usage := inclusive{
		prompt: c[factInput], completion: c[factOutput], total: c[factTotal],
		cacheRead: c[factCacheRead], cacheWrite: c[factCacheWrite],
		cacheWrite5m: c[factCacheWrite5m], cacheWrite1h: c[factCacheWrite1h],
		reasoning: c[factReasoning], audioIn: c[factAudioIn], audioOut: c[factAudioOut],
		imageIn: c[factImageIn], imageOut: c[factImageOut],
		audioCachedIn: c[factAudioCachedIn], imageCachedIn: c[factImageCachedIn],
		webSearch: c[factWebSearch],
	}
	payee, model := f.counter()
	usage.addsReasoning = pricing.AddsReasoning(payee) ||
		f.signs&signBeside != 0 && strings.HasPrefix(model, "gemini-")
	usage.thinksBeside = thinksBeside(payee) || payee == "" && strings.HasPrefix(model, "gemini-")
	usage.totalDecides = usage.thinksBeside && f.own.where == ""
	stateFirst(&usage.webSearch, f.beside.webSearch)
	usage.convention, usage.how = f.convention(row, usage.cacheRead.N+usage.written().N)
	row.Counting = usage.disjoint()
	row.TotalTokens = c[factTotal]
	hasInput, hasOutput := usage.prompt.Known, usage.completion.Known
	if f.own.where != "" && row.Role != roleOther {
		hasInput, hasOutput = true, true
		if !row.adopt(&f.own, usage.prompt, usage.completion) {
			f.conflict = true
		}
		stateFirst(&row.WebSearch, usage.webSearch)
	}
	row.Problem = firstText(row.Problem, f.beside.problem)
	row.Other = f.beside.text(row.PromptTokens.N+usage.completion.N+f.own.completion.N > 0)
	isEmbedding := strings.Contains(row.Operation, "embed") ||
		strings.EqualFold(f.text(factOpenInferenceKind), "EMBEDDING") ||
		f.text(factLangfuseType) == "embedding" ||
		strings.HasPrefix(f.text(factVercelOperation), "ai.embed")
	switch {
	case f.conflict || row.Problem != "":
		row.UsageQuality = usageConflict
	case !hasInput && !hasOutput:
		row.UsageQuality = usageMissing
	case isCut || f.broke(row) || !hasInput || (!hasOutput && !isEmbedding):
		row.UsageQuality = usagePartial
	default:
		row.UsageQuality = usageOK
	}
}

// broke reports a stream that ended early for its reader, who counted what had come by then: the
// answer may have gone on.
func (f *facts) broke(row *Span) bool {
	return row.Status == "error" && (row.IsStreamed || hasListed(f.text(factFinish), "error"))
}

// adopt takes the counts of the usage object that stands beside the attributes, or in LiteLLM's
// copy of the provider's answer: it splits them further, and shows whether their prompt holds the
// cached tokens. Where the two contradict each other the attributes stay.
func (row *Counting) adopt(own *ownUsage, prompt, completion Count) (agrees bool) {
	whole := own.PromptTokens.N
	fresh := whole - own.cached()
	if prompt.Known && prompt.N != whole && prompt.N != fresh {
		return false
	}
	answered := own.completion
	if completion.Known && completion.N == answered.N-own.Reasoning.N {
		answered = completion // without the reasoning, as ADK passes Gemini's candidates on
	}
	for _, pair := range [][2]Count{{completion, answered},
		{row.CacheRead, own.CacheRead}, {row.Reasoning, own.Reasoning}} {
		if pair[0] != pair[1] && pair[0].Known && pair[1].Known {
			return false
		}
	}
	convention := row.Convention
	switch {
	case !prompt.Known:
		convention = own.Convention
	case whole != fresh && prompt.N == whole:
		convention = IncludesCache
	case whole != fresh:
		convention = ExcludesCache
	}
	*row = own.Counting
	row.Convention, row.How = convention, own.where
	return true
}

// convention says whether the input count holds the cached tokens, by who wrote the span, when
// no arithmetic and no usage object shows it. The OpenTelemetry rule is that it does.
func (f *facts) convention(row *Span, cached int64) (convention, how string) {
	if f.provesNoCache() {
		return IncludesCache, "noCacheTokens and the cached tokens make up the input"
	}
	if countsApart(row.Provider) {
		if who := writesOwnCount(row); who != "" && cached > 0 {
			return ConventionUnknown, who + " may write the provider's own count"
		} else if who != "" {
			return ExcludesCache, who + " writes the provider's own count"
		}
		if who := f.saysNothing(row); who != "" && cached > 0 {
			return ConventionUnknown, who + " does not say which count it writes"
		}
	} else if row.Provider != "" && f.saysNothing(row) != "" {
		return IncludesCache, "the provider's own count holds the cached tokens"
	}
	switch row.Dialect {
	case "openinference":
		return IncludesCache, "OpenInference rule"
	case "vercel":
		return IncludesCache, "Vercel AI SDK rule"
	case "litellm_v1", "litellm_v2":
		return IncludesCache, "LiteLLM writes the OpenAI form"
	case "openllmetry":
		return IncludesCache, "OpenLLMetry rule"
	case "langfuse":
		return ConventionUnknown, "Langfuse keeps usage outside the conventions"
	}
	return IncludesCache, "OpenTelemetry GenAI rule"
}

// countsApart reports a provider whose own input count leaves the cached tokens out.
func countsApart(provider string) bool {
	return provider == "anthropic" || provider == "aws.bedrock"
}

// writesOwnCount names the instrumentations that have been seen to pass on Anthropic's or
// Bedrock's own count.
func writesOwnCount(row *Span) string {
	scope := row.Scope
	switch {
	case strings.HasPrefix(scope, "@arizeai/"):
		return "OpenInference for JavaScript"
	case row.Dialect == "openinference": // all others of it write the whole prompt
	case strings.Contains(scope, "bedrock"):
		return "OpenLLMetry for Bedrock"
	case strings.Contains(scope, "otelgenai"), strings.Contains(scope, "envoy"):
		return "Envoy AI Gateway"
	case strings.HasPrefix(scope, "logfire"):
		return "Logfire before March 2026"
	case strings.HasPrefix(scope, "strands"):
		return "Strands Agents"
	}
	return ""
}

// saysNothing names the producers that follow the names of the conventions and do not say whether
// they follow the rule.
func (f *facts) saysNothing(row *Span) string {
	switch {
	case row.Scope == "custom.genai.instrumentation" || row.Service == "portkey":
		return "Portkey"
	case strings.HasPrefix(row.Scope, "kong") || strings.HasPrefix(row.Name, "kong."):
		return "Kong"
	case f.signs&signAgentgateway != 0:
		return "agentgateway"
	case f.signs&signSpring != 0:
		return "Spring AI"
	case f.signs&signVercel != 0 && f.signs&signVercel6 == 0:
		return "the AI SDK before version 6"
	}
	return ""
}

// provesNoCache reports that the count of tokens that were not cached completes the input.
func (f *facts) provesNoCache() bool {
	c := &f.counts
	return c[factNoCache].Known && c[factInput].Known &&
		c[factNoCache].N+c[factCacheRead].N+c[factCacheWrite].N == c[factInput].N &&
		c[factNoCache].N != c[factInput].N
}
