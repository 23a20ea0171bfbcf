package loaders

import (
	"regexp"
	"strings"
)

// awsModel gives the Bedrock id of a model by the name that AWS bills it by: Claude4.6Sonnet,
// NovaPro, Llama4-Maverick-17B, openai.gpt-oss-120b, or in the Marketplace "Claude 3 Haiku
// (Amazon Bedrock Edition)". A name that it does not know stays as AWS spells it.
func awsModel(name string) string {
	name, _, _ = strings.Cut(name, " (Amazon Bedrock")
	name = strings.TrimSpace(name)
	plain := strings.ToLower(strings.Join(strings.Fields(name), "-"))
	if id := awsIDs()[plain]; id != "" {
		return id
	}
	if claude := awsClaude(plain); claude != "" {
		return claude
	}
	if nova := awsNova(plain); nova != "" {
		return nova
	}
	for _, maker := range []string{"anthropic", "openai", "amazon", "meta", "mistral", "qwen",
		"deepseek", "cohere", "google", "nvidia", "moonshotai", "minimax", "zai", "ai21", "xai",
		"writer"} {
		if rest, ok := strings.CutPrefix(plain, maker+"-"); ok && maker == "openai" {
			return "openai." + rest // "OpenAI GPT-5.6 Sol"
		}
		if strings.HasPrefix(plain, maker+".") {
			return plain
		}
	}
	return awsOther(name, plain)
}

// awsIDs has the names of AWS's price list that do not have the words of the model's id: of usage
// types, then of Marketplace products.
func awsIDs() map[string]string {
	return map[string]string{
		"titanembeddingv2-text":    "amazon.titan-embed-text-v2:0",
		"titanembeddingsg1-text":   "amazon.titan-embed-text-v1",
		"titanembeddingsg1-image":  "amazon.titan-embed-image-v1",
		"titantextg1-express":      "amazon.titan-text-express-v1",
		"titantextg1-lite":         "amazon.titan-text-lite-v1",
		"titantext-premier":        "amazon.titan-text-premier-v1:0",
		"novamultimodalembeddings": "amazon.nova-2-multimodal-embeddings-v1:0",
		"novasonic2.0":             "amazon.nova-2-sonic-v1:0",
		"deepseek-r1":              "deepseek.r1-v1:0",
		"mistral7b":                "mistral.mistral-7b-instruct-v0:2",
		"mixtral8x7b":              "mistral.mixtral-8x7b-instruct-v0:1",
		"mistrallarge":             "mistral.mistral-large-2402-v1:0",
		"mistralsmall":             "mistral.mistral-small-2402-v1:0",
		"pixtrallarge2502":         "mistral.pixtral-large-2502-v1:0",
		"zai.glm5":                 "zai.glm-5",

		"cohere-command-r":                    "cohere.command-r-v1:0",
		"cohere-command-r+":                   "cohere.command-r-plus-v1:0",
		"cohere-embed-3-model---english":      "cohere.embed-english-v3",
		"cohere-embed-model-3---multilingual": "cohere.embed-multilingual-v3",
		"cohere-embed-4-model":                "cohere.embed-v4:0",
		"jamba-1.5-large":                     "ai21.jamba-1-5-large-v1:0",
		"jamba-1.5-mini":                      "ai21.jamba-1-5-mini-v1:0",
		"palmyra-x4":                          "writer.palmyra-x4-v1:0",
		"palmyra-x5":                          "writer.palmyra-x5-v1:0",
	}
}

// awsClaude reads claude4.6sonnet, claude3.5sonnetv2, claude-opus-5.5 and claude-3-haiku. Models
// before the fourth generation have the number before the name.
func awsClaude(plain string) string {
	const family = `(opus|sonnet|haiku|instant|fable|mythos)`
	const number = `(\d+(?:[.-]\d+)?)`
	digits, kind, version := "", "", ""
	if m := regexp.MustCompile(`^claude-?` + number + `-?` + family + `(v\d)?$`).
		FindStringSubmatch(plain); m != nil {
		digits, kind, version = m[1], m[2], m[3]
	} else if m := regexp.MustCompile(`^claude-` + family + `-` + number + `$`).
		FindStringSubmatch(plain); m != nil {
		digits, kind = m[2], m[1]
	} else {
		return ""
	}
	digits = strings.ReplaceAll(digits, ".", "-")
	switch {
	case digits == "3-5" && kind == "sonnet" && version == "v2":
		return "claude-3-5-sonnet-20241022"
	case digits == "3-5" && kind == "sonnet":
		return "claude-3-5-sonnet-20240620"
	case digits[0] < '4' && len(digits) <= 3:
		return "claude-" + digits + "-" + kind
	}
	return "claude-" + kind + "-" + digits
}

// awsNova reads novapro, nova2.0lite and nova-pro.
func awsNova(plain string) string {
	m := regexp.MustCompile(`^(?:amazon-)?nova-?(\d)?(?:\.0)?-?(pro|lite|micro|premier|sonic|` +
		`canvas|reel|omni)$`).FindStringSubmatch(plain)
	if m == nil {
		return ""
	}
	if m[1] != "" {
		return "amazon.nova-" + m[1] + "-" + m[2]
	}
	return "amazon.nova-" + m[2]
}

// awsOther puts the maker before the name of an open model, as Bedrock's ids have it.
func awsOther(name, plain string) string {
	if m := regexp.MustCompile(`^llama(\d(?:[.-]\d)?(?:-maverick|-scout)?)-(\d+b)$`).
		FindStringSubmatch(plain); m != nil {
		return "meta.llama" + strings.ReplaceAll(m[1], ".", "-") + "-" + m[2] + "-instruct"
	}
	if size, ok := strings.CutPrefix(plain, "qwen3coder-"); ok {
		return "qwen.qwen3-coder-" + size
	}
	for _, family := range [][2]string{{"gpt-", "openai."}, {"qwen", "qwen."},
		{"gemma-", "google."}, {"ministral-", "mistral."}, {"magistral-", "mistral."},
		{"devstral-", "mistral."}, {"voxtral-", "mistral."}, {"mistral-large-", "mistral."},
		{"kimi-", "moonshotai."}, {"minimax-", "minimax."}, {"glm-", "zai."},
		{"nemotron-", "nvidia."}, {"cohere.", ""}} {
		if strings.HasPrefix(plain, family[0]) {
			return family[1] + plain
		}
	}
	return name
}
