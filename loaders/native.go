package loaders

import "strings"

// providerNative is a mapping's word for counts that a gateway passes on as the provider made
// them.
const providerNative = "provider_native"

// nativeConvention says whether a provider's own prompt count holds cached tokens: Anthropic's
// and Bedrock's leave them out, all others hold them. The model tells more than the provider,
// because clouds resell Anthropic's API as it is.
func nativeConvention(provider, model string) (convention, how string) {
	provider, model = strings.ToLower(provider), strings.ToLower(model)
	switch {
	case strings.Contains(model, "claude"), strings.Contains(provider, "anthropic"):
		return ExcludesCache, "Anthropic's input tokens leave cached tokens out"
	case strings.Contains(provider, "bedrock"):
		return ExcludesCache, "Bedrock's input tokens leave cached tokens out"
	}
	for _, name := range []string{"openai", "azure", "gemini", "google", "vertex", "xai",
		"deepseek", "groq", "mistral", "fireworks", "together", "openrouter", "moonshot",
		"cerebras"} {
		if strings.Contains(provider, name) {
			return IncludesCache, "the prompt tokens of " + name + " hold cached tokens"
		}
	}
	for _, name := range []string{"gpt", "gemini", "grok", "deepseek", "o1", "o3", "o4"} {
		if strings.HasPrefix(model, name) {
			return IncludesCache, "the prompt tokens of " + name + " models hold cached tokens"
		}
	}
	return ConventionUnknown, "nothing says whose counts these are"
}
