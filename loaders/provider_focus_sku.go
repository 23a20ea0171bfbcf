package loaders

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// focusSKU is what a row says of the model and of what was counted.
type focusSKU struct {
	provider, model, tokenType string
	tier, context, region      string
	isAI, isMarket             bool
}

// sku reads the SKU of a row: by the properties of SkuPriceDetails, else as the cloud names it,
// else by the words of its meter.
func (r *focusReader) sku(row csvRow) focusSKU {
	name := row.first("serviceprovidername", "providername")
	sku := focusSKU{provider: focusProvider(name), region: row.text("regionid")}
	switch sku.provider {
	case "bedrock":
		r.awsSKU(row, &sku)
	case "azure":
		r.azureSKU(row, &sku)
	case "vertex":
		r.googleSKU(row, &sku)
	default:
		sku.isAI = isFocusAI(row)
		sku.tokenType = meterTokenType(row.first("skumeter", "x_skumetername"))
		if id := row.text("resourceid"); sku.isAI && !strings.ContainsAny(id, "/: ") {
			sku.model = id // who has no resources puts the model there
		}
	}
	details := parseObject(row.text("skupricedetails"), &r.parser)
	if details != nil {
		sku.takeDetails(details)
	}
	if sku.model == "" {
		sku.model = row.first("x_modelid", "x_model", "x_responsemodel")
	}
	if sku.model == "" && strings.Contains(strings.ToLower(row.text("resourcetype")), "model") {
		sku.model = row.text("resourcename")
	}
	if sku.model == "" && sku.isAI {
		sku.takeID(row.text("skuid"), row.text("skupriceid"))
	}
	if sku.model == "" && sku.provider == "openai" {
		sku.takeItem(parseLineItem(row.text("skumeter")))
	}
	if sku.model == "" && sku.isAI {
		sku.takeWords(row.text("skumeter"), row.text("skuid"), row.text("chargedescription"))
	}
	return sku
}

// takeWords reads texts that begin with a model and go on in the words of a token type, as
// gpt-5-mini Cached Input Tokens; or are the name of a model, where another column has the type.
func (s *focusSKU) takeWords(texts ...string) {
	for _, text := range texts {
		model, words, _ := strings.Cut(strings.TrimSpace(text), " ")
		model = strings.TrimRight(model, ",:")
		tokenType := meterTokenType(words)
		if !isModelName(model) || tokenType == "" && (words != "" || s.tokenType == "") {
			continue
		}
		s.model, s.tokenType = model, firstText(s.tokenType, tokenType)
		return
	}
}

// isModelName reports a word that begins as the models of those do who sell nothing else.
func isModelName(word string) bool {
	lower := strings.ToLower(word)
	for _, family := range []string{"gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-",
		"claude-", "mistral-", "ministral-", "codestral-", "magistral-", "deepseek-", "grok-",
		"command-", "embed-", "llama-", "qwen", "gemini-"} {
		if strings.HasPrefix(lower, family) && strings.ContainsAny(lower, "0123456789-") {
			return true
		}
	}
	return false
}

// takeItem reads a meter that is the line item of OpenAI's own costs.
func (s *focusSKU) takeItem(item openaiItem) {
	if item.model == "" || item.tokenType == "" {
		return
	}
	s.model, s.tokenType = item.model, item.tokenType
	s.tier = firstText(s.tier, item.tier)
	s.context = firstText(s.context, longContext(item.context, item.model))
}

// takeID reads ids that are written as provider/model/token type, and behind it the lifetime of a
// cache and the tier: anthropic/claude-haiku-4-5/cache_write/5m/standard.
func (s *focusSKU) takeID(ids ...string) {
	for _, id := range ids {
		parts := strings.Split(id, "/")
		if len(parts) < 3 || focusProvider(parts[0]) != s.provider {
			continue
		}
		tokenType := tokenTypeOf(parts[2])
		if parts[2] == "reasoning" || parts[2] == "web_search" {
			tokenType = parts[2]
		}
		if tokenType == "" {
			continue
		}
		s.model = parts[1]
		if s.tokenType == "" {
			s.tokenType = tokenType
		}
		for _, condition := range parts[3:] {
			switch {
			case s.tokenType == "cache_write" && (condition == "5m" || condition == "1h"):
				s.tokenType += "_" + condition
			case s.tier == "" && isOpenAITier(condition):
				s.tier = condition
			case condition == "gt200k":
				s.context = "200k-1m"
			}
		}
	}
}

// focusProvider gives our name of a provider; a name that is not known stays, in lower case.
func focusProvider(name string) string {
	lower := strings.ToLower(strings.TrimSpace(name))
	for _, of := range [][2]string{{"aws", "bedrock"}, {"amazon", "bedrock"}, {"azure", "azure"},
		{"microsoft", "azure"}, {"google", "vertex"}, {"openai", "openai"},
		{"anthropic", "anthropic"}, {"mistral", "mistral"}, {"openrouter", "openrouter"},
		{"deepseek", "deepseek"}, {"fireworks", "fireworks"}, {"groq", "groq"},
		{"x.ai", "xai"}, {"xai", "xai"}, {"together", "together"}, {"cohere", "cohere"}} {
		if strings.HasPrefix(lower, of[0]) {
			return of[1]
		}
	}
	return lower
}

func (r *focusReader) awsSKU(row csvRow, sku *focusSKU) {
	text := row.first("x_usagetype", "skumeter")
	usage := r.types.of(text)
	service := row.first("x_servicecode", "servicename") + " " + row.text("servicename")
	sku.isAI = strings.Contains(service, "Bedrock") || usage.isTokens ||
		strings.Contains(service, "Claude Platform")
	sku.isMarket = usage.isMarket
	if sku.model = usage.model; sku.model == "" && strings.Contains(service, "Bedrock Edition") {
		sku.model = awsModel(row.text("servicename"))
	}
	sku.tokenType, sku.tier = usage.tokenType, usage.tier
	sku.context = longContext(usage.context, sku.model)
	if usage.isGlobal {
		sku.region = "global"
	}
	if strings.Contains(service, "Claude Platform") {
		sku.provider, sku.region = "anthropic", ""
	}
}

func (r *focusReader) azureSKU(row csvRow, sku *focusSKU) {
	family := row.text("x_skumetersubcategory") + " " +
		firstText(row.text("x_skumetercategory"), row.text("servicename")) + " " +
		row.text("publishername")
	meter := r.meters.of(azureName(row.first("x_skumetername", "skumeter"), family))
	text := strings.ToLower(row.first("x_skumetername", "skumeter"))
	if meter.maker == "" && !(meter.tokenType != "" && strings.Contains(text, "token")) {
		return // another of Azure's services
	}
	sku.isAI, sku.model, sku.tokenType = true, meter.model, meter.tokenType
	sku.tier, sku.context = meter.tier, longContext(meter.context, meter.model)
	if meter.maker != "openai" && meter.maker != "" && meter.maker != "microsoft" {
		sku.provider = "azure_ai"
	}
	switch meter.zone {
	case "global":
		sku.region = meter.zone
	case "datazone":
		sku.region = dataZone(sku.region)
	}
}

func (r *focusReader) googleSKU(row csvRow, sku *focusSKU) {
	named := r.skus.of(row.first("skumeter", "x_skudescription", "chargedescription"))
	if !named.isAI {
		named = r.skus.of(row.text("chargedescription"))
	}
	sku.isAI, sku.model, sku.tokenType = named.isAI, named.model, named.tokenType
	if !sku.isAI {
		sku.isAI = isGoogleBeside(row.text("servicename"), focusCategory(row),
			row.text("chargedescription"))
	}
	sku.tier, sku.context = named.tier, longContext(named.context, named.model)
	if named.zone == "global" {
		sku.region = named.zone
	}
	if isGeminiAPI(row.text("servicename")) {
		sku.provider, sku.region = "google", ""
	}
}

// isFocusAI reports a row of an AI service; of providers that sell nothing else, every row is.
func isFocusAI(row csvRow) bool {
	if strings.EqualFold(row.text("servicecategory"), "AI and Machine Learning") {
		return true
	}
	switch focusProvider(row.first("serviceprovidername", "providername")) {
	case "openai", "anthropic", "mistral", "openrouter", "deepseek", "fireworks", "groq", "xai",
		"together", "cohere":
		return true
	}
	return false
}

// takeDetails reads the properties that say most precisely what a SKU is.
func (s *focusSKU) takeDetails(details *fastjson.Value) {
	text := func(keys ...string) string {
		for _, key := range keys {
			if found := textAt(details, key); found != "" {
				return strings.Clone(found)
			}
		}
		return ""
	}
	if model := text("ModelId", "x_ModelId", "ModelID", "x_Model", "x_ModelName"); model != "" {
		s.model, s.isAI = model, true
	}
	if tokenType := meterTokenType(text("TokenType", "x_TokenType")); tokenType != "" {
		s.tokenType = tokenType
	}
	if tier := text("x_ServiceTier", "ServiceTier"); tier != "" {
		s.tier = tier
	}
	if context := text("x_ContextTier", "x_ContextWindow"); context != "" {
		s.context = contextTier(context)
	}
	direction := strings.ToLower(text("TokenDirection", "x_TokenDirection"))
	if direction == "" {
		return
	}
	action := strings.ToLower(text("TokenCacheAction", "CacheAction", "x_TokenCacheAction"))
	modality := strings.ToLower(text("x_TokenModality", "TokenModality"))
	if modality == "text" {
		modality = ""
	}
	s.isAI = true
	s.tokenType = openaiTokenType(direction, modality, action == "read" || action == "write",
		action == "write")
	if action == "other" {
		s.tokenType = ""
	}
	if ttl := strings.ToLower(text("x_CacheTtl", "CacheTtl")); s.tokenType == "cache_write" &&
		(ttl == "5m" || ttl == "1h") {
		s.tokenType += "_" + ttl
	}
	if isTrue(details.Get("x_Reasoning")) && direction == "output" {
		s.tokenType = "reasoning"
	}
}

// meterTokenType reads a meter that names its token type in words: "Cache Read Input Tokens".
func meterTokenType(meter string) string {
	lower := strings.ToLower(meter)
	switch {
	case strings.Contains(lower, "web search"):
		return "web_search"
	case strings.Contains(lower, "reasoning") && strings.Contains(lower, "output"):
		return "reasoning"
	}
	for _, lifetime := range []string{"5m", "1h"} {
		if words, found := cutWord(lower, lifetime); found {
			if tokenType := tokenTypeOf(words); tokenType == "cache_write" {
				return tokenType + "_" + lifetime
			}
		}
	}
	return tokenTypeOf(meter)
}

// cutWord takes a word, which may stand in brackets, out of a text.
func cutWord(text, word string) (rest string, found bool) {
	words := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" _()", c) })
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == word })
	return strings.Join(kept, " "), len(kept) < len(words)
}
