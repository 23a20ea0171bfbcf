package loaders

import (
	"strings"

	"tieout/pricing"
)

// OpenAI's costs name what they are of in one text:
//
//	gpt-4o-mini-2024-07-18, cached input        gpt-audio-mini-2025-12-15 audio, input
//	priority | gpt-5.6-sol, output, long context        web search tool calls
//
// The parts are known from bills that people show of themselves; there is no documentation.

// openaiItem is what such a text says.
type openaiItem struct {
	model, tokenType string
	tier             string
	context          string // long, or ""
}

// parseLineItem reads a line item. What has no comma is no model; a class that is not known gives
// no token type. The name of a model may hold a comma: it is the last that counts.
func parseLineItem(text string) openaiItem {
	var item openaiItem
	rest := text
	if tier, tail, ok := strings.Cut(rest, " | "); ok && isOpenAITier(tier) {
		item.tier, rest = tier, tail
	}
	i := strings.LastIndex(rest, ", ")
	for ; i >= 0 && item.takesSuffix(rest[i+2:]); i = strings.LastIndex(rest, ", ") {
		rest = rest[:i]
	}
	if i < 0 {
		item.tokenType = openaiTool(rest)
		return item
	}
	class := rest[i+2:]
	item.model = rest[:i]
	for _, modality := range []string{"audio", "image", "text"} {
		if model, ok := strings.CutSuffix(item.model, " "+modality); ok {
			item.model, class = model, modality+" "+class
			break
		}
	}
	if tier, tail, ok := strings.Cut(class, " "); ok && isOpenAITier(tier) {
		item.tier, class = tier, tail
	}
	item.tokenType = tokenTypeOf(class)
	if item.tokenType == "output" && !strings.Contains(strings.ToLower(class), "text") {
		item.tokenType = answerType(item.model)
	}
	return item
}

// answerType is the token type of a model's answers where nothing tells them apart, as it is of
// calls: images, where the model makes images.
func answerType(model string) string {
	if pricing.AnswersInImages(model) {
		return "image_out"
	}
	return "output"
}

// takesSuffix notes what may stand behind the class.
func (item *openaiItem) takesSuffix(text string) bool {
	switch {
	case text == "long context":
		item.context = "long"
	case isOpenAITier(text):
		item.tier = text
	default:
		return false
	}
	return true
}

// isOpenAITier reports the name of a service tier that has prices of its own.
func isOpenAITier(text string) bool {
	switch text {
	case "batch", "flex", "priority", "fast":
		return true
	}
	return false
}

// openaiTool gives what a tool is counted in.
func openaiTool(item string) string {
	switch {
	case strings.HasPrefix(item, "web search"):
		return "web_search"
	case strings.HasPrefix(item, "file search"):
		return unitFileSearch
	case strings.HasPrefix(item, "code interpreter"):
		return unitSession
	}
	return ""
}

// tokenTypeOf reads a class by its words, because their order and separators have changed:
// "input", "cached input", "input_tokens", "audio cached input tokens", "cache writes".
func tokenTypeOf(class string) string {
	var direction, modality string
	var isCached, isWrite bool
	words := strings.FieldsFunc(strings.ToLower(class), func(c rune) bool {
		return c == ' ' || c == '_'
	})
	for _, word := range words {
		switch word {
		case "input", "output":
			direction = word
		case "audio", "image":
			modality = word
		case "cached", "cache":
			isCached = true
		case "write", "writes", "creation":
			isWrite = true
		case "text", "uncached", "read", "tokens":
		default:
			return ""
		}
	}
	return openaiTokenType(direction, modality, isCached, isWrite)
}
