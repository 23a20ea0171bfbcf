package loaders

import (
	"strings"
	"unicode"
)

// AWS names what it bills by usage types, which hold the region, the model, what was counted and
// how it was served:
//
//	USE1-Claude4.6Sonnet-cache-read-input-token-count-long-context-cross-region-global
//	USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard
//	USW2-MP:USW2_InputTokenCount-Units, USW2-MP:USW2_cache_write_tokens_1h_global_batch-Units
//
// Models sold through the Marketplace have their name in the product instead. The words are read
// one by one against closed sets, since names of cached tokens hold the name of input tokens; a
// type with a word that is not known keeps its text and has no token type.

// awsUsage is what a usage type says.
type awsUsage struct {
	region     string // "us-east-1", "" when not said
	model      string // the Bedrock id where it is known, "" when not said
	tokenType  string
	tier       string
	context    string
	isGlobal   bool // served through the global endpoint
	isTokens   bool // the type counts tokens
	isReserved bool // capacity paid by time, whether used or not
	isMarket   bool // sold through the Marketplace, in units of a million tokens
	isKnown    bool // every word was understood
}

// parseAWSUsageType reads a usage type.
func parseAWSUsageType(text string) awsUsage {
	var u awsUsage
	rest := text
	if prefix, tail, ok := strings.Cut(rest, "-"); ok && awsRegion(prefix) != "" {
		u.region, rest = awsRegion(prefix), tail
	}
	product, isMarket := strings.CutPrefix(rest, "MP:")
	units, isUnits := strings.CutSuffix(product, "-Units")
	prefix, tail, _ := strings.Cut(units, "_")
	if isPlace := awsRegion(prefix) != ""; isMarket || isUnits && isPlace {
		if isPlace {
			u.region, units = awsRegion(prefix), tail
		}
		u.isMarket = true
		u.read(camelWords(units))
		return u
	}
	words := strings.Split(rest, "-")
	begin := awsClassBegin(words)
	if begin < len(words) {
		named := strings.ToLower(strings.Join(words[:begin+1], "-"))
		if awsIDs()[named] != "" {
			begin++ // TitanEmbeddingV2-Text: the word is the name's
		}
	}
	if begin < len(words) {
		u.model = awsModel(strings.Join(words[:begin], "-"))
		u.read(words[begin:])
	}
	return u
}

// awsClassBegin finds the word behind the model's name; without one, all is the name.
func awsClassBegin(words []string) int {
	for i, word := range words {
		switch strings.ToLower(word) {
		case "cache", "cached", "input", "output", "reserved", "mantle":
			return i
		case "text", "speech", "audio", "image", "video", "custom":
			if i+1 < len(words) && awsClassBegin(words[i+1:i+2]) == 0 {
				return i
			}
		case "provisionedthroughput":
			return i
		}
	}
	return len(words)
}

// read takes in the words behind the model's name.
func (u *awsUsage) read(words []string) {
	var direction, modality, ttl string
	var isCached, isWrite, isPerTime bool
	u.isKnown = len(words) > 0
	for _, word := range words {
		word = strings.ToLower(word)
		switch word {
		case "input", "output":
			direction = word
		case "response":
			direction = "output"
		case "audio", "speech":
			modality = "audio"
		case "image":
			modality = word
		case "cache", "cached":
			isCached = true
		case "write", "writes":
			isWrite = true
		case "1h", "5m":
			ttl = "_" + word
		case "token", "tokens":
			u.isTokens = true
		case "batch", "flex", "priority":
			u.tier = word
		case "standard":
			u.tier = word
		case "latency", "optimized":
			u.tier = "latency_optimized"
		case "global":
			u.isGlobal = true
		case "long", "ctx", "lctx", "context":
			u.context = "long"
		case "reserved", "provisionedthroughput", "tpm", "commit", "nocommit", "modelunits":
			isPerTime = true
		case "1", "3", "6", "month", "months", "1month", "3month", "6months", "per", "minute",
			"usage", "1monthcommit", "6monthscommit":
			u.isKnown = u.isKnown && isPerTime
		case "text", "read", "reads", "count", "cross", "region", "geo", "regional", "mantle",
			"million", "on", "demand", "30m", "us", "eu", "apac", "jp", "au", "ca", "in":
		default:
			u.isKnown = false
		}
	}
	u.isReserved = isPerTime
	if u.isKnown && !isPerTime && u.isTokens {
		u.tokenType = openaiTokenType(direction, modality, isCached, isWrite)
	}
	if u.tokenType == "cache_write" && ttl != "" {
		u.tokenType += ttl
	}
	if u.tokenType == "" && isCached && !isWrite && direction == "" && u.isKnown && u.isTokens {
		u.tokenType = "cache_read" // cache_read_tokens
	}
}

// camelWords cuts CacheWrite1hInputTokenCount_Global and cache_read_tokens_standard into words.
func camelWords(text string) []string {
	var words []string
	begin := 0
	runes := []rune(text)
	for i, c := range runes {
		isBreak := c == '_' || c == '-'
		isHump := i > begin && unicode.IsUpper(c) && !unicode.IsUpper(runes[i-1])
		if isBreak || isHump || isTTL(runes, begin, i) {
			if i > begin {
				words = append(words, string(runes[begin:i]))
			}
			begin = i
			if isBreak {
				begin = i + 1
			}
		}
	}
	if begin < len(runes) {
		words = append(words, string(runes[begin:]))
	}
	return words
}

// isTTL reports that a lifetime begins within a word: Write|1hInput.
func isTTL(runes []rune, begin, i int) bool {
	return i > begin && unicode.IsDigit(runes[i]) && unicode.IsLetter(runes[i-1]) &&
		i+1 < len(runes) && (runes[i+1] == 'h' || runes[i+1] == 'm')
}

// awsRegion gives the region of a usage type's prefix, "" for any other text.
func awsRegion(prefix string) string {
	switch prefix {
	case "EU":
		return "eu-west-1"
	case "UGW1":
		return "us-gov-west-1"
	case "UGE1":
		return "us-gov-east-1"
	case "APS3": // the prefixes of Asia count in the order of opening, by direction
		return "ap-south-1"
	case "APS4":
		return "ap-southeast-3"
	case "APS5":
		return "ap-south-2"
	case "APS6":
		return "ap-southeast-4"
	case "APS7":
		return "ap-southeast-5"
	case "CAN2":
		return "ca-west-1"
	}
	if len(prefix) < 4 || len(prefix) > 5 {
		return ""
	}
	place, number := prefix[:len(prefix)-1], prefix[len(prefix)-1:]
	if number < "1" || number > "9" {
		return ""
	}
	names := map[string]string{"USE": "us-east", "USW": "us-west", "EUW": "eu-west",
		"EUC": "eu-central", "EUN": "eu-north", "EUS": "eu-south", "APN": "ap-northeast",
		"APS": "ap-southeast", "APE": "ap-east", "CAN": "ca-central", "SAE": "sa-east",
		"MES": "me-south", "MEC": "me-central", "AFS": "af-south", "ILC": "il-central",
		"MXC": "mx-central"}
	if name := names[place]; name != "" {
		return name + "-" + number
	}
	return ""
}
