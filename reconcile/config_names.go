package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"tieout/pricing"
)

// settingName is the name of a provider or gateway in a configuration, and where it stands.
type settingName struct{ kind, name, where string }

func (c configReader) note(kind, name string, at ast.Node) {
	*c.names = append(*c.names, settingName{kind, name, c.where(at)})
}

// CheckNames holds the providers and gateways that a configuration names against those that are
// known. One that is not known is the user's own, but what is a letter or two away from a known
// one is misspelt and would be passed over in silence.
func (c *Config) CheckNames(book *pricing.Book) error {
	if c == nil {
		return nil
	}
	var gateways []string
	for _, a := range advices() {
		if !slices.Contains(gateways, a.gateway) {
			gateways = append(gateways, a.gateway)
		}
	}
	for _, n := range c.names {
		known, name := gateways, n.name
		if n.kind == "provider" {
			known, name = book.Providers(), providerName(book, n.name)
		}
		isOwn := n.kind == "gateway" && slices.ContainsFunc(known, func(k string) bool {
			return name != k && strings.HasPrefix(name, k) // litellm2 is another one of the kind
		})
		if !isOwn && isMisspelt(name, known) {
			return &SettingError{Problem: fmt.Sprintf("%s: no %s is called %s", n.where, n.kind,
				strconv.Quote(n.name)), Hint: nearest(strings.ToLower(name), known)}
		}
	}
	return nil
}

// isMisspelt tells a name that is nearly a known one.
func isMisspelt(name string, known []string) bool {
	lower := strings.ToLower(name)
	if slices.Contains(known, name) {
		return false
	}
	return slices.ContainsFunc(known, func(candidate string) bool {
		apart := lettersApart(lower, candidate)
		switch {
		case apart == 0:
			return true
		case len(candidate) < 5 || len(lower) < 4:
			return false
		case len(lower) == 4:
			return apart == 1
		}
		return apart <= 2
	})
}

// providerName gives our name of a provider, however it is written.
func providerName(book *pricing.Book, name string) string {
	return book.Keys(pricing.Query{Provider: name})[0].Provider
}

// modelNames gives the ids by which the price list knows a model, whatever alias it is named by.
func modelNames(book *pricing.Book, name string) []string {
	var ids []string
	for _, key := range book.Keys(pricing.Query{Model: name}) {
		if !slices.Contains(ids, key.Model) {
			ids = append(ids, key.Model)
		}
	}
	return ids
}

// reportNames gives the tolerances by the names of the reports: what names a provider or model
// as they do comes before what names it otherwise.
func reportNames(book *pricing.Book, all []Tolerance) []Tolerance {
	isNamed := map[[2]string]bool{}
	for _, t := range all {
		isNamed[[2]string{t.Scope, t.Name}] = true
	}
	named := slices.Clone(all)
	for _, t := range all {
		var names []string
		switch t.Scope {
		case "provider":
			names = []string{providerName(book, t.Name)}
		case "model":
			names = modelNames(book, t.Name)
		}
		for _, name := range names {
			if t.Name = name; !isNamed[[2]string{t.Scope, name}] {
				isNamed[[2]string{t.Scope, name}] = true
				named = append(named, t)
			}
		}
	}
	return named
}
