package loaders

import (
	"slices"
	"strings"
	"unicode"
)

// Google names model, modality, class and tier in the description of a SKU, in two dialects:
//
//	Gemini 2.5 Flash GA Text Input (Long) - Predictions
//	Gemini 3.5 Flash Global Thinking Text Output - Predictions
//	Gemini 3 Flash Image Input Caching Priority
//	Generate content cached input token count gemini 3.5 flash text batch
//	Generate_content image output token count for Gemini 3 Pro Image
//
// In the first the model comes before the class, in the second behind it. Thinking is a SKU of
// its own, and its tokens are in no other. Storage of a cache is billed by the hour and counts no
// tokens.

// googleSKU is what a description says.
type googleSKU struct {
	model     string // "" when it names none
	tokenType string // web_search for grounding
	tier      string
	context   string // long, or ""
	zone      string // global, regional or ""
	isAI      bool

	isReserved bool // throughput that is paid by the hour or month
}

// googleClass is what the words of a description say of what is counted.
type googleClass struct {
	direction, modality           string
	isCached, isWrite, isThinking bool
	isHour                        bool // counted by time or in another unit than tokens
	isOther                       bool // the words in hand are not about what is counted
}

// parseGoogleSKU reads the description of a SKU.
func parseGoogleSKU(description string) googleSKU {
	words := strings.FieldsFunc(strings.ToLower(description), func(c rune) bool {
		return unicode.IsSpace(c) || strings.ContainsRune("-_(),/", c)
	})
	var sku googleSKU
	text := strings.Join(words, " ")
	for _, seat := range []string{"code assist", "subscription", "license"} {
		if strings.Contains(text, seat) {
			return sku // seats of a product, not calls of a model
		}
	}
	if strings.Contains(text, "grounding") || strings.Contains(text, "search query") {
		sku.isAI, sku.tokenType = true, "web_search"
		return sku
	}
	begin, end := googleModel(words)
	if strings.Contains(text, "provisioned throughput") {
		sku.isAI, sku.isReserved = true, true
		if begin < end {
			sku.model = googleModelID(words[begin:end])
		}
		return sku
	}
	if begin == end {
		sku.isAI = isGoogleAI(words)
		return sku
	}
	sku.isAI, sku.model = true, googleModelID(words[begin:end])
	var class googleClass
	for i, word := range words {
		if i < begin || i >= end {
			sku.take(word, &class)
		}
		if i < begin && word == "token" && class.direction == "output" {
			class.isOther = true // what follows the model is what the prompt was
		}
	}
	sku.tokenType = class.tokenType()
	if sku.tokenType == "cache_write" {
		sku.tokenType += googleTTL(text)
	}
	return sku
}

// googleTTL is the lifetime that a cache was written for, as the end of a token type.
func googleTTL(text string) string {
	switch {
	case strings.Contains(text, "1 hour") || strings.Contains(text, "1h"):
		return "_1h"
	case strings.Contains(text, "5 minute") || strings.Contains(text, "5m"):
		return "_5m"
	}
	return ""
}

// googleModel finds the words that name the model: from the family to the first word that says
// something else.
func googleModel(words []string) (begin, end int) {
	for begin < len(words) && !isGoogleFamily(words[begin]) {
		begin++
	}
	for end = begin; end < len(words); end++ {
		isWhole := words[begin] == "claude" && end == begin+3 // what follows is a lifetime
		if end > begin && (isWhole || isGoogleEnd(words, end)) {
			break
		}
	}
	return begin, end
}

func isGoogleFamily(word string) bool {
	switch word {
	case "gemini", "claude", "llama", "mistral", "codestral", "jamba", "deepseek", "qwen", "kimi",
		"glm", "grok", "gpt", "gemma":
		return true
	}
	return strings.HasPrefix(word, "qwen") || strings.HasPrefix(word, "llama")
}

// isGoogleEnd reports that a word no longer belongs to the model's name. "Image" and "Audio" do
// belong to it unless they say what goes in or out.
func isGoogleEnd(words []string, i int) bool {
	if i+1 < len(words) {
		switch words[i+1] {
		case "hour", "day", "week", "month", "year":
			return true // for how long it is paid
		}
	}
	switch words[i] {
	case "ga", "text", "input", "output", "thinking", "non", "caching", "cached", "cache", "global",
		"regional", "batch", "priority", "flex", "short", "long", "token", "tokens", "predictions",
		"standard":
		return true
	case "image", "audio", "video":
		if i+1 < len(words) {
			switch words[i+1] {
			case "input", "output", "caching", "av2a", "cached", "token":
				return true
			}
		}
		return isGoogleInput(words, i)
	}
	return false
}

// isGoogleInput reports that a word at the end says what was put in: "Generate content input token
// count gemini 3.7 flash image flex caching".
func isGoogleInput(words []string, i int) bool {
	count := slices.Index(words, "count")
	if count < 0 || count+1 == len(words) || !slices.Contains(words[:count], "input") ||
		!isGoogleFamily(words[count+1]) {
		return false
	}
	return i+1 == len(words) || isGoogleEnd(words, i+1)
}

// googleModelID writes a model as its API does: Gemini 3.0 Pro is gemini-3-pro.
func googleModelID(words []string) string {
	if words[0] == "claude" {
		if id := awsClaude(strings.Join(words, "-")); id != "" {
			return id
		}
	}
	named := make([]string, 0, len(words))
	for i, word := range words {
		if i == 1 && words[0] == "gemini" && word == "3.0" {
			word = "3"
		}
		named = append(named, word)
	}
	id := strings.Join(named, "-")
	return strings.Replace(id, "-native-image-generation", "-image", 1)
}

// take notes what one word says.
func (s *googleSKU) take(word string, class *googleClass) {
	switch word {
	case "batch", "priority", "flex":
		s.tier = word
	case "global", "regional":
		s.zone = word
	case "long":
		s.context = word
	case "storage", "hour", "hours", "characters", "character", "seconds", "second", "generated":
		class.isHour = true
	}
	if class.isOther {
		return
	}
	switch word {
	case "input", "output":
		class.direction = word
	case "audio", "image", "av2a":
		class.modality = strings.Replace(word, "av2a", "audio", 1)
	case "video":
		class.modality = "image" // video is counted as frames
	case "caching", "cached", "cache", "read", "hit", "hits":
		class.isCached = true
	case "write", "writes", "creation":
		class.isWrite, class.isCached = true, true
	case "thinking":
		class.isThinking = true
	case "on", "non":
		class.isThinking = false // output of a model that may think, all of it
	}
}

func (c googleClass) tokenType() string {
	switch {
	case c.isHour && !c.isWrite:
		return ""
	case c.isWrite && c.modality == "" && c.direction != "output":
		return "cache_write"
	case c.isThinking && c.direction == "output" && c.modality == "":
		return "reasoning"
	case c.isCached && c.direction == "" && !c.isWrite:
		return "cache_read"
	}
	return openaiTokenType(c.direction, c.modality, c.isCached, c.isWrite)
}

// isGoogleAI reports a SKU of an AI product that is not billed by tokens.
func isGoogleAI(words []string) bool {
	for _, word := range words {
		switch word {
		case "veo", "imagen", "lyria", "videos", "embedding", "embeddings", "generative":
			return true
		}
	}
	return false
}
