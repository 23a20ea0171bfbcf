package pricing

import (
	"regexp"
	"strings"
	"time"
)

// Query asks what a call is priced by, raw, as the logs have it.
type Query struct{ Provider, Model, ServiceTier, Region string }

// resolved is what a query's names mean at one moment.
type resolved struct {
	provider, model string
	tier, region    string
	geo             string // the geography in a Bedrock id: us, eu, global, ...
	found           bool
	ambiguous       bool
	hint            string
	path            []string
}

// step records one readable step.
func (r *resolved) step(text string) { r.path = append(r.path, text) }

// resolve reads the names of a query: it parses, never matches a part of a name, and records
// every step. After each rewriting the list is asked, so a listed name is never rewritten.
func (b *Book) resolve(q Query, at time.Time) resolved {
	r := resolved{
		provider: b.names.provider(q.Provider),
		model:    strings.ToLower(strings.TrimSpace(q.Model)),
	}
	if r.provider != q.Provider {
		r.step("provider " + quote(q.Provider) + " -> " + quote(r.provider))
	}
	geo := ""
	r.region, geo = conditionRegion(q)
	b.findModel(&r, at)
	if r.geo == "" {
		r.geo = geo
	}
	isSaid := r.geo == "" || r.geo == r.region
	if r.provider == "bedrock" && isSaid && isGeography(r.region) {
		r.geo, r.region = r.region, ""
	}
	r.tier = plainTier(r.provider, q.ServiceTier)
	if r.tier != q.ServiceTier {
		r.step("service tier " + quote(q.ServiceTier) + " -> " + r.tier)
	}
	return r
}

// freeVariants is the name by which OpenRouter's list has what all its models that end so cost.
const freeVariants = ":free"

// priceFree prices a free variant that OpenRouter's list has no rows of: all are.
func (r *resolved) priceFree() {
	if r.found || r.provider != "openrouter" || !strings.HasSuffix(r.model, freeVariants) {
		return
	}
	r.model, r.found = freeVariants, true
	r.step("OpenRouter's ids that end in " + freeVariants + " cost nothing")
}

// quote puts a name in double quotes.
func quote(text string) string { return `"` + clip(text) + `"` }

// conditionRegion reads the region, which may also be written behind the tier, as in
// "standard;region=eu" or "standard;geo=global", and the geography where both are said. Of regions
// that have one price, "us|eu", the first is asked for.
func conditionRegion(q Query) (region, geo string) {
	region = plainRegion(q.Region)
	_, conditions, _ := strings.Cut(strings.ToLower(q.ServiceTier), ";")
	for condition := range strings.SplitSeq(conditions, ";") {
		switch name, value, _ := strings.Cut(condition, "="); {
		case name == "geo":
			geo = plainRegion(value)
		case name == "region" && region == "":
			first, _, _ := strings.Cut(value, "|")
			region = plainRegion(first)
		}
	}
	if region == "" {
		return geo, ""
	}
	return region, geo
}

// findModel rewrites the raw name until the list knows it.
func (b *Book) findModel(r *resolved, at time.Time) {
	if r.model == "" {
		r.hint = "no model is given"
		return
	}
	if b.tryModel(r, at) {
		return
	}
	for _, rewrite := range rewritings() {
		if !rewrite(b, r) {
			continue
		}
		if b.tryModel(r, at) {
			r.hint = ""
			return
		}
		if r.hint != "" {
			return
		}
	}
	b.explainUnknown(r, at)
}

// tryModel asks the list for the name as it stands.
func (b *Book) tryModel(r *resolved, at time.Time) bool {
	if r.provider == "" {
		return b.tryMakers(r, at)
	}
	model, step, ok := b.names.lookup(r.provider, r.model, at)
	if other, isAzure := azureOther(r.provider); !ok && isAzure {
		if model, step, ok = b.names.lookup(other, r.model, at); ok {
			r.provider = other
			r.step("Azure has the model under its other name: provider " + other)
		}
	}
	if !ok {
		return false
	}
	r.model, r.found = model, true
	r.step(step)
	if geo := Geography(model); geo != "" && !b.names.models[r.provider+"/"+model] {
		r.geo, r.model = geo, model[len(geo)+1:] // a user's alias of a profile
	}
	return true
}

// azureGuests is the provider of other makers' models on Azure.
const azureGuests = "azure_ai"

// azureOther is the other of the two names that Azure's models are listed by: one host serves both,
// and clients of either name call OpenAI's models and other makers'.
func azureOther(provider string) (other string, isAzure bool) {
	switch provider {
	case "azure":
		return azureGuests, true
	case azureGuests:
		return "azure", true
	}
	return "", false
}

// makers are the providers that make the models they serve; the others resell.
func makers() []string {
	return []string{"anthropic", "deepseek", "google", "mistral", "openai", "xai"}
}

// tryMakers asks the makers when no provider is given. More than one answer is ambiguous.
func (b *Book) tryMakers(r *resolved, at time.Time) bool {
	if strings.Contains(r.model, "/") || LooksLikeBedrock(r.model) {
		return false // the name itself says more: read that first
	}
	var found []string
	for _, maker := range makers() {
		if _, _, ok := b.names.lookup(maker, r.model, at); ok && !isGuest(maker, r.model) {
			found = append(found, maker)
		}
	}
	switch len(found) {
	case 0:
		return false
	case 1:
		r.provider = found[0]
		r.step("no provider given: " + found[0] + " makes " + r.model)
		return b.tryModel(r, at)
	}
	r.ambiguous = true
	r.hint = quote(r.model) + " is listed by " + strings.Join(found, ", ") + ": give the provider"
	return true
}

// isGuest reports whether a maker's list has another maker's model (Google's has Claude, Mistral's
// DeepSeek and GLM).
func isGuest(maker, model string) bool {
	switch family, _, _ := strings.Cut(model, "-"); family {
	case "claude":
		return maker != "anthropic"
	case "deepseek":
		return maker != "deepseek"
	case "zai":
		return true
	}
	return false
}

// snapshotDate matches the date that ends a snapshot's name.
func snapshotDate() *regexp.Regexp {
	return regexp.MustCompile(`[-@](\d{4}-\d{2}-\d{2}|20\d{6}|\d{4})$`)
}

// explainUnknown says what to try for a name that the list does not know.
func (b *Book) explainUnknown(r *resolved, at time.Time) {
	if r.provider == "" {
		r.hint = quote(r.model) + " is not listed by any maker: give the provider"
		return
	}
	family := snapshotDate().ReplaceAllString(r.model, "")
	if family != r.model {
		if model, _, ok := b.names.lookup(r.provider, family, at); ok {
			r.hint = "snapshot " + r.model + " is not listed; its family " + model +
				" is: list the snapshot or an alias"
			return
		}
	}
	r.hint = quote(r.model) + " is not listed for " + r.provider
	kind, _, _ := strings.Cut(r.model, "/")
	if r.provider == "azure" || r.provider == "bedrock" && isOpaque(kind) {
		r.hint += ": if it is a name of your own, " + howToMap
		return
	}
	if sized := b.names.sizes(r.provider, r.model); len(sized) > 0 {
		r.hint += " but by size and quality: name the call's as one of " + strings.Join(sized, ", ")
		return
	}
	if others := b.names.listedBy(r.model); len(others) > 0 {
		r.hint += " (it is for " + strings.Join(others, ", ") + ")"
	}
}
