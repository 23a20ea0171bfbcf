package loaders

import (
	"strings"
	"unicode"

	"tieout/pricing"
)

// knownProvider is a provider in lower case, none where the gateway calls it one of the operator's
// own, CUSTOM (Helicone), custom-eu (Cloudflare), or names another gateway, VERCEL (Helicone). Of
// the operator's name of one, @prod-openai (Portkey), the provider that it tells of is taken.
func knownProvider(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	switch {
	case name == "custom", strings.HasPrefix(name, "custom-"), name == "vercel",
		name == "helicone":
		return ""
	case strings.HasPrefix(name, "@"):
		if told := backendProvider(name, ""); told != name {
			return told
		}
	}
	return name
}

// backendProvider is the provider behind a name that the gateway's operator chose: the one that
// the name tells of (openai-main, eu_bedrock). Where it tells of none, a model that its maker alone
// sells, or clouds at its price, is left to be found by the model, which pricing says that it did,
// and one by Bedrock's name, or Perplexity's, is theirs; any other keeps the name, by which a price
// list may know it.
func backendProvider(name, model string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	// Clouds first: azure-openai is Azure, vertex_gemini is Vertex.
	for _, provider := range []string{"azure", "bedrock", "vertex", "openrouter", "openai",
		"anthropic", "gemini", "mistral", "groq", "cohere", "xai", "deepseek", "together",
		"fireworks", "perplexity", "cerebras", "moonshot", "minimax"} {
		for _, word := range words {
			if strings.HasPrefix(word, provider) {
				return provider
			}
		}
	}
	model = strings.ToLower(model)
	if strings.HasPrefix(model, "gpt-oss") {
		return name
	}
	if pricing.LooksLikeBedrock(model) {
		return "bedrock"
	}
	if strings.HasPrefix(model, "sonar") {
		return "perplexity"
	}
	for _, closed := range []string{"gpt-", "chatgpt-", "o1", "o3", "o4-", "text-embedding-",
		"claude-", "gemini-", "grok-"} {
		if strings.HasPrefix(model, closed) {
			return ""
		}
	}
	return name
}
