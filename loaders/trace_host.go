package loaders

import "strings"

// Many providers speak OpenAI's or Anthropic's interface, and a tracer names the one whose SDK made
// the call. The host that was asked tells who served and bills it.

// keptAddress is the place of the host that was asked among keptAttributes.
const keptAddress = 0

// payee is the provider that bills a call whose tracer states one: that of a host which only one
// provider has, when the tracer states none, or a provider whose interface others speak too. Any
// other host, such as a gateway's or a proxy's, changes nothing.
func (f *facts) payee(stated string) string {
	switch stated {
	case "", "openai", "anthropic":
		return firstText(providerAt(f.kept[keptAddress]), stated)
	}
	return stated
}

// googleService tells Google's two services apart, which bill the same models each by itself, where
// the tracer's word is said of both: OpenInference writes google, and vertexai for the system, of
// AI Studio too. The host that was asked tells, else the SDK of Vertex AI, which asks no other, by
// the name of what traces it or by LangChain's. Where nothing tells, the word stays.
func (f *facts) googleService(stated, scope string) string {
	switch stated {
	case "google", "gcp.gen_ai", "gcp.gemini":
	default:
		return stated
	}
	if at := providerAt(f.kept[keptAddress]); strings.HasPrefix(at, "gcp.") {
		return at
	}
	if stated != "gcp.gemini" && (strings.Contains(scope, "vertexai") ||
		strings.Contains(f.text(factLangChain), "vertex")) {
		return "gcp.vertex_ai"
	}
	return stated
}

// counter is the provider whose API counted a call, and the model: the payee or, where the tracer
// states none, the one before the model's name.
func (f *facts) counter() (provider, model string) {
	model = firstText(f.text(factResponseModel), f.text(factWeakModel), f.text(factRequestModel))
	provider = f.payee(f.provider())
	if before, rest, found := strings.Cut(model, "/"); found && provider == "" {
		return before, rest
	}
	return provider, model
}

// providerAt names the provider whose API a host is, "" when it is nobody's that is known.
func providerAt(address string) string {
	host := strings.ToLower(address)
	if _, rest, hasScheme := strings.Cut(host, "://"); hasScheme {
		host = rest
	}
	if end := strings.IndexAny(host, ":/"); end >= 0 {
		host = host[:end]
	}
	if strings.HasPrefix(host, "bedrock") &&
		(strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".api.aws")) {
		return "aws.bedrock"
	}
	if strings.HasSuffix(host, "-aiplatform.googleapis.com") {
		return "gcp.vertex_ai" // of one region
	}
	for _, known := range [...][2]string{
		{"api.openai.com", "openai"}, {"api.anthropic.com", "anthropic"},
		{"openai.azure.com", "azure.ai.openai"},
		{"cognitiveservices.azure.com", "azure.ai.openai"},
		{"services.ai.azure.com", "azure.ai.openai"},
		{"aiplatform.googleapis.com", "gcp.vertex_ai"},
		{"generativelanguage.googleapis.com", "gcp.gemini"}, {"api.x.ai", "x_ai"},
		{"api.deepseek.com", "deepseek"}, {"api.groq.com", "groq"},
		{"openrouter.ai", "openrouter"}, {"api.mistral.ai", "mistral_ai"},
		{"api.moonshot.ai", "moonshot_ai"}, {"api.together.xyz", "together_ai"},
		{"api.together.ai", "together_ai"}, {"api.fireworks.ai", "fireworks_ai"},
		{"api.perplexity.ai", "perplexity"}, {"api.cerebras.ai", "cerebras"},
		{"api.cohere.com", "cohere"}, {"api.cohere.ai", "cohere"}, {"api.z.ai", "zai"},
		{"api.minimax.io", "minimax"},
	} {
		if rest, ends := strings.CutSuffix(host, known[0]); ends &&
			(rest == "" || strings.HasSuffix(rest, ".")) {
			return known[1]
		}
	}
	return ""
}
