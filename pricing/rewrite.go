package pricing

import (
	"regexp"
	"slices"
	"strings"
)

// rewriting is one way to read more out of a raw model name; it reports whether it changed it.
type rewriting func(*Book, *resolved) bool

// rewritings returns the ways in the order they are tried. A prefix goes before a variant: the
// list may have the variant, openrouter/z-ai/glm-4.6:exacto, at a price of its own.
func rewritings() []rewriting {
	return []rewriting{
		cutSlug, cutResource, cutPrefix, cutVariant, fullName, cutPrefix, cutPrefix, cutResource,
		cutGeography, cutContext, joinWords, plainVersionTag, plainDots, fineTuned,
	}
}

// fullName reads the maker's own name of a model that a reseller lists with the maker in front, or
// with a path: the answer of a call through OpenRouter says gpt-5, its list openai/gpt-5. Only one
// model of the list may end in it.
func fullName(b *Book, r *resolved) bool {
	switch r.provider {
	case "openrouter", "together", "fireworks":
	default:
		return false
	}
	if strings.Contains(r.model, "/") {
		return false
	}
	full := b.names.endingIn(r.provider, r.model)
	for _, maker := range makers() {
		for _, a := range b.names.aliases[maker+"/"+r.model] {
			if full == "" && a.kind == "snapshot" {
				full = b.names.endingIn(r.provider, a.model)
			}
		}
	}
	if full == "" {
		return false
	}
	r.model = full
	r.step(r.provider + "'s name: " + full)
	return true
}

// cutSlug drops the operator's name of a provider that Portkey writes in front of a model,
// @openai-prod/gpt-5, where the provider is given: the name itself tells none for sure. Workers AI
// has its models behind @cf and @hf.
func cutSlug(_ *Book, r *resolved) bool {
	slug, model, ok := strings.Cut(r.model, "/")
	if !ok || !strings.HasPrefix(slug, "@") || slug == "@cf" || slug == "@hf" || r.provider == "" {
		return false
	}
	r.model = model
	r.step("stripped the provider's slug " + quote(slug+"/"))
	return true
}

// cutResource reads resource names: Bedrock ARNs, Vertex and Gemini paths.
func cutResource(_ *Book, r *resolved) bool {
	if strings.HasPrefix(r.model, "arn:") {
		return cutARN(r)
	}
	before := r.model
	if at := strings.Index(r.model, "/locations/"); at >= 0 {
		location, _, _ := strings.Cut(r.model[at+len("/locations/"):], "/")
		r.setRegion(location)
		r.setProvider("vertex")
	}
	if at := strings.Index(r.model, "publishers/"); at >= 0 {
		r.setProvider("vertex")
		if _, model, ok := strings.Cut(r.model[at:], "/models/"); ok {
			r.model = model
		}
	}
	r.model = strings.TrimPrefix(r.model, "models/")
	if r.model == before {
		return false
	}
	r.step("resource name: model " + r.model)
	return true
}

// cutARN reads a Bedrock ARN: its region, and the model or inference profile it ends in.
func cutARN(r *resolved) bool {
	parts := strings.SplitN(r.model, ":", 6)
	if len(parts) < 6 || parts[2] != "bedrock" {
		r.hint = "an ARN, but not of Bedrock"
		return true
	}
	r.setProvider("bedrock")
	r.setRegion(parts[3])
	kind, id, _ := strings.Cut(parts[5], "/")
	r.model = id
	r.step("ARN: region " + quote(parts[3]) + ", " + kind + " " + id)
	if isOpaque(kind) {
		r.hint = kind + " " + id + " does not name its model: " + howToMap
	}
	return true
}

// howToMap says how a user names the model behind a name of the user's own.
const howToMap = "map it to one with --prices FILE, a CSV of provider,alias,model"

// isOpaque reports whether a kind of Bedrock resource has an id that names no model.
func isOpaque(kind string) bool {
	switch kind {
	case "application-inference-profile", "provisioned-model", "prompt-router",
		"custom-model-deployment", "imported-model", "custom-model":
		return true
	}
	return false
}

// setProvider sets the provider where none is given.
func (r *resolved) setProvider(provider string) {
	if r.provider == "" {
		r.provider = provider
	}
}

// setRegion sets the region where none is given.
func (r *resolved) setRegion(region string) {
	if r.region == "" {
		r.region = plainRegion(region)
	}
}

// cutPrefix strips a gateway prefix: openai/, azure/, bedrock/converse/, openrouter/ ...
func cutPrefix(b *Book, r *resolved) bool {
	prefix, rest, ok := strings.Cut(r.model, "/")
	if !ok {
		return false
	}
	switch prefix {
	case "converse", "invoke", "converse_like", "chat", "responses", "publishers", "global",
		"global-standard", "meta-llama", "qwen":
		if r.provider == "" || r.provider == "openrouter" {
			return false
		}
	default:
		named, known := b.names.knownProvider(prefix)
		if !known && prefix == r.provider { // one that only a user's file lists
			named, known = prefix, true
		}
		if !known && !isRegionName(prefix) {
			return false
		}
		if r.provider == "openrouter" && named != r.provider {
			return false // the maker is a part of OpenRouter's ids
		}
		if known && !r.admits(named) {
			r.hint = "the model name says " + named + ", the provider is " + r.provider
			return true
		}
		if known {
			r.setProvider(named)
		} else {
			r.setRegion(prefix)
		}
	}
	r.model = rest
	r.step("stripped prefix " + quote(prefix+"/"))
	return true
}

// admits reports whether a prefix that names a provider can stand under the given one: the same
// one, none given, the other name of Azure, or a maker's name under a reseller.
func (r *resolved) admits(named string) bool {
	if r.provider == "" || named == "" || named == r.provider {
		return true
	}
	if other, _ := azureOther(r.provider); other == named {
		return true
	}
	return !slices.Contains(makers(), r.provider) && slices.Contains(makers(), named)
}

// isRegionName reports whether a path part looks like a cloud region or a geography.
func isRegionName(text string) bool {
	return regexp.MustCompile(`^(us|eu|[a-z]{2,}(-[a-z]+)+-?\d+)$`).MatchString(text)
}

// LooksLikeBedrock reports whether a name has the form vendor.model of Bedrock.
func LooksLikeBedrock(name string) bool {
	parts := strings.Split(name, ".")
	for _, part := range parts[:len(parts)-1] {
		switch part {
		case "anthropic", "amazon", "meta", "openai", "mistral", "cohere", "ai21", "deepseek",
			"qwen", "stability", "writer", "google", "nvidia", "zai", "moonshot", "minimax":
			return true
		}
	}
	return false
}

// cutGeography reads the geography in front of a Bedrock id: us., eu., global. ...
func cutGeography(_ *Book, r *resolved) bool {
	if r.provider != "bedrock" && (r.provider != "" || !LooksLikeBedrock(r.model)) {
		return false
	}
	changed := r.provider == ""
	if changed {
		r.provider = "bedrock"
		r.step("vendor.model: a Bedrock id")
	}
	geo, rest, ok := strings.Cut(r.model, ".")
	if !ok || !isGeography(geo) && geo != "regional" {
		return changed
	}
	r.geo, r.model = plainRegion(geo), rest
	r.step("inference profile of geography " + quote(geo))
	return true
}

// cutContext drops a context-window marker: claude-opus-4-6[1m].
func cutContext(_ *Book, r *resolved) bool {
	model, marker, ok := strings.Cut(r.model, "[")
	if !ok {
		return false
	}
	r.model = strings.TrimSpace(model)
	r.step("stripped context marker " + quote("["+marker))
	return true
}

// joinWords turns a display name into an id: Claude Sonnet 4.5 -> claude-sonnet-4.5.
func joinWords(_ *Book, r *resolved) bool {
	if !strings.Contains(r.model, " ") {
		return false
	}
	r.model = strings.Join(strings.Fields(r.model), "-")
	r.step("display name: " + r.model)
	return true
}

// plainVersionTag reads @: a date or number is a snapshot (-20250929), @default and @latest name no
// other price, nor does any word behind a Claude. Other tags with digits are snapshots or endpoints
// that we do not know, and behind an Azure deployment's name @ means nothing.
func plainVersionTag(_ *Book, r *resolved) bool {
	model, tag, ok := strings.Cut(r.model, "@")
	if !ok || model == "" || r.provider == "azure" { // Workers AI has @cf/meta/llama
		return false
	}
	switch {
	case regexp.MustCompile(`^\d{3,8}$`).MatchString(tag):
		r.model = model + "-" + tag
	case tag == "default", tag == "latest":
		r.model = model
	case strings.HasPrefix(model, "claude") && !strings.ContainsAny(tag, "0123456789"):
		r.model = model
	default:
		return false
	}
	r.step("version tag " + quote("@"+tag) + ": " + r.model)
	return true
}

// cutVariant drops an OpenRouter variant that routes differently but has no price of its own;
// :free and :extended do have one, so they stay.
func cutVariant(_ *Book, r *resolved) bool {
	if strings.HasPrefix(r.model, "ft:") {
		return false
	}
	model, variant, ok := strings.Cut(r.model, ":")
	switch variant {
	case "nitro", "floor", "online", "thinking", "beta", "exacto":
	default:
		ok = false
	}
	if !ok {
		return false
	}
	r.model = model
	r.step("stripped variant " + quote(":"+variant))
	return true
}

// plainDots writes a Claude version with dashes: claude-sonnet-4.5 -> claude-sonnet-4-5.
func plainDots(_ *Book, r *resolved) bool {
	if !strings.HasPrefix(r.model, "claude") || !strings.Contains(r.model, ".") {
		return false
	}
	r.model = strings.ReplaceAll(r.model, ".", "-")
	r.step("dots of the version: " + r.model)
	return true
}

// FineTunedOf returns the model that a fine-tuned one was made of, gpt-4o of ft:gpt-4o:org::id; ""
// for the name of any other.
func FineTunedOf(model string) string {
	parts := strings.Split(model[strings.LastIndexByte(model, '/')+1:], ":")
	if len(parts) < 2 || !strings.EqualFold(parts[0], "ft") {
		return ""
	}
	return parts[1]
}

// fineTuned reads ft:BASE:org::id as the fine-tuned model ft:BASE, which has its own price.
func fineTuned(_ *Book, r *resolved) bool {
	base := FineTunedOf(r.model)
	if base == "" || r.model == "ft:"+base {
		return false
	}
	r.model = "ft:" + base
	r.step("fine-tuned: " + r.model)
	return true
}
