package loaders

import (
	"strings"
	"unicode"
)

// Azure names no models and token types: it names meters, in abbreviations that differ by family
// and year:
//
//	gpt 4o 1120 cached Inp glbl Tokens     5.5 ShortCo opt Gl 1M Tokens    (Azure OpenAI GPT5)
//	5 mini pp cd Inp Dz                    Grok 4.1 Inp DZone Tokens       (Azure Grok Models)
//	GPT 5 Inpt Glbl 1M Tokens              V4 Pro Outp glbl Tokens         (Azure Deepseek Models)
//
// A meter is read word by word against closed sets; what is left is the model's name, and the
// subcategory gives the part of it that the meter leaves out.

// azureMeter is what a meter's name says.
type azureMeter struct {
	model     string // as a model id; "" when the meter names none
	tokenType string
	tier      string
	zone      string // global, datazone, regional or ""
	context   string // long, or ""
	isUnits   bool   // capacity paid by the hour, or units that count no tokens
	maker     string // who makes the model, by the subcategory: openai, ...
}

// azureName is a meter and its subcategory, joined for a memo.
func azureName(meter, family string) string { return meter + "\x00" + family }

// parseAzureMeter reads a meter's name and subcategory.
func parseAzureMeter(name string) azureMeter {
	text, family, _ := strings.Cut(name, "\x00")
	m := azureMeter{maker: azureMaker(family, text)}
	var class azureClass
	var names []string
	words := append(azureWords(text), "")
	for i, word := range words[:len(words)-1] {
		if isAzureName(word, words[i+1]) || !m.takes(word, &class) {
			names = append(names, word)
		}
	}
	if class.isCapacity {
		m.isUnits = true
		return m
	}
	if m.maker == "openai" {
		names = azureSpeech(azureContext(names), words)
	}
	m.model = azureModel(names, m.maker, class.isFineTuned)
	m.tokenType = openaiTokenType(class.direction, class.modality, class.isCached, class.isWrite)
	if class.isCached && class.direction == "" && !class.isWrite {
		m.tokenType = "cache_read"
	}
	if m.tokenType == "" && strings.Contains(m.model, "embedding") {
		m.tokenType = "input"
	}
	if class.isHosting || class.isTraining {
		m.tokenType, m.isUnits = "", true
	}
	return m
}

// isAzureName reports a word that is a part of a model's name where another follows it:
// gpt-image-1, gpt-4o-audio-preview, text-embedding-3-large.
func isAzureName(word, next string) bool {
	switch word {
	case "audio", "image", "img":
		return next == "preview" || next == "prvw" || next == "mini" ||
			isDigits(next[:min(len(next), 1)])
	case "text":
		return strings.HasPrefix(next, "embedding")
	}
	return false
}

// azureClass is what the words of a meter say of what is counted.
type azureClass struct {
	direction, modality     string
	isCached, isWrite       bool
	isCapacity, isHosting   bool
	isTraining, isFineTuned bool
}

// takes reports whether a word says how the tokens were used, and notes it.
func (m *azureMeter) takes(word string, class *azureClass) bool {
	switch word {
	case "inp", "inpt", "input", "in":
		class.direction = "input"
	case "outp", "outpt", "output", "opt", "out":
		class.direction = "output"
	case "cached", "cache", "cach", "cd", "cchd", "ccchd", "cched", "ch":
		class.isCached = true
	case "wr", "write", "writes":
		class.isWrite, class.isCached = true, true
	case "aud", "audio":
		class.modality = "audio"
	case "img", "image":
		class.modality = "image"
	case "txt", "text":
		class.modality = "" // of a speech model: aud 1217 txt
	case "tokens", "token", "tkn", "images", "calls", "gb", "1k", "1m", "std", "standard",
		"shortco", "short", "dev", "base":
	case "glbl", "gl", "glb", "global":
		m.zone = "global"
	case "dz", "dzone", "dzn", "datazone":
		m.zone = "datazone"
	case "regnl", "rgnl", "regn", "rg", "regional", "regionl":
		m.zone = "regional"
	case "batch", "btch":
		m.tier = "batch"
	case "pp", "priority":
		m.tier = "priority"
	case "flex":
		m.tier = "flex"
	case "longco", "long", "l":
		m.context = "long"
	case "ptu", "ptum", "provisioned", "provision", "managed", "ccu", "consumption", "unit",
		"units":
		class.isCapacity = true
	case "ft", "finetuned", "rft":
		class.isFineTuned = true
	case "hosting", "host", "hstng":
		class.isHosting = true
	case "trng", "training", "train", "grdr", "grader":
		class.isTraining = true
	default:
		return false
	}
	return true
}

// azureWords cuts a meter's name into words; "Data Zone" and "Fine Tuned" are one each, and a
// dash or a space within a model's name makes no difference.
func azureWords(text string) []string {
	lower := strings.ToLower(text)
	for _, pair := range []string{"data zone", "fine tuned", "long context"} {
		lower = strings.ReplaceAll(lower, pair, strings.ReplaceAll(pair, " ", ""))
	}
	lower = strings.ReplaceAll(lower, "longcontext", "longco")
	words := strings.FieldsFunc(lower, func(c rune) bool {
		return unicode.IsSpace(c) || c == '-' || c == '_' || c == '/' || c == ','
	})
	apart := make([]string, 0, len(words))
	for _, word := range words {
		apart = append(apart, azureApart(word)...)
	}
	return apart
}

// azureApart cuts words that some meters write as one: gpt4omini, aud1217, turbo16k.
func azureApart(word string) []string {
	switch word {
	case "gpt4o":
		return []string{"gpt", "4o"}
	case "gpt4omini":
		return []string{"gpt", "4o", "mini"}
	case "realtimeprvw":
		return []string{"realtime", "preview"}
	}
	for _, first := range []string{"aud", "txt", "turbo"} {
		if rest, ok := strings.CutPrefix(word, first); ok && rest != "" &&
			isDigits(strings.TrimSuffix(rest, "k")) {
			return []string{first, rest}
		}
	}
	return []string{word}
}

// azureMaker tells whose model a meter is of, "" when it is not known.
func azureMaker(family, meter string) string {
	family, meter = strings.ToLower(family), strings.ToLower(meter)
	for _, of := range [][2]string{{"claude", "anthropic"}, {"anthropic", "anthropic"},
		{"grok", "xai"}, {"deepseek", "deepseek"}, {"azure kimi", "moonshotai"},
		{"mistral", "mistral"}, {"codestral", "mistral"}, {"azure cohere", "cohere"},
		{"llama", "meta"}, {"azure phi", "microsoft"}, {"azure fireworks", "fireworks"},
		{"mai models", "mai"},
		{"openai", "openai"}} {
		if strings.Contains(family, of[0]) {
			return of[1]
		}
	}
	switch {
	case strings.Contains(meter, "claude"):
		return "anthropic"
	case strings.HasPrefix(meter, "gpt") || strings.Contains(meter, "embedding"):
		return "openai"
	case len(meter) > 2 && meter[0] == 'o' && meter[1] >= '1' && meter[1] <= '9' &&
		strings.IndexByte(" -", meter[2]) >= 0: // o3 0416, o4-mini
		return "openai"
	}
	return ""
}
